"""amounts of both venues: prices and shares with eighteen decimals, stakes with nine, none of them rounded"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DIGITS = 38
PRICES = {
    "counterfactuals": ["leader_price", "price"],
    "fills": ["price"],
    "marks": ["price", "doubted_price"],
    "orders": ["limit_price", "observed_price"],
    "peaks": ["price"],
    "signals": ["leader_price"],
}
SHARES = {
    "exits": ["wanted_shares", "sold_shares"],
    "orders": ["shares"],
    "positions": ["shares", "bought_shares"],
    "settlements": ["shares"],
}
TRADED = {"fills": ["shares"], "signals": ["leader_shares"]}
NOTIONALS = {"fills": ["notional"], "signals": ["leader_notional", "notional"]}
FEES = {"fills": ["fee"], "positions": ["fees"]}
STAKES = {
    "counterfactuals": ["stake"],
    "equity": ["positions_value"],
    "positions": ["cost"],
    "strategies": ["balance"],
}
SIGNED = {
    "counterfactuals": ["pnl"],
    "equity": ["cash", "equity", "realized_pnl"],
    "positions": ["realized_pnl", "realized_before"],
    "risk_states": ["equity", "cash"],
    "settlements": ["realized_pnl"],
}
FRACTIONS = {"risk_states": ["size_factor"], "signals": ["exit_fraction", "size_factor"]}
CHANGED = (  # columns, decimals before and after, and what they mean
    (PRICES, 10, 18, "stake per share"),
    (SHARES, 6, 18, "shares of a token"),
    (TRADED, 6, 18, "shares that changed hands"),
    (NOTIONALS, 6, 9, "stake: price times shares"),
    (FEES, 6, 9, "stake paid to the venue"),
    (STAKES, 6, 9, "stake, not negative"),
    (SIGNED, 6, 9, "stake, a gain above zero, a loss below"),
    (FRACTIONS, 10, 10, "0 to 1"),
    ({"settlements": ["payout"]}, 6, 6, "USD per share at resolution, 0 to 1"),
)
TOKENS = ("consensus", "counterfactuals", "exits", "fills", "known_rows", "marks", "orders", "peaks", "positions", "settlements", "signals")


def upgrade() -> None:
    for tables, _, decimals, meaning in CHANGED:
        for table, names in tables.items():
            for name in names:
                op.alter_column(table, name, type_=sa.Numeric(DIGITS, decimals), comment=meaning)
    for table in TOKENS:
        op.alter_column(table, "token_id", comment="a token: an outcome of a market, or a mint")


def downgrade() -> None:
    for tables, decimals, _, _ in CHANGED:
        for table, names in tables.items():
            for name in names:
                op.alter_column(table, name, type_=sa.Numeric(18, decimals))
