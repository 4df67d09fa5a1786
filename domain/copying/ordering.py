"""At what price, and no worse? A signal becomes an order, or a denial with its reason."""

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from data_contracts import Market, Order, OrderStatus, Reason, Side, Signal
from domain.copying.book import Book
from domain.copying.policy import OrderPolicy
from domain.ids import row_id

SHARE_UNIT = Decimal("0.01")
MIN_MARKETABLE_NOTIONAL = Decimal(1)  # USD, for a BUY that crosses the book
HIGHEST, LOWEST = Decimal("0.99"), Decimal("0.01")  # beyond these a copy pays for nothing but the fee


def guard(
    side: Side, observed_price: Decimal | None, price_limit: Decimal | None, book: Book | None, max_slippage: Decimal
) -> Reason | None:
    """Why the book forbids the order: nobody there, too far from the observed price, or past the limit."""
    best = book.best(side) if book else None
    if best is None:
        return Reason.BOOK_MISSING
    if observed_price is not None and observed_price > 0 and slippage(side, observed_price, best) > max_slippage:
        return Reason.SLIPPAGE_TOO_HIGH
    if price_limit is not None and (best > price_limit if side is Side.BUY else best < price_limit):
        return Reason.PRICE_BEYOND_LIMIT
    return None


def slippage(side: Side, observed_price: Decimal, best: Decimal) -> Decimal:
    """How much worse than observed, as a part of it; below 0 when better."""
    worse = best - observed_price if side is Side.BUY else observed_price - best
    return worse / observed_price


def limit_price(side: Side, observed_price: Decimal, market: Market, max_slippage: Decimal) -> Decimal:
    """The worst price we accept, on the market's tick and rounded in our favour."""
    if side is Side.BUY:
        return min(_on_tick(observed_price * (1 + max_slippage), market, ROUND_FLOOR), HIGHEST, 1 - market.tick_size)
    return max(_on_tick(observed_price * (1 - max_slippage), market, ROUND_CEILING), LOWEST, market.tick_size)


def order_for(
    signal: Signal, market: Market, book: Book | None, held_shares: Decimal, policy: OrderPolicy, venue: str, as_of: datetime
) -> Order:
    """PENDING or DENIED. A BUY spends at most the signal's notional; a SELL sells its part of `held_shares`."""
    limit = limit_price(signal.side, signal.leader_price, market, policy.max_slippage)
    shares = _shares(signal, limit, held_shares)
    denied = guard(signal.side, signal.leader_price, None, book, policy.max_slippage) or _too_small(signal, shares, limit)
    return Order(
        order_id=row_id("order", signal.signal_id),
        signal_id=signal.signal_id,
        strategy_id=signal.strategy_id,
        leader=signal.leader,
        market_id=signal.market_id,
        token_id=signal.token_id,
        outcome=signal.outcome,
        side=signal.side,
        shares=shares,
        limit_price=limit,
        observed_price=signal.leader_price,
        status=OrderStatus.DENIED if denied else OrderStatus.PENDING,
        reason=denied,
        venue=venue,
        order_hash="",
        created_at=as_of,
        updated_at=as_of,
    )


def _shares(signal: Signal, limit: Decimal, held_shares: Decimal) -> Decimal:
    if signal.side is Side.BUY:
        return (signal.notional / limit).quantize(SHARE_UNIT, ROUND_DOWN) if limit > 0 else Decimal(0)
    if signal.exit_fraction == 1:
        return held_shares
    return (held_shares * signal.exit_fraction).quantize(SHARE_UNIT, ROUND_DOWN)


def _too_small(signal: Signal, shares: Decimal, limit: Decimal) -> Reason | None:
    if shares <= 0:
        return Reason.ORDER_BELOW_MINIMUM
    below = signal.side is Side.BUY and shares * limit < MIN_MARKETABLE_NOTIONAL
    return Reason.ORDER_BELOW_MINIMUM if below else None


def _on_tick(price: Decimal, market: Market, rounding: str) -> Decimal:
    ticks = (price / market.tick_size).to_integral_value(rounding)
    return ticks * market.tick_size
