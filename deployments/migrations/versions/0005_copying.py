"""copying"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "copyability",
        sa.Column(
            "wallet",
            sa.Text(),
            nullable=False,
            comment="0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address",
        ),
        sa.Column("delay_s", sa.BigInteger(), nullable=False, comment="seconds"),
        sa.Column("notional", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("round_trips", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("events", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("mean", sa.Double(), nullable=False, comment="a statistic"),
        sa.Column("low", sa.Double(), nullable=True, comment="a statistic"),
        sa.Column("high", sa.Double(), nullable=True, comment="a statistic"),
        sa.Column("median", sa.Double(), nullable=False, comment="a statistic"),
        sa.Column("trimmed_mean", sa.Double(), nullable=False, comment="a statistic"),
        sa.Column("top_share", sa.Double(), nullable=True, comment="0 to 1"),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("wallet", "delay_s", "notional"),
        comment="One row per wallet, delay in seconds and USD a copy: what a copied BUY returned, 0.03 is 3 %.",
    )
    op.create_table(
        "counterfactuals",
        sa.Column("signal_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("verdict", sa.Text(), nullable=False, comment="What we make of a trade."),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why a verdict, a denial or a halt. Stored, counted, tuned."),
        sa.Column(
            "leader",
            sa.Text(),
            nullable=False,
            comment="0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address",
        ),
        sa.Column("condition_id", sa.Text(), nullable=False, comment="a market"),
        sa.Column("token_id", sa.Text(), nullable=False, comment="an outcome token of a market"),
        sa.Column("event", sa.Text(), nullable=False, comment="free text"),
        sa.Column("category", sa.Text(), nullable=False, comment="free text"),
        sa.Column("leader_price", sa.Numeric(precision=18, scale=10), nullable=False, comment="USD per share, 0 to 1"),
        sa.Column("price", sa.Numeric(precision=18, scale=10), nullable=True, comment="USD per share, 0 to 1"),
        sa.Column("delay_s", sa.Double(), nullable=False, comment="seconds"),
        sa.Column("stake", sa.Numeric(precision=18, scale=6), nullable=False, comment="USD, not negative"),
        sa.Column(
            "end",
            sa.Text(),
            nullable=False,
            comment="How a followed-up signal ended: with its leader's exit, with the resolution, priced out before it began, or not yet.",
        ),
        sa.Column("gain", sa.Double(), nullable=True, comment="a statistic"),
        sa.Column("pnl", sa.Numeric(precision=18, scale=6), nullable=True, comment="USD, a gain above zero, a loss below"),
        sa.Column("judged_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("signal_id"),
        comment="One row per entry signal, copied or skipped: what `stake` USD would have come to at the price we would have paid.",
    )
    op.create_table(
        "trap_flags",
        sa.Column(
            "wallet",
            sa.Text(),
            nullable=False,
            comment="0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address",
        ),
        sa.Column("trap", sa.Text(), nullable=False, comment="What makes a wallet dangerous to copy."),
        sa.Column("score", sa.Double(), nullable=False, comment="a statistic"),
        sa.Column("threshold", sa.Double(), nullable=False, comment="a statistic"),
        sa.Column("flagged", sa.Boolean(), nullable=False, comment="flagged"),
        sa.Column("observations", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("wallet", "trap"),
        comment="One row per wallet and trap it was looked at for: the score, the threshold it is held against, and how much it rests on.",
    )


def downgrade() -> None:
    op.drop_table("trap_flags")
    op.drop_table("counterfactuals")
    op.drop_table("copyability")
