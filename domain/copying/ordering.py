"""At what price, and no worse? A signal becomes an order, or a denial with its reason."""

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from data_contracts import Instrument, Order, OrderStatus, Reason, Side, Signal
from domain.copying.amounts import steps_down
from domain.copying.book import Book
from domain.copying.policy import OrderPolicy
from domain.ids import row_id


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


def limit_price(side: Side, observed_price: Decimal, instrument: Instrument, max_slippage: Decimal) -> Decimal:
    """The worst price we accept, on the instrument's increment and rounded in our favour."""
    if side is Side.BUY:
        highest = _on_increment(observed_price * (1 + max_slippage), instrument, ROUND_FLOOR)
        return highest if instrument.highest_price is None else min(highest, instrument.highest_price)
    return max(_on_increment(observed_price * (1 - max_slippage), instrument, ROUND_CEILING), instrument.lowest_price)


def order_for(
    signal: Signal,
    instrument: Instrument,
    book: Book | None,
    held_shares: Decimal,
    policy: OrderPolicy,
    is_simulated: bool,
    as_of: datetime,
    price_limit: Decimal | None = None,
) -> Order:
    """PENDING or DENIED. A BUY spends at most the signal's notional; a SELL sells its part of `held_shares`.

    `price_limit`: whoever told us of the leader's trade would not have it copied at a worse price.
    """
    limit = _within(price_limit, signal.side, limit_price(signal.side, signal.leader_price, instrument, policy.max_slippage), instrument)
    shares = _shares(signal, limit, held_shares, instrument.share_increment)
    denied = guard(signal.side, signal.leader_price, price_limit, book, policy.max_slippage) or _too_small(
        signal, shares, limit, instrument.min_notional
    )
    return Order(
        order_id=row_id("order", signal.signal_id),
        signal_id=signal.signal_id,
        strategy_id=signal.strategy_id,
        venue=signal.venue,
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
        is_simulated=is_simulated,
        order_hash="",
        created_at=as_of,
        updated_at=as_of,
    )


def refitted(order: Order, instrument: Instrument, as_of: datetime) -> Order:
    """The same order on an instrument that turned out another: its limit on the increment there is, never worse for us."""
    if order.side is Side.BUY:
        limit = min(_on_increment(order.limit_price, instrument, ROUND_FLOOR), instrument.highest_price or order.limit_price)
    else:
        limit = max(_on_increment(order.limit_price, instrument, ROUND_CEILING), instrument.lowest_price)
    unsigned = replace(order, order_hash="", signed_bytes="", expires_at=None, last_valid_height=None)
    return replace(unsigned, limit_price=limit, status=OrderStatus.PENDING, reason=None, updated_at=as_of)


def _within(price_limit: Decimal | None, side: Side, limit: Decimal, instrument: Instrument) -> Decimal:
    if price_limit is None:
        return limit
    if side is Side.BUY:
        return min(limit, _on_increment(price_limit, instrument, ROUND_FLOOR))
    return max(limit, _on_increment(price_limit, instrument, ROUND_CEILING))


def _shares(signal: Signal, limit: Decimal, held_shares: Decimal, increment: Decimal) -> Decimal:
    if signal.side is Side.BUY:
        return steps_down(signal.notional / limit, increment) if limit > 0 else Decimal(0)
    if signal.exit_fraction == 1:
        return held_shares
    return steps_down(held_shares * signal.exit_fraction, increment)


def _too_small(signal: Signal, shares: Decimal, limit: Decimal, min_notional: Decimal) -> Reason | None:
    if shares <= 0:
        return Reason.ORDER_BELOW_MINIMUM
    below = signal.side is Side.BUY and shares * limit < min_notional
    return Reason.ORDER_BELOW_MINIMUM if below else None


def _on_increment(price: Decimal, instrument: Instrument, rounding: str) -> Decimal:
    """Where a venue has no steps between two prices, any price is on them."""
    if not instrument.price_increment:
        return price
    return (price / instrument.price_increment).to_integral_value(rounding) * instrument.price_increment
