"""funded: what a strategy had begun with when its risk state was computed; to add to it is no gain, to take from it no loss"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("risk_states", sa.Column("balance", sa.Numeric(precision=38, scale=9), nullable=True, comment="stake, not negative"))


def downgrade() -> None:
    op.drop_column("risk_states", "balance")
