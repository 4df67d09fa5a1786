"""alerts and paces"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column(
            "severity", sa.Text(), nullable=False, comment="critical: money or truth is at stake now. warning: look today. info: to know."
        ),
        sa.Column("what", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("about", sa.Text(), nullable=False, comment="free text"),
        sa.Column("message", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("raised_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("cleared_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("alert_id"),
        comment="One row per fault and what it is about, from the hour it began. `message` says the cure; `cleared_at` is null while it lasts.",
    )
    op.create_index("ix_alerts_cleared_at", "alerts", ["cleared_at"], unique=False)
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"], unique=False)
    op.create_table(
        "paces",
        sa.Column("name", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("free_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("name"),
        comment="One row per rate limit of a venue: when the last slot that was given away is. All processes share it.",
    )


def downgrade() -> None:
    op.drop_table("paces")
    op.drop_table("alerts")
