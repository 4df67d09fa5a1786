"""signal_scores: what a weighted score was made of, by signal"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLE = "One row per Signal that a weighted score was given: the whole, its four factors and what these are made of, 0 to 1 each."
WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"
PRESET = "A named way out of a token that has no end of its own: what each does stands in `domain/copying/exits/presets.py`."


def fraction(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False, comment="0 to 1")


def upgrade() -> None:
    op.create_table(
        "signal_scores",
        sa.Column("signal_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("leader", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("token_id", sa.Text(), nullable=False, comment="a token: an outcome of a market, or a mint"),
        *map(fraction, ("score", "wallet_score", "win_rate", "pnl", "consistency", "cluster_score")),
        sa.Column("other_owners", sa.BigInteger(), nullable=False, comment="a count"),
        *map(fraction, ("token_score", "liquidity", "age", "concentration", "timing_score", "since_launch", "demand", "threshold")),
        sa.Column("exit_preset", sa.Text(), nullable=False, comment=PRESET),
        sa.Column("judged_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("signal_id"),
        comment=TABLE,
    )


def downgrade() -> None:
    op.drop_table("signal_scores")
