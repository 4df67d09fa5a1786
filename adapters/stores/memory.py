"""A store of results that lasts as long as its process: for tests, and for replays that are written out at the end."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from threading import RLock
from typing import Any, TypeVar

import polars as pl

from adapters.stores.memory_rows import LISTS, MemoryRows
from adapters.stores.results import Results, Write, summed_frame, with_numbers
from data_contracts import Counter, contract_of
from data_contracts.frames import as_kept

R = TypeVar("R")
T = TypeVar("T")


class MemoryResults:
    """The `Results` store in rows. A question that is asked again is answered again at once, unless a row of its table has changed."""

    def __init__(self) -> None:
        self._tables: dict[type, MemoryRows] = {}
        self._alone, self._one_by_one = RLock(), RLock()

    def write(self, writes: Sequence[Write]) -> None:
        # A frame that lacks a column stops the whole write before its first row is in.
        written = [(write, write.rows) for write in writes if not write.is_empty]
        with self._one_by_one:
            for write, rows in written:
                self._table(write.row_class).write(rows, replace=write.how == "put")

    def alone(self, names: Collection[str], act: Callable[[Results], T]) -> T:
        """One at a time, whatever the names. What was written before an error stays: whoever writes does it last and once."""
        with self._alone:
            return act(self)

    def read(self, row_class: type, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        return self._frame(row_class, only, where)

    def rows(self, row_class: type[R], **where: object) -> list[R]:
        return list(self._ask(row_class, ("rows", *_asked(where)), lambda table: table.where(where)))

    def records(self, row_class: type, **where: object) -> list[tuple[Any, ...]]:
        return list(self._ask(row_class, ("records", *_asked(where)), lambda table: table.records(table.where(where))))

    def since(self, row_class: type, column: str, instant: object, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        return self._frame(row_class, only, where, (column, instant))

    def beginning(self, row_class: type, column: str, text: str, count: int) -> list[str]:
        def find(table: MemoryRows) -> list[str]:
            return sorted({one for row in table.where({}) if (one := getattr(row, column)).startswith(text)})[:count]

        return list(self._ask(row_class, ("beginning", column, text, count), find))

    def totals(self, row_class: type, by: str, of: str) -> dict[str, Decimal]:
        return dict(self._ask(row_class, ("totals", by, of), lambda table: _sums(table.where({}), by, of)))

    def grouped(self, row_class: type, by: str, of: str, since: tuple[str, datetime] | None = None, **where: object) -> dict[str, set[str]]:
        question = ("grouped", by, of, since, *_asked(where))
        groups = self._ask(row_class, question, lambda table: _groups(table.where(where, since), by, of))
        return {group: set(texts) for group, texts in groups.items()}

    def newest(
        self, row_class: type, by: str, at: str, count: int, only: Sequence[str], among: Collection[str] | None = None
    ) -> pl.DataFrame:
        where = {} if among is None else {by: sorted(set(among))}

        def find(table: MemoryRows) -> pl.DataFrame:
            return table.frame(_newest(table.where(where), row_class, by, at, count), only)

        return self._ask(row_class, ("newest", by, at, count, *only, *_asked(where)), find)

    def latest(
        self, row_class: type, at: str, count: int, only: Sequence[str] | None = None, since: object = None, **where: object
    ) -> pl.DataFrame:
        def find(table: MemoryRows) -> pl.DataFrame:
            known = [row for row in table.where(where, None if since is None else (at, since)) if getattr(row, at) is not None]
            return table.frame(sorted(known, key=attrgetter(at), reverse=True)[:count], only)  # of one instant in the order of the key

        return self._ask(row_class, ("latest", at, count, only and tuple(only), since, *_asked(where)), find)

    def sums(
        self, row_class: type, by: Sequence[str], of: Sequence[str] = (), since: tuple[str, object] | None = None, **where: object
    ) -> pl.DataFrame:
        def find(table: MemoryRows) -> pl.DataFrame:
            groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
            for row in table.where(where, since):
                groups[tuple(getattr(row, name) for name in by)].append(row)
            ordered = sorted(groups.items(), key=lambda group: [(value is None, value) for value in group[0]])
            records = [(*values, *(_sum(rows, name) for name in of), len(rows)) for values, rows in ordered]
            return summed_frame(row_class, by, of, records)

        return self._ask(row_class, ("sums", *by, *of, since, *_asked(where)), find)

    def thinned(self, row_class: type, by: str, at: str, every_s: float, since: object, only: Sequence[str]) -> pl.DataFrame:
        def find(table: MemoryRows) -> pl.DataFrame:
            ordered = sorted(table.where({}, (at, since)), key=attrgetter(by, at))
            last = {(getattr(row, by), getattr(row, at).timestamp() // every_s): row for row in ordered}
            return table.frame(list(last.values()), only)

        return self._ask(row_class, ("thinned", by, at, every_s, since, *only), find)

    def receive(self, rows: Sequence[R]) -> list[R]:
        if not rows:
            return []
        with self._one_by_one:
            table, counts = self._table(type(rows[0])), self._table(Counter)
            name = contract_of(type(rows[0])).table
            before = max((counter.reached for counter in counts.where({"name": name})), default=0)
            numbered = as_kept(with_numbers(rows, before), type(rows[0]))
            counts.write([Counter(name=name, reached=before + len(rows))], replace=True)
            return [row for row in numbered if table.write([row], replace=False)]

    def arrived(self, row_class: type[R], after: int, count: int) -> list[R]:
        with self._one_by_one:
            return self._table(row_class).since("sequence", after + 1)[:count]

    def aged(self, row_class: type, column: str, before: datetime, arrived_until: int | None = None) -> int:
        with self._one_by_one:
            return len(_aged(self._table(row_class), column, before, arrived_until))

    def forget(self, row_class: type, column: str, before: datetime, most: int, arrived_until: int | None = None) -> int:
        with self._one_by_one:
            gone = _aged(self._table(row_class), column, before, arrived_until)[:most]
            self._tables[row_class] = self._table(row_class).without(gone)
            return len(gone)

    def _frame(
        self, row_class: type, only: Sequence[str] | None, where: Mapping[str, object], since: tuple[str, object] | None = None
    ) -> pl.DataFrame:
        question = ("read", None if only is None else tuple(only), since, *_asked(where))
        return self._ask(row_class, question, lambda table: table.frame(table.where(where, since), only))

    def _ask(self, row_class: type, question: object, find: Callable[[MemoryRows], T]) -> T:
        with self._one_by_one:
            table = self._table(row_class)
            return table.answer(question, lambda: find(table))

    def _table(self, row_class: type) -> MemoryRows:
        if row_class not in self._tables:
            self._tables[row_class] = MemoryRows(row_class)
        return self._tables[row_class]


def _asked(where: Mapping[str, object]) -> tuple[object, ...]:
    return tuple((name, frozenset(value)) if isinstance(value, LISTS) else (name, value) for name, value in where.items())


def _aged(table: MemoryRows, column: str, before: datetime, arrived_until: int | None) -> list[Any]:
    old = [row for row in table.where({}) if (at := getattr(row, column)) is not None and at < before]
    return [row for row in old if arrived_until is None or row.sequence <= arrived_until]


def _sums(rows: Sequence[Any], by: str, of: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[getattr(row, by)] += getattr(row, of)
    return sums


def _sum(rows: Sequence[Any], of: str) -> Any:
    """None of nothing but nulls, as SQL has it."""
    known = [getattr(row, of) for row in rows if getattr(row, of) is not None]
    return sum(known) if known else None


def _groups(rows: Sequence[Any], by: str, of: str) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        groups[str(getattr(row, by))].add(str(getattr(row, of)))
    return groups


def _newest(rows: Sequence[Any], row_class: type, by: str, at: str, count: int) -> list[Any]:
    """Of rows of one instant the first by the rest of their key is the newest."""
    rest = [name for name in contract_of(row_class).key if name != by]
    filled = [row for row in rows if getattr(row, at) is not None]
    latest_last = sorted(sorted(filled, key=attrgetter(*rest), reverse=True), key=attrgetter(by, at))
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in latest_last:
        groups[getattr(row, by)].append(row)
    return [row for group in groups.values() for row in group[-count:]]
