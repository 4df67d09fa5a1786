"""claims: what was posted of a leader is asked for whenever a feed shows a trade of that leader"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_taken_intents_leader", "taken_intents", ["leader"])


def downgrade() -> None:
    op.drop_index("ix_taken_intents_leader", "taken_intents")
