"""From copied signals to orders on record, each with the hash the venue will know it by. Exits that were not done get another one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

import polars as pl

from adapters.connect import open_results, open_venue, shows_books
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import (
    BookSample,
    Counter,
    Deferral,
    Exit,
    JudgedTrade,
    Order,
    OrderStatus,
    Side,
    Signal,
    SignalScore,
    TradingState,
    Verdict,
)
from data_contracts.errors import Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.copying.exits.waiting import may_try, update_exits
from domain.copying.ordering import order_for
from domain.copying.portfolio import PositionKey
from domain.profiling.book_samples import samples_of
from tasks.copying.account import DECIDED, read_decided
from tasks.copying.executors_guard import sealed
from tasks.copying.exits import Desk, exit_orders
from tasks.copying.instruments import at_hand, at_once, keep_for_exits
from tasks.copying.judging import Verdicts
from tasks.copying.posted_trades import limits_of
from tasks.copying.signing import sign_order
from tasks.copying.strategy_rows import StrategyRows
from tasks.copying.venues import books_of, by_venue, together_in_one, tokens_of
from tasks.copying.watermarks import SIGNALS, SIGNALS_BEFORE, move_watermark
from tasks.steps import step

R = TypeVar("R", Signal, Exit)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Order rows, the Exit rows as they stand with them, and the books that were looked at."""

    orders: pl.DataFrame
    exits: pl.DataFrame
    books: Sequence[BookSample] = ()


@step
def order_signals(
    signals: pl.DataFrame, strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, retries: bool = True
) -> Decisions:
    """One Order per COPY signal, and with `retries` per exit that is tried again: PENDING with its hash, or DENIED with the reason."""
    copied = rows_of(signals.filter(signals["verdict"] == Verdict.COPY), Signal)
    touched = {(signal.strategy_id, signal.leader, signal.token_id) for signal in copied}
    exits = [one for own in strategies for one in own.exits]
    waiting = [one for one in exits if retries or (one.strategy_id, one.leader, one.token_id) in touched]
    if not copied and not waiting:
        return Decisions(frame_of([], Order), frame_of([], Exit))
    rows_of_strategy = {own.strategy.strategy_id: own for own in strategies}
    tokens = tokens_of(copied) | {one.token_id: rows_of_strategy[one.strategy_id].strategy.venue for one in waiting}
    results, venues = open_results(settings), {venue: open_venue(venue, settings) for venue in by_venue(tokens)}
    tried = {one.token_id for one in waiting if one.orders and may_try(one, as_of)}
    simulated = frozenset(name for name, venue in venues.items() if venue.is_simulated)
    books = together_in_one(books_of(tokens, settings, as_of))
    asked_before = _signals_of(waiting, results)
    limits = limits_of({signal.trade_id for signal in (*copied, *asked_before)}, results)
    desk = Desk(at_hand(tokens, settings, as_of, at_once(tried)), books, simulated, as_of, limits)
    keep_for_exits(desk.instruments.values(), settings)
    entries = [_entry(signal, rows_of_strategy[signal.strategy_id], desk) for signal in copied if signal.side is Side.BUY]
    sales = [signal for signal in copied if signal.side is Side.SELL]
    asked = {signal.signal_id: signal for signal in (*sales, *asked_before)}
    rows, exit_rows = _exits(sales, waiting, asked, rows_of_strategy, TradingState(settings.trading_state), desk)
    orders = sealed([_signed(order, desk, settings) for order in _in_sequence([*entries, *exit_rows], results, as_of)], settings)
    seen = samples_of(books, desk.instruments, as_of) if shows_books(settings) else ()
    return Decisions(frame_of(orders, Order), frame_of(rows, Exit), seen)


@step
def store_decisions(
    signals: pl.DataFrame, decisions: Decisions, verdicts: Verdicts | None, settings: Settings, decided: Mapping[Side, int]
) -> None:
    """All in one transaction: what is judged is never judged again, so a signal without its order would never get one.

    Who buys has counted on money and limits as they were when it began, who sells on what was held and not promised: `decided` so often by
    then. Raises Unavailable where another cycle decided on as much since. Nothing of it is stored, and the next cycle goes by what is left.
    """
    writes = [Write(Signal, signals), Write(Order, decisions.orders), Write(Exit, decisions.exits, "put")]
    writes += _writes_of(verdicts, signals) if verdicts else []
    made = going_of(decisions.orders)
    results = open_results(settings)
    if not made:
        results.write(writes)
        return
    results.alone([DECIDED[side] for side in made], partial(_decide, writes, made, decided))


def going_of(orders: pl.DataFrame) -> dict[Side, list[str]]:
    """By side, the ids of the orders among these that may leave."""
    rows = orders.select("order_id", "side", "status").iter_rows() if orders.height else ()
    made: dict[Side, list[str]] = defaultdict(list)
    for order_id, side, status in rows:
        if status == OrderStatus.PENDING:
            made[Side(side)].append(order_id)
    return made


def _decide(writes: Sequence[Write], made: Mapping[Side, Sequence[str]], decided: Mapping[Side, int], store: Results) -> None:
    """Whose answer was lost finds its own orders on record."""
    ids = [order_id for own in made.values() for order_id in own]
    if store.read(Order, only=["order_id"], order_id=ids).height == len(ids):
        return
    now = read_decided(store)
    if any(now[side] != decided[side] for side in made):
        raise Unavailable("another cycle decided meanwhile: what is left of money, limits and shares is judged anew")
    counters = [Counter(name=DECIDED[side], reached=now[side] + 1) for side in made]
    store.write([*writes, Write(Counter, counters, "put")])


def _writes_of(verdicts: Verdicts, signals: pl.DataFrame) -> list[Write]:
    """What is judged now, what waits, and how far; a signal that broke its contract is no verdict."""
    is_whole = signals.height == verdicts.signals.height
    judged, scores = (
        about if is_whole else about.join(signals, on="signal_id", how="semi") for about in (verdicts.judged, verdicts.scores)
    )
    marks = {SIGNALS: verdicts.judged_until, SIGNALS_BEFORE: verdicts.judged_before}
    rows = [Write(JudgedTrade, judged), Write(SignalScore, scores), Write(Deferral, verdicts.deferrals, "put")]
    return [*rows, *(move_watermark(name, at) for name, at in marks.items() if at)]


def _in_sequence(orders: Sequence[Order], results: Results, as_of: datetime) -> list[Order]:
    """Each with its place among the orders of this instant: a cycle that happens again goes on where the first one ended."""
    before = results.read(Order, only=["order_id"], created_at=as_of).height if orders else 0
    return [replace(order, sequence=place) for place, order in enumerate(orders, before)]


def _entry(signal: Signal, own: StrategyRows, desk: Desk) -> Order:
    instrument, levels = desk.instruments[signal.token_id], desk.books.get(signal.token_id)
    is_simulated, limit = signal.venue in desk.simulated, desk.limits.get(signal.trade_id)
    return order_for(signal, instrument, levels, Decimal(0), own.policy.ordering, is_simulated, desk.as_of, limit)


def _signed(order: Order, desk: Desk, settings: Settings) -> Order:
    """With the hash the venue will know it by, and what else it signs; a venue that would not take it says why before it is posted."""
    return sign_order(order, desk.instruments[order.token_id], settings, desk.as_of) if order.status is OrderStatus.PENDING else order


def _exits(
    sales: Sequence[Signal],
    waiting: Sequence[Exit],
    signals: Mapping[str, Signal],
    rows_of_strategy: Mapping[str, StrategyRows],
    kill_switch: TradingState,
    desk: Desk,
) -> tuple[list[Exit], list[Order]]:
    """Position by position. Nothing is tried while an order of that position has no answer, or while a halt holds exits back."""
    grouped_sales, grouped_waiting = _by_position(sales), _by_position(waiting)
    rows, orders = [], []
    for key in sorted(grouped_sales.keys() | grouped_waiting.keys()):
        own = rows_of_strategy[key[0]]
        held = _held(key, own)
        increment = desk.instruments[key[2]].share_increment if key[2] in desk.instruments else Decimal(0)
        found = update_exits(grouped_waiting[key], grouped_sales[key], held, increment, desk.as_of)
        blocked = not own.permission(kill_switch).may_leave or key[1:] in own.portfolio.awaited
        after, made = exit_orders(found, signals, held, blocked, own.policy, desk)
        rows += after
        orders += made
    return rows, orders


def _signals_of(waiting: Iterable[Exit], results: Results) -> list[Signal]:
    signal_ids = sorted(one.signal_id for one in waiting)
    return results.rows(Signal, signal_id=signal_ids) if signal_ids else []


def _by_position(rows: Iterable[R]) -> dict[PositionKey, list[R]]:
    grouped: dict[PositionKey, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.strategy_id, row.leader, row.token_id].append(row)
    return grouped


def _held(key: PositionKey, own: StrategyRows) -> Decimal:
    return next((p.shares for p in own.open_positions if (p.leader, p.token_id) == key[1:]), Decimal(0))
