"""strategy versions: what each strategy was, kept for ever; what it is now is the first of them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

SAYS = "One row per state a strategy ever had (`tasks/operating/strategy_versions.py`, its only writer); the last one is what it is now."
FIRST = """
INSERT INTO strategy_versions
  (strategy_id, version, venue, stake_currency, kind, policy, balance, enabled, created_at, updated_at, why)
SELECT strategy_id, 1, venue, stake_currency, kind, policy, balance, enabled, created_at, updated_at, 'as it was found' FROM strategies
"""


def upgrade() -> None:
    op.create_table(
        "strategy_versions",
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="a version, counted from 1"),
        sa.Column("venue", sa.Text(), nullable=False, comment="Where it is traded."),
        sa.Column("stake_currency", sa.Text(), nullable=False, comment="What a strategy counts in: USD (pUSD on Polymarket) or SOL."),
        sa.Column("kind", sa.Text(), nullable=False, comment="Decision kind of a strategy."),
        sa.Column("policy", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("balance", sa.Numeric(38, 9), nullable=False, comment="stake, not negative"),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="enabled"),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("why", sa.Text(), nullable=False, comment="free text"),
        sa.PrimaryKeyConstraint("strategy_id", "version"),
        comment=SAYS,
    )
    op.execute(FIRST)


def downgrade() -> None:
    op.drop_table("strategy_versions")
