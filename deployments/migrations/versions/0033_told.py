"""told: as what an alert was told, and when its end was"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    says = "critical: money or truth is at stake now. warning: look today. info: to know."
    op.add_column("alerts", sa.Column("told_as", sa.Text(), nullable=True, comment=says))
    op.add_column("alerts", sa.Column("over_told_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"))


def downgrade() -> None:
    op.drop_column("alerts", "over_told_at")
    op.drop_column("alerts", "told_as")
