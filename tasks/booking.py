"""Fills and resolutions become positions. A fill, its order's status and its position are written together or not at all."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from adapters.connect import open_feed, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Fill, Market, Order, Position, Reason, Settlement, Side, Signal
from data_contracts.frames import frame_of, rows_of
from data_contracts.words import OPEN_STATUSES
from domain import ledger
from domain.book import Book
from tasks.executing import Execution
from tasks.markets import markets_of
from tasks.steps import step

Key = tuple[str, str, str]  # strategy, leader, token
ASK_AGAIN = timedelta(0)  # a held token's market is asked for in every cycle: it may have resolved


@step
def book_fills(fills: pl.DataFrame, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Position rows after these fills; positions that no fill touched are not among them."""
    if not fills.height:
        return frame_of([], Position)
    results = open_results(settings)
    known = set(results.read(Fill, fill_id=fills["fill_id"].to_list())["fill_id"])
    new = [fill for fill in rows_of(fills, Fill) if fill.fill_id not in known]
    markets = markets_of({fill.token_id for fill in new}, settings, as_of)
    why = _why_sold(new, results)
    positions = _positions(results, {fill.token_id for fill in new})
    touched: dict[Key, Position] = {}
    for fill in new:
        key = (fill.strategy_id, fill.leader, fill.token_id)
        before = touched.get(key) or positions.get(key)
        touched[key] = ledger.booked(before, fill, markets[fill.token_id].category, why.get(fill.order_id))
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
def settle_positions(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Open Position rows at today's marks, after those whose market resolved are settled and stored."""
    results = open_results(settings)
    held = [position for position in rows_of(results.read(Position, closed_at=None), Position) if position.shares > 0]
    if not held:
        return frame_of([], Position)
    markets = markets_of({position.token_id for position in held}, settings, as_of, ASK_AGAIN)
    awaited = _awaited(results)
    over = [p for p in held if _payout(markets.get(p.token_id), as_of) is not None and (p.strategy_id, p.leader, p.token_id) not in awaited]
    _settle(over, markets, results, as_of)
    still_open = [position for position in held if position not in over]
    marked = _marked(still_open, settings, as_of)
    results.write([Write(Position, frame_of(marked, Position), "put")])
    return frame_of(marked, Position)


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


def _settle(over: Iterable[Position], markets: dict[str, Market], results: Results, as_of: datetime) -> None:
    settled = [ledger.settled(position, markets[position.token_id].payout or ledger.ZERO, as_of) for position in over]
    positions, settlements = [position for position, _ in settled], [settlement for _, settlement in settled]
    results.write([Write(Settlement, frame_of(settlements, Settlement)), Write(Position, frame_of(positions, Position), "put")])


def _payout(market: Market | None, as_of: datetime) -> Decimal | None:
    return market.payout if market and market.resolved_at and market.resolved_at <= as_of else None


def _marked(positions: list[Position], settings: Settings, as_of: datetime) -> list[Position]:
    """At the best bid: what somebody would pay now. Without one, the last mark stays."""
    books = open_feed(settings).books({position.token_id for position in positions}, as_of) if positions else {}
    return [_at(position, books.get(position.token_id)) for position in positions]


def _at(position: Position, book: Book | None) -> Position:
    bid = book.best(Side.SELL) if book else None
    ask = book.best(Side.BUY) if book else None
    return position if bid is None else ledger.marked(position, bid, None if ask is None else (bid + ask) / 2)


def _positions(results: Results, token_ids: Iterable[str]) -> dict[Key, Position]:
    rows = rows_of(results.read(Position, token_id=sorted(token_ids)), Position)
    return {(row.strategy_id, row.leader, row.token_id): row for row in rows}
