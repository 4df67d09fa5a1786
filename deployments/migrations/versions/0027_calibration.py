"""calibration: what was said of wallets beside what came, for the results page"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SAYS = """One row per kind of statement and group of it: what was said of our own history as of `said_at`, and what came by `until_at`."""


def upgrade() -> None:
    op.create_table(
        "calibration_figures",
        sa.Column("what", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("of", sa.Text(), nullable=False, comment="free text"),
        sa.Column("count", sa.BigInteger(), nullable=False, comment="a count"),
        *(sa.Column(name, sa.Float(53), nullable=True, comment="a statistic") for name in ("said", "came", "low", "high")),
        sa.Column("verdict", sa.Text(), nullable=False, comment="free text"),
        sa.Column("missing", sa.Text(), nullable=False, comment="free text"),
        *(
            sa.Column(name, postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant")
            for name in ("said_at", "until_at", "as_of")
        ),
        sa.PrimaryKeyConstraint("what", "of"),
        comment=SAYS,
    )


def downgrade() -> None:
    op.drop_table("calibration_figures")
