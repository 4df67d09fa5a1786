"""A trade as one of the things that a wallet did."""

from decimal import Decimal

from data_contracts import Activity, Trade


def activity_of(trade: Trade, outcome_index: int | None, usd: Decimal) -> Activity:
    """Under the trade's own id. `usd`: 0 where its notional is in another currency."""
    return Activity(
        activity_id=trade.trade_id,
        source=trade.source,
        venue=trade.venue,
        wallet=trade.wallet,
        type="TRADE",
        market_id=trade.market_id,
        token_id=trade.token_id,
        outcome=trade.outcome,
        outcome_index=outcome_index,
        side=trade.side.value,
        price=trade.price,
        shares=trade.shares,
        usd=usd,
        happened_at=trade.traded_at,
        tx_hash=trade.tx_hash,
        ordinal=trade.ordinal,
    )
