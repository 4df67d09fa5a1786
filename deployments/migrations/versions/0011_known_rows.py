"""known rows: what is needed to sell a token is kept with the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_rows",
        sa.Column("token_id", sa.Text(), nullable=False, comment="an outcome token of a market"),
        sa.Column("record", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("row", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("token_id", "record"),
        comment="One row per token we hold or ordered and kind of record: what is needed to sell it, kept with the ledger.",
    )


def downgrade() -> None:
    op.drop_table("known_rows")
