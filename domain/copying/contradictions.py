"""Fills that cannot be true: an order got more than it asked, at a worse price than its limit, or sold what we do not hold."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from data_contracts import Fill, Order, Side
from data_contracts.words import STAKE_OF


def contradiction(order: Order, fills: Sequence[Fill], booked: Iterable[str], held_shares: Decimal) -> str:
    """Why these fills, all the order ever had, cannot be; empty when they can. `booked` are the ids of those the ledger has."""
    known = set(booked)
    past = next((fill for fill in fills if _past_limit(fill, order)), None)
    if past is not None:
        return f"order {order.order_id} was filled at {past.price}, past its limit of {order.limit_price}"
    if order.side is Side.BUY:
        spent, most = sum((fill.notional for fill in fills), Decimal(0)), order.shares * order.limit_price
        return f"order {order.order_id} spent {spent} {STAKE_OF[order.venue]} of at most {most}" if spent > most else ""
    sold = sum((fill.shares for fill in fills), Decimal(0))
    if sold > order.shares:
        return f"order {order.order_id} sold {sold} shares of {order.shares}"
    new = sum((fill.shares for fill in fills if fill.fill_id not in known), Decimal(0))
    return f"order {order.order_id} sold {new} shares, the ledger holds {held_shares}" if new > held_shares else ""


def _past_limit(fill: Fill, order: Order) -> bool:
    return fill.price > order.limit_price if order.side is Side.BUY else fill.price < order.limit_price
