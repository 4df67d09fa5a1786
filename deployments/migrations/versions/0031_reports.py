"""reports: of each day and week, and what a strategy had begun with at each point of its equity curve"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INSTANTS = ("begins_at", "ends_at")
SAYS = """One row per day or week (UTC) that is over: its figures as they were known `as_of` (`domain/operating/reports`), and a line."""


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("period", sa.Text(), nullable=False, comment="What a report is about: a day, or a week from Monday on; UTC."),
        *(sa.Column(name, postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant") for name in INSTANTS),
        sa.Column("summary", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("figures", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("period", "begins_at"),
        comment=SAYS,
    )
    op.add_column("equity", sa.Column("balance", sa.Numeric(precision=38, scale=9), nullable=True, comment="stake, not negative"))


def downgrade() -> None:
    op.drop_column("equity", "balance")
    op.drop_table("reports")
