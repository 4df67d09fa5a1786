"""hand trades: what the operator traded by hand at the venue, and a kind of fill for what of it the ledger follows"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SAYS = "One row per price level of a trade of our account that no order of ours made: the operator's own, done by hand at the venue."
BEFORE = "TRADE came of an order; MERGE turned a complete set into money; WRITE_OFF takes off what is near nothing."
KINDS = "TRADE came of an order; MERGE made money of a set; WRITE_OFF takes off what is near nothing; BY_HAND was the operator's own sale."


def _text(name: str, says: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=says)


def _number(name: str, scale: int, says: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(precision=38, scale=scale), nullable=nullable, comment=says)


def upgrade() -> None:
    op.create_table(
        "hand_trades",
        _text("venue", "Where it is traded."),
        _text("trade_id", "a name, never empty"),
        _text("order_hash", "a name, never empty"),
        sa.Column("level", sa.BigInteger(), nullable=False, comment="a count"),
        _text("order_id", "32 hex digits, a function of what the row is about"),
        _text("market_id", "a market"),
        _text("token_id", "a token: an outcome of a market, or a mint"),
        _text("outcome", "free text"),
        _text("side", "BUY or SELL, seen from the wallet."),
        _number("price", 18, "stake per share"),
        _number("shares", 18, "shares that changed hands"),
        _number("notional", 9, "stake: price times shares"),
        _number("fee", 9, "stake paid to the venue", nullable=True),
        _text("tx_hash", "free text"),
        *(
            sa.Column(name, postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant")
            for name in ("traded_at", "seen_at")
        ),
        sa.PrimaryKeyConstraint("venue", "trade_id", "order_hash", "level"),
        comment=SAYS,
    )
    op.create_index("ix_hand_trades_token_id", "hand_trades", ["token_id"])
    op.alter_column("fills", "kind", comment=KINDS, existing_comment=BEFORE)


def downgrade() -> None:
    op.alter_column("fills", "kind", comment=BEFORE, existing_comment=KINDS)
    op.drop_table("hand_trades")
