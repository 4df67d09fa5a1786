"""From copied signals to orders on record, each with the hash the venue will know it by."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import polars as pl

from adapters.connect import open_feed, open_results, open_venue
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Order, OrderStatus, Position, Reason, Side, Signal, Verdict
from data_contracts.frames import frame_of, rows_of
from domain.ordering import order_for
from tasks.markets import markets_of
from tasks.state import Book
from tasks.steps import step
from tasks.watermarks import SIGNALS, moved


@step
def order_signals(signals: pl.DataFrame, strategies: Sequence[Book], settings: Settings, as_of: datetime) -> pl.DataFrame:
    """One Order per COPY signal: PENDING with its hash, or DENIED with the reason."""
    copied = rows_of(signals.filter(pl.col("verdict") == Verdict.COPY), Signal)
    if not copied:
        return frame_of([], Order)
    token_ids = {signal.token_id for signal in copied}
    markets = markets_of(token_ids, settings, as_of)
    books = open_feed(settings).books(token_ids, as_of)
    results, venue = open_results(settings), open_venue(settings)
    policies = {book.strategy.strategy_id: book.policy for book in strategies}
    held = _held(results.read(Position, token_id=sorted(token_ids)))
    orders = []
    for signal in copied:
        key = (signal.strategy_id, signal.leader, signal.token_id)
        policy = policies[signal.strategy_id].ordering
        order = order_for(signal, markets[signal.token_id], books.get(signal.token_id), held[key], policy, venue.name, as_of)
        if order.status is OrderStatus.PENDING:
            order = _signed(order, venue.sign(order, markets[signal.token_id]))
        if order.status is OrderStatus.PENDING and order.side is Side.SELL:
            held[key] -= order.shares
        orders.append(order)
    return frame_of(orders, Order)


@step
def store_decisions(signals: pl.DataFrame, orders: pl.DataFrame, judged_until: datetime, settings: Settings) -> None:
    """All in one transaction: what is judged is never judged again, so a signal without its order would never get one."""
    open_results(settings).write([Write(Signal, signals), Write(Order, orders), moved(SIGNALS, judged_until)])


def _signed(order: Order, signature: str | Reason) -> Order:
    if isinstance(signature, Reason):
        return replace(order, status=OrderStatus.DENIED, reason=signature)
    return replace(order, order_hash=signature)


def _held(positions: pl.DataFrame) -> dict[tuple[str, str, str], Decimal]:
    held: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for position in rows_of(positions, Position):
        held[position.strategy_id, position.leader, position.token_id] = position.shares
    return held
