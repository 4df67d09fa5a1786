"""The account's trades as the venue tells them, in our words. A trade counts when it is CONFIRMED; a FAILED one never happened."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from data_contracts import Fill, Instrument, Order, OrderStatus, Side
from data_contracts.errors import Unsafe
from domain.copying.fees import taker_fee
from domain.copying.fills import fill_from
from domain.polymarket.amounts import UNITS

FINAL = {"CONFIRMED", "FAILED"}
WAITING = {OrderStatus.MATCHED, OrderStatus.UNKNOWN}
MILLISECONDS_FROM = 10**11  # an epoch above this counts milliseconds


def status_of(trade: Mapping[str, Any]) -> str:
    """REST says TRADE_STATUS_CONFIRMED where the user channel says CONFIRMED."""
    return str(trade.get("status", "")).upper().removeprefix("TRADE_STATUS_")


def fills_of(trade: Mapping[str, Any], order: Order, instrument: Instrument) -> list[Fill]:
    """One Fill per price the taker met in a trade of ours. Raises Unsafe for a trade that does not add up or cannot be read."""
    try:
        shares, price = Decimal(trade["size"]), Decimal(trade["price"])
        levels = levels_of(trade.get("maker_orders") or (), order.token_id) or {price: (shares, usd_of(shares, price))}
        filled_at = instant_of(trade["match_time"])
        trade_id = str(trade["id"]).encode().decode()  # half a letter of an id is no id
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, OSError) as error:
        raise Unsafe(f"polymarket: trade {trade.get('id')} of order {order.order_hash} cannot be read: {error!r}") from error
    if sum(part for part, _ in levels.values()) != shares:
        raise Unsafe(f"polymarket: trade {trade_id} of order {order.order_hash} is of {shares} shares, its makers gave others")
    met = sorted(levels, reverse=order.side is Side.SELL)  # the best price first
    return [_fill(trade_id, order, instrument, price, *levels[price], filled_at, level) for level, price in enumerate(met)]


def levels_of(makers: Iterable[Mapping[str, Any]], token_id: str) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """Price of our token → shares and USD. A maker of the other outcome at p makes or melts pairs with us: we meet it at 1 - p.

    The maker's side is rounded down to a unit and we have the rest of the dollar, as the exchange's contract settles it.
    """
    met: dict[Decimal, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for maker in makers:
        shares, price = Decimal(maker["matched_amount"]), Decimal(maker["price"])
        same, usd = str(maker["asset_id"]) == token_id, usd_of(shares, price)
        level = price if same else 1 - price
        before = met[level]
        met[level] = (before[0] + shares, before[1] + (usd if same else shares - usd))
    return met


def usd_of(shares: Decimal, price: Decimal) -> Decimal:
    """Rounded down to a unit, as the exchange's contract does."""
    return Decimal(int(shares * price * UNITS)) / UNITS


def _fill(
    trade_id: str, order: Order, instrument: Instrument, price: Decimal, shares: Decimal, usd: Decimal, filled_at: datetime, level: int
) -> Fill:
    return fill_from(
        order,
        trade_id,
        price.normalize(),
        price=price,
        shares=shares,
        notional=usd,
        fee=taker_fee(shares, price, instrument),
        filled_at=filled_at,
        level=level,
    )


def instant_of(text: str) -> datetime:
    """The venue writes an epoch in seconds or milliseconds, or a date."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text) / (1000 if int(text) >= MILLISECONDS_FROM else 1), UTC)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
