"""market ids: `condition_id` is Polymarket's word for what every venue has"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("consensus", "signals", "exits", "orders", "fills", "positions", "settlements", "counterfactuals")


def upgrade() -> None:
    for table in TABLES:
        op.alter_column(table, "condition_id", new_column_name="market_id")


def downgrade() -> None:
    for table in TABLES:
        op.alter_column(table, "market_id", new_column_name="condition_id")
