"""Exits that are not done: how much of each is sold by now, and which orders it gets in this cycle."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from adapters.stores.results import Results
from data_contracts import Exit, Fill, Instrument, Order, OrderStatus, Signal, Venue
from domain.copying.book import Book
from domain.copying.exits import waiting as exits
from domain.copying.ordering import order_for
from domain.copying.policy import OrderPolicy, Policy
from domain.operating.alerts import UnreadableRow
from tasks.copying.sound_rows import sound_rows, unreadable


@dataclass(frozen=True, slots=True)
class Desk:
    """What an order is made of: the instruments, their books, and the venues where it is only simulated; and by trade the price that
    whoever posted it would not go beyond."""

    instruments: Mapping[str, Instrument]
    books: Mapping[str, Book]
    simulated: frozenset[Venue]
    as_of: datetime
    limits: Mapping[str, Decimal] = field(default_factory=dict)


def waiting_exits(results: Results, **where: object) -> tuple[dict[str, list[Exit]], list[UnreadableRow]]:
    """By strategy, and what cannot be read. What was sold is counted from the fills: an answer that came late counts like any other."""
    waiting, broken = sound_rows(results, Exit, done_at=None, **where)
    found: dict[str, list[Exit]] = defaultdict(list)
    if not waiting:
        return found, unreadable(Exit, broken)
    order_ids = {order_id: one.signal_id for one in waiting for order_id in exits.orders_of(one)}
    sold: dict[str, Decimal] = defaultdict(Decimal)
    fills = results.read(Fill, only=["order_id", "shares"], order_id=sorted(order_ids)) if order_ids else None
    for order_id, shares in fills.drop_nulls().iter_rows() if fills is not None else ():
        sold[order_ids[order_id]] += shares
    for one in exits.in_order(waiting):
        found[one.strategy_id].append(replace(one, sold_shares=sold[one.signal_id]))
    return found, unreadable(Exit, broken)


def exit_orders(
    found: Sequence[Exit], signals: Mapping[str, Signal], held: Decimal, blocked: bool, policy: Policy, desk: Desk
) -> tuple[list[Exit], list[Order]]:
    """The exits of one position after this cycle's tries, and the orders: together never more than is held.

    Without a first order it is on record why; a further try that the book forbids is noted in its Exit, or the table of orders would fill
    with the same no every 30 seconds.
    """
    after, orders = [], []
    for one in exits.in_order(found):
        if one.done_at is not None and one.wanted_shares > 0:
            after.append(one)
            continue
        shares = min(exits.remaining(one), held)
        held -= shares
        if blocked or not exits.may_try(one, desk.as_of) or one.token_id not in desk.instruments:
            after.append(one)
            continue
        order = _order(one, signals[one.signal_id], shares, policy, desk)
        on_record = order.status is not OrderStatus.DENIED or one.orders == 0
        orders += [order] if on_record else []
        after.append(replace(one, orders=one.orders + on_record, held_back=order.reason, tried_at=desk.as_of))
    return after, orders


def _order(one: Exit, signal: Signal, shares: Decimal, policy: Policy, desk: Desk) -> Order:
    """All of `shares`, at the price of its signal or as far below it as it may sell by now."""
    slippage = OrderPolicy(max_slippage=exits.slippage_allowed(one, policy.exits, desk.as_of))
    entire = replace(signal, exit_fraction=Decimal(1))
    instrument, is_simulated = desk.instruments[one.token_id], signal.venue in desk.simulated
    limit = desk.limits.get(signal.trade_id)
    order = order_for(entire, instrument, desk.books.get(one.token_id), shares, slippage, is_simulated, desk.as_of, limit)
    return replace(order, order_id=exits.order_id_of(one.signal_id, one.orders))
