"""account exposure: what may be open after one leader, in one token, at one venue"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COLUMNS = ("max_leader_usd", "max_token_usd", "max_venue_usd")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("account_limits", sa.Column(name, sa.Numeric(precision=38, scale=9), nullable=True, comment="USD, not negative"))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("account_limits", name)
