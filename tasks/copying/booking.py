"""Fills and settlements are appended to the log, and the positions they touch derived from it, in one transaction or not at all.

Whoever books is alone with the positions it touches: cycle, execution worker, merge and settlement may do so at the same time.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain

import polars as pl

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Fill, Order, Position, Reason, Settlement, Signal
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of, rows_of
from domain.copying.answers import is_overtaken
from domain.copying.ledger import Derived, Entry, PositionKey, fold, key_of, not_before, write_off
from tasks.copying.instruments import remembered
from tasks.copying.order_execution import Execution
from tasks.fast_check import breaches
from tasks.operating.trading_halt import halt_for
from tasks.quality import set_aside
from tasks.steps import step

Log = Mapping[PositionKey, Sequence[Entry]]
Append = Callable[[Results, Log], Iterable[Entry]]
log = logging.getLogger("walletflow.booking")


@dataclass(frozen=True, slots=True)
class Booked:
    """What was written; and what was not, by the strategy it concerns: why none of it was."""

    positions: list[Position] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


@step
def book(execution: Execution, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """The Position rows after these fills, stored with them and with their orders' answers.

    Raises Unsafe when a row breaks its contract: its strategy is halted, and nothing of its order is booked. The others are.
    """
    if not execution.orders.height and not execution.fills.height:
        return frame_of([], Position)
    results = open_results(settings)
    fills = _with_signals(rows_of(execution.fills, Fill), execution.orders, results)
    booked = append(results, {key_of(fill) for fill in fills}, lambda store, known: fills, settings, as_of, execution)
    answer_for(booked, settings, as_of)
    return frame_of(booked.positions, Position)


def append(
    results: Results,
    keys: Collection[PositionKey],
    entries: Append,
    settings: Settings,
    as_of: datetime,
    execution: Execution | None = None,
) -> Booked:
    """Adds to the log of these positions what `entries` makes of it, and derives them anew; the orders of `execution` with them.

    What cannot be derived or breaks its contract is left out whole: its entries, its position and its orders.
    """

    instruments = remembered({token_id for _, _, token_id in keys}, settings)
    increments = {token_id: one.share_increment for token_id, one in instruments.items()}

    def act(store: Results) -> Booked:
        known = read_logs(store, keys)
        new: dict[PositionKey, list[Entry]] = defaultdict(list)
        for entry in entries(store, known):
            new[key_of(entry)].append(entry)
        drafts = {key: _drafted(known[key], new[key], increments.get(key[2], Decimal(0))) for key in keys}
        orders = _not_overtaken(execution, store) if execution else None
        frames, faults = _sound({key: draft for key, draft in drafts.items() if isinstance(draft, Draft)}, orders, settings, as_of)
        faults |= {key: draft for key, draft in drafts.items() if isinstance(draft, str)}
        store.write(_writes(frames, set(faults)))
        touched = [
            draft.derived.position for key, draft in drafts.items() if isinstance(draft, Draft) and draft.is_new and key not in faults
        ]
        return Booked(touched, {key[0]: fault for key, fault in faults.items()})

    names = [f"order {order_id}" for order_id in execution.orders["order_id"]] if execution else []
    return results.alone([*(f"position {' '.join(key)}" for key in sorted(keys)), *names], act)


def _not_overtaken(execution: Execution, store: Results) -> pl.DataFrame:
    """The orders but for those of which another worker has written meanwhile what is later, or surer."""
    asked = list(execution.before)
    now = {order.order_id: order for order in store.rows(Order, order_id=asked)} if asked else {}
    orders = rows_of(execution.orders, Order)
    kept = [
        order.order_id not in now or not is_overtaken(order, execution.before.get(order.order_id), now[order.order_id]) for order in orders
    ]
    return execution.orders if all(kept) else execution.orders.filter(kept)


def answer_for(booked: Booked, settings: Settings, as_of: datetime) -> None:
    """Halts the strategies whose rows are broken. Raises Unsafe for those that were not yet: the operator is called once."""
    called = [
        f"{strategy_id}: {fault}" for strategy_id, fault in sorted(booked.broken.items()) if halt_for(strategy_id, fault, settings, as_of)
    ]
    if called:
        raise Unsafe(f"nothing of it was booked, and the strategy is halted: {'; '.join(called)}")


def read_logs(results: Results, keys: Collection[PositionKey]) -> dict[PositionKey, list[Entry]]:
    """Every fill and settlement of these positions."""
    logs: dict[PositionKey, list[Entry]] = {key: [] for key in keys}
    if not keys:
        return logs
    strategies, leaders, tokens = (sorted(set(part)) for part in zip(*keys, strict=True))
    where = {"strategy_id": strategies, "leader": leaders, "token_id": tokens}
    entries: Iterable[Entry] = chain(results.rows(Fill, **where), results.rows(Settlement, **where))
    for entry in entries:
        if key_of(entry) in logs:
            logs[key_of(entry)].append(entry)
    return logs


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written of one position. `is_new`: its log has an entry more."""

    fills: list[Fill]
    derived: Derived
    is_new: bool


def _drafted(known: Sequence[Entry], new: Sequence[Entry], increment: Decimal) -> Draft | str | None:
    """The draft of a position with these new entries, and with a write-off of what is near nothing; or why there is none."""
    fill_ids = {entry.fill_id for entry in known if isinstance(entry, Fill)}
    fresh = [not_before(known, entry) for entry in new if not isinstance(entry, Fill) or entry.fill_id not in fill_ids]
    entries = [*known, *fresh]
    try:
        derived = fold(entries)
        rest = write_off(derived, entries, increment) if derived else None
        derived = fold([*entries, rest]) if rest else derived
    except (Unsafe, ArithmeticError) as error:  # a number of a row in store that is none
        return str(error) or repr(error)
    if derived is None:
        return None
    return Draft([entry for entry in (*fresh, rest) if isinstance(entry, Fill)], derived, bool(fresh or rest))


Frames = dict[type, pl.DataFrame]


def _sound(
    drafts: Mapping[PositionKey, Draft], orders: pl.DataFrame | None, settings: Settings, as_of: datetime
) -> tuple[Frames, dict[PositionKey, str]]:
    """The frames to write, and the positions a row of which breaks its contract, with a rule it breaks. What follows is not asked."""
    frames: Frames = {
        Order: frame_of([], Order) if orders is None else orders,
        Fill: frame_of([fill for draft in drafts.values() for fill in draft.fills], Fill),
        Settlement: frame_of([row for draft in drafts.values() for row in draft.derived.settlements], Settlement),
        Position: frame_of([draft.derived.position for draft in drafts.values()], Position),
    }
    faults: dict[PositionKey, str] = {}
    for row_class in frames:
        frame = _without(frames[row_class], faults)
        found = breaches(frame, row_class)
        if found:
            set_aside(frame, row_class, found, settings, as_of)
        faults |= {_key_in(frame, breach.row): f"{row_class.__name__} {breach}" for breach in found}
    return frames, faults


def _key_in(frame: pl.DataFrame, row: int) -> PositionKey:
    strategy_id, leader, token_id = frame.select("strategy_id", "leader", "token_id").row(row)
    return str(strategy_id), str(leader), str(token_id)


def _writes(frames: Frames, without: Collection[PositionKey]) -> list[Write]:
    """A fill that is there stays as it is; what follows from it is put."""
    kept = {row_class: _without(frame, without) for row_class, frame in frames.items()}
    return [Write(row_class, frame, "add" if row_class is Fill else "put") for row_class, frame in kept.items()]


def _without(frame: pl.DataFrame, keys: Collection[PositionKey]) -> pl.DataFrame:
    return frame.filter([_key_in(frame, row) not in keys for row in range(frame.height)]) if keys else frame


def _with_signals(fills: Sequence[Fill], orders: pl.DataFrame, results: Results) -> list[Fill]:
    """The fills with the category and reason of the signals they came from; those of no order, a merge's, have theirs."""
    signal_of = dict(orders.select("order_id", "signal_id").iter_rows())
    wanted = sorted({signal_of[fill.order_id] for fill in fills if fill.order_id in signal_of})
    if not wanted:
        return list(fills)
    rows = results.read(Signal, only=["signal_id", "category", "reason"], signal_id=wanted).iter_rows()
    known = {signal_id: {"category": category, "reason": Reason(reason)} for signal_id, category, reason in rows}
    return [replace(fill, **known.get(signal_of.get(fill.order_id, ""), {})) for fill in fills]
