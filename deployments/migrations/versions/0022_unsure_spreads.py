"""how far the cost of a book strays from the mean, with each fit of spreads"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spread_fits", sa.Column("unsure", sa.Double(), nullable=False, server_default="1", comment="a statistic, not negative"))
    op.alter_column("spread_fits", "unsure", server_default=None)


def downgrade() -> None:
    op.drop_column("spread_fits", "unsure")
