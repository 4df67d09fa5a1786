"""seals: the judge's on each order"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("seal", sa.Text(), nullable=False, server_default="", comment="free text"))
    op.alter_column("orders", "seal", server_default=None)


def downgrade() -> None:
    op.drop_column("orders", "seal")
