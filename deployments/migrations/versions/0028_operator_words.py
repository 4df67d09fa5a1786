"""operator's words: why he said it, and what he wants to be out of"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TOLD = "One row per word of an operator ({}, its only writer); a strategy's last one holds."


def upgrade() -> None:
    for column in ("why", "leaves"):
        op.add_column("operator_words", sa.Column(column, sa.Text(), nullable=False, server_default="", comment="free text"))
        op.alter_column("operator_words", column, server_default=None)
    op.alter_column("operator_words", "state", nullable=True)
    op.create_table_comment("operator_words", TOLD.format("`tasks/operating/trading_state.py`"))


def downgrade() -> None:
    op.execute("DELETE FROM operator_words WHERE state IS NULL")
    op.create_table_comment("operator_words", TOLD.format("flow `trading-state`"))
    op.alter_column("operator_words", "state", nullable=False)
    for column in ("leaves", "why"):
        op.drop_column("operator_words", column)
