"""rates: what a currency of ours was worth in USD, by the instant we knew it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "One row per currency strategies count in and instant at which we learned what it is worth: `usd` for one of it."


def upgrade() -> None:
    op.create_table(
        "rates",
        sa.Column("currency", sa.Text(), nullable=False, comment="What a strategy counts in: USD (pUSD on Polymarket) or SOL."),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("usd", sa.Numeric(precision=38, scale=18), nullable=False, comment="USD for one of a currency"),
        sa.Column("source", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.PrimaryKeyConstraint("currency", "seen_at"),
        comment=TABLE,
    )


def downgrade() -> None:
    op.drop_table("rates")
