"""looking: what the results page asks for by time and by leader"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_signals_judged_at": ("signals", ["judged_at"]),
    "ix_signals_leader_judged_at": ("signals", ["leader", "judged_at"]),
    "ix_fills_filled_at": ("fills", ["filled_at"]),
    "ix_equity_as_of": ("equity", ["as_of"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
