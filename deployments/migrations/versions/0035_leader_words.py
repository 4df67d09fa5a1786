"""leader words: whom an operator paused or blocked, and why"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SAYS = "One row per word of an operator about a leader (`tasks/operating/leader_standing.py`, its only writer); the last one holds."
STANDING = "What an operator says of a leader. PAUSED: nothing is entered behind it. BLOCKED: nor is it ever chosen. FREE ends both."
WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"


def upgrade() -> None:
    op.create_table(
        "leader_words",
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("wallet", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("ordered_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("standing", sa.Text(), nullable=False, comment=STANDING),
        sa.Column("why", sa.Text(), nullable=False, comment="free text"),
        sa.PrimaryKeyConstraint("strategy_id", "wallet", "ordered_at"),
        comment=SAYS,
    )


def downgrade() -> None:
    op.drop_table("leader_words")
