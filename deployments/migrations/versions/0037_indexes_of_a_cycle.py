"""indexes for what every cycle asks: the last results and the sum of a strategy's positions, peaks, scores and receipts"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INDEXES = (
    ("positions", ["strategy_id", "closed_at"]),
    ("positions", ["strategy_id", "realized_pnl"]),
    ("peaks", ["token_id"]),
    ("signal_scores", ["strategy_id", "token_id"]),
    ("swap_receipts", ["strategy_id", "traded", "rent", "sol_change"]),
)


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    for table, columns in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table_name=table)
