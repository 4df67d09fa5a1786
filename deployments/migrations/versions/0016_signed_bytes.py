"""a signed order may carry its bytes and an expiry"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SIGNED_BYTES = "what was signed, base64; empty where it is made when it is posted"


def upgrade() -> None:
    op.add_column("orders", sa.Column("signed_bytes", sa.Text(), nullable=False, server_default="", comment=SIGNED_BYTES))
    op.alter_column("orders", "signed_bytes", server_default=None)
    op.add_column("orders", sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"))


def downgrade() -> None:
    op.drop_column("orders", "expires_at")
    op.drop_column("orders", "signed_bytes")
