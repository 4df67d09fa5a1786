"""Fills and resolutions become positions. A fill, its order's status and its position are written together or not at all."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from adapters.connect import executes_here, open_feed, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Fill, Instrument, Order, Position, Reason, Settlement, Side, Signal
from data_contracts.frames import frame_of, rows_of
from data_contracts.words import OPEN_STATUSES
from domain.copying import ledger
from domain.copying.book import Book
from tasks.copying.instruments import at_hand, keep_for_exits
from tasks.copying.order_execution import Execution
from tasks.steps import step
from tasks.together import together

Key = tuple[str, str, str]  # strategy, leader, token
ASK_AGAIN = timedelta(minutes=2)  # how late we may hear that a held token's market resolved before its end
ONCE_A_CYCLE = timedelta(microseconds=1)


@step
def book_fills(fills: pl.DataFrame, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Position rows after these fills; positions that no fill touched are not among them."""
    if not fills.height:
        return frame_of([], Position)
    results = open_results(settings)
    known = set(results.read(Fill, fill_id=fills["fill_id"].to_list())["fill_id"])
    new = [fill for fill in rows_of(fills, Fill) if fill.fill_id not in known]
    instruments = at_hand({fill.token_id for fill in new}, settings, as_of)
    why = _why_sold(new, results)
    positions = _positions(results, {fill.token_id for fill in new})
    touched: dict[Key, Position] = {}
    for fill in new:
        key = (fill.strategy_id, fill.leader, fill.token_id)
        before = touched.get(key) or positions.get(key)
        touched[key] = ledger.booked(before, fill, instruments[fill.token_id].category, why.get(fill.order_id))
    return frame_of(touched.values(), Position)


@step
def store_booked(execution: Execution, positions: pl.DataFrame, settings: Settings) -> None:
    """One transaction: a cycle that dies before it leaves its orders open, and the next one asks the venue."""
    writes = [Write(Order, execution.orders, "put"), Write(Fill, execution.fills), Write(Position, positions, "put")]
    open_results(settings).write(writes)


@step
def store_fills(fills: pl.DataFrame, positions: pl.DataFrame, settings: Settings) -> None:
    """Fills that no order of ours made, and their positions."""
    open_results(settings).write([Write(Fill, fills), Write(Position, positions, "put")])


@step
def settle_positions(settings: Settings, as_of: datetime) -> list[Position]:
    """The open positions at today's marks, after those whose market resolved are settled and stored.

    Where orders are not executed they are only read: two writers of one position would undo each other's fills.
    """
    results = open_results(settings)
    held = [position for position in results.rows(Position, closed_at=None) if position.shares > 0]
    if not held or not executes_here(settings):
        return held
    token_ids = {position.token_id for position in held}
    instruments, books = together(
        lambda: at_hand(token_ids, settings, as_of, _ended_first(as_of)), lambda: open_feed(settings).books(token_ids, as_of)
    )
    keep_for_exits(instruments.values(), settings)
    resolved = {token_id for token_id, instrument in instruments.items() if _payout(instrument, as_of) is not None}
    awaited = _awaited(results) if resolved else set()
    over = {(p.strategy_id, p.leader, p.token_id): p for p in held if p.token_id in resolved}
    over = {key: position for key, position in over.items() if key not in awaited}
    _settle(over.values(), instruments, results, as_of)
    still_open = [p for p in held if (p.strategy_id, p.leader, p.token_id) not in over]
    marked = [_at(position, books.get(position.token_id)) for position in still_open]
    moved = [after for before, after in zip(still_open, marked, strict=True) if after is not before]
    results.write([Write(Position, frame_of(moved, Position), "put")])
    return marked


def _why_sold(fills: Iterable[Fill], results: Results) -> dict[str, Reason]:
    """Order id → the reason of the SELL signal it came from."""
    order_ids = sorted({fill.order_id for fill in fills if fill.side is Side.SELL})
    if not order_ids:
        return {}
    signal_of = dict(results.read(Order, only=["order_id", "signal_id"], order_id=order_ids).iter_rows())
    reasons = dict(results.read(Signal, only=["signal_id", "reason"], signal_id=sorted(set(signal_of.values()))).iter_rows())
    return {order_id: Reason(reasons[signal_id]) for order_id, signal_id in signal_of.items() if signal_id in reasons}


def _awaited(results: Results) -> set[Key]:
    """What an order without a final answer may still change: settled before it, its fill would find nothing to sell."""
    statuses = [status.value for status in OPEN_STATUSES]
    rows = results.read(Order, only=["strategy_id", "leader", "token_id"], status=statuses)
    return set(rows.iter_rows())


def _ended_first(as_of: datetime) -> Callable[[Instrument], timedelta]:
    """Asked for in every cycle from their end on, also those that tell none: to ask for all of them takes a second at the venue."""
    return lambda instrument: ONCE_A_CYCLE if instrument.ends_at is None or instrument.ends_at <= as_of else ASK_AGAIN


def _settle(over: Iterable[Position], instruments: dict[str, Instrument], results: Results, as_of: datetime) -> None:
    settled = [ledger.settled(position, instruments[position.token_id].payout or ledger.ZERO, as_of) for position in over]
    positions, settlements = [position for position, _ in settled], [settlement for _, settlement in settled]
    results.write([Write(Settlement, frame_of(settlements, Settlement)), Write(Position, frame_of(positions, Position), "put")])


def _payout(instrument: Instrument, as_of: datetime) -> Decimal | None:
    return instrument.payout if instrument.ended_at and instrument.ended_at <= as_of else None


def _at(position: Position, book: Book | None) -> Position:
    """Marked at the best bid: what somebody would pay now. Without one the last mark stays; the very same row when nothing of it moved."""
    bid = book.best(Side.SELL) if book else None
    ask = book.best(Side.BUY) if book else None
    mid = None if bid is None or ask is None else (bid + ask) / 2
    unmoved = (bid, mid) == (position.mark_price, position.mid_price)
    return position if bid is None or unmoved else ledger.marked(position, bid, mid)


def _positions(results: Results, token_ids: Iterable[str]) -> dict[Key, Position]:
    rows = results.rows(Position, token_id=sorted(token_ids))
    return {(row.strategy_id, row.leader, row.token_id): row for row in rows}
