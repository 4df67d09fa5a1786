"""paces without a log"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE paces SET UNLOGGED")


def downgrade() -> None:
    op.execute("ALTER TABLE paces SET LOGGED")
