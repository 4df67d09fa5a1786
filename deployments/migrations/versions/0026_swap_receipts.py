"""swap_receipts: what transactions of ours did on Solana, and the height of the chain after which an order is over"""

from decimal import Decimal

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLE = "One row per transaction of an Order that came into a block of Solana, failed or not: what each lamport was for."
WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"
SHARES = "shares of a token, above zero where they came, below where they went"


def signed(name: str) -> sa.Column[Decimal]:
    return sa.Column(name, sa.Numeric(precision=38, scale=9), nullable=False, comment="stake, a gain above zero, a loss below")


def paid(name: str) -> sa.Column[Decimal]:
    return sa.Column(name, sa.Numeric(precision=38, scale=9), nullable=False, comment="stake, not negative")


def upgrade() -> None:
    op.add_column("orders", sa.Column("last_valid_height", sa.BigInteger(), nullable=True, comment="a count"))
    op.create_table(
        "swap_receipts",
        sa.Column("order_hash", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("order_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("token_id", sa.Text(), nullable=False, comment="a token: an outcome of a market, or a mint"),
        sa.Column("wallet", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("slot", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("landed_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("succeeded", sa.Boolean(), nullable=False, comment="succeeded"),
        sa.Column("token_change", sa.Numeric(precision=38, scale=18), nullable=False, comment=SHARES),
        *map(signed, ("sol_change", "traded")),
        *map(paid, ("venue_fee", "network_fee", "priority_fee", "tip")),
        signed("rent"),
        sa.PrimaryKeyConstraint("order_hash"),
        comment=TABLE,
    )


def downgrade() -> None:
    op.drop_table("swap_receipts")
    op.drop_column("orders", "last_valid_height")
