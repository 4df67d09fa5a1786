"""comment: the strategies' policy lives in the room of copying; the first revision was changed to say so, homes that had it were not"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COMMENT = "One row per strategy. `policy` is validated by `domain.copying.policy.Policy` before it is stored."


def upgrade() -> None:
    op.create_table_comment("strategies", COMMENT)


def downgrade() -> None:
    """A comment has no way back: it says the same in either."""
