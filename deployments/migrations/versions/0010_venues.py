"""venues: what there was before is Polymarket's, and whether an order was simulated is no longer a venue"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

VENUE, CURRENCY = "Where it is traded.", "What a strategy counts in: USD (pUSD on Polymarket) or SOL."
TABLES = ("strategies", "signals", "fills", "positions")


def upgrade() -> None:
    for table in TABLES:
        _add(table, "venue", sa.Text(), VENUE, "'polymarket'")
    _add("strategies", "stake_currency", sa.Text(), CURRENCY, "'USD'")
    _add("orders", "is_simulated", sa.Boolean(), "is simulated", "venue = 'simulated'")
    op.execute("UPDATE orders SET venue = 'polymarket'")
    op.alter_column("orders", "venue", comment=VENUE)


def downgrade() -> None:
    op.execute("UPDATE orders SET venue = 'simulated' WHERE is_simulated")
    op.drop_column("orders", "is_simulated")
    op.drop_column("strategies", "stake_currency")
    for table in TABLES:
        op.drop_column(table, "venue")


def _add(table: str, name: str, kind: sa.types.TypeEngine[Any], comment: str, filled_with: str) -> None:
    op.add_column(table, sa.Column(name, kind, nullable=True, comment=comment))
    op.execute(f"UPDATE {table} SET {name} = {filled_with}")  # noqa: S608 (both are written here)
    op.alter_column(table, name, nullable=False)
