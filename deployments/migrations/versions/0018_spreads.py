"""what buying at once costs: fits by category and size, and the cost in each rating with its interval"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATISTIC, POSITIVE, COUNT, SECONDS = "a statistic", "a statistic, not negative", "a count", "seconds"
IN_A_RATING = ("spread", "spread_low", "spread_high")
TABLE = "One row per category and USD: what recorded books and those our feed saw say that buying or selling at once costs, USD a share."


def upgrade() -> None:
    for name in IN_A_RATING:
        op.add_column("copyability", sa.Column(name, sa.Double(), nullable=True, comment=POSITIVE))
    op.create_table(
        "spread_fits",
        sa.Column("category", sa.Text(), nullable=False, comment="free text"),
        sa.Column("notional", sa.BigInteger(), nullable=False, comment=COUNT),
        *_doubles("even", comment=POSITIVE),
        *_doubles("bend", comment=STATISTIC),
        *_doubles("mean", "low", "high", comment=POSITIVE),
        *_doubles("tilt", comment=STATISTIC),
        *_doubles("ending_power", comment=STATISTIC, nullable=True),
        *_doubles("usual_s", "nearest_s", "farthest_s", comment=SECONDS, nullable=True),
        *_doubles("from_0h", "from_6h", "from_12h", "from_18h", comment=POSITIVE),
        sa.Column("rests_on", sa.BigInteger(), nullable=False, comment=COUNT),
        sa.Column("own_markets", sa.BigInteger(), nullable=False, comment=COUNT),
        *_doubles("covered", comment="0 to 1", nullable=True),
        sa.Column("new_markets", sa.BigInteger(), nullable=False, comment=COUNT),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("category", "notional"),
        comment=TABLE,
    )


def downgrade() -> None:
    op.drop_table("spread_fits")
    for name in IN_A_RATING:
        op.drop_column("copyability", name)


def _doubles(*names: str, comment: str, nullable: bool = False) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double(), nullable=nullable, comment=comment) for name in names]
