"""Whether a wallet still knows what it knew: one row per change.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edge_states",
        sa.Column(
            "wallet",
            sa.Text(),
            nullable=False,
            comment="0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address",
        ),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column(
            "form",
            sa.Text(),
            nullable=False,
            comment="IN_FORM has its edge as far as its bets tell; FADED has rung the alarm and not come back.",
        ),
        sa.Column(
            "brief",
            sa.Text(),
            nullable=False,
            comment="The brief's rules of decay: DORMANT 30 days, DOWNGRADED after 3 losses in a row, REVIEW below 40 % of the last 20; or GOOD.",
        ),
        sa.Column("edge", sa.Double(), nullable=False, comment="a statistic"),
        sa.Column("bets", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("statistic", sa.Double(), nullable=False, comment="a statistic, not negative"),
        sa.Column("rings_from", sa.Double(), nullable=False, comment="a statistic, not negative"),
        sa.Column("heard_from", sa.Double(), nullable=False, comment="a statistic, not negative"),
        sa.Column("false_alarms", sa.Double(), nullable=False, comment="0 to 1"),
        sa.Column("win_rate", sa.Double(), nullable=True, comment="0 to 1"),
        sa.Column("losses_in_a_row", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("last_trade_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("why", sa.Text(), nullable=False, comment="free text"),
        sa.PrimaryKeyConstraint("wallet", "changed_at"),
        comment="One row per wallet and change of `form` or `brief`; the newest is how it stands, as of `checked_at`.",
    )


def downgrade() -> None:
    op.drop_table("edge_states")
