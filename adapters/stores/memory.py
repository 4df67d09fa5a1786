"""A store of results that lasts as long as its process: for tests, and for replays that are written out at the end."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from threading import RLock
from typing import Any, TypeVar

import polars as pl

from adapters.stores.results import Results, Write
from data_contracts import contract_of
from data_contracts.frames import empty, rows_of, schema_of

Record = dict[str, object]
R = TypeVar("R")
T = TypeVar("T")


class MemoryResults:
    """The `Results` store in dictionaries, one a table, by key."""

    def __init__(self) -> None:
        self._tables: dict[type, dict[tuple[object, ...], Record]] = {}
        self._alone = RLock()

    def write(self, writes: Sequence[Write]) -> None:
        # A frame that lacks a column stops the whole write before its first row is in.
        frames = [(write, write.frame.select(contract_of(write.row_class).names)) for write in writes if write.frame.height]
        for write, frame in frames:
            table = self._tables.setdefault(write.row_class, {})
            key = contract_of(write.row_class).key
            for record in frame.to_dicts():
                identity = tuple(record[name] for name in key)
                if write.how == "put" or identity not in table:
                    table[identity] = record

    def alone(self, names: Collection[str], act: Callable[[Results], T]) -> T:
        """One at a time, whatever the names. What was written before an error stays: whoever writes does it last and once."""
        with self._alone:
            return act(self)

    def read(self, row_class: type, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        return self._select(row_class, only, lambda record: _fits(record, where))

    def rows(self, row_class: type[R], **where: object) -> list[R]:
        return rows_of(self.read(row_class, None, **where), row_class)

    def records(self, row_class: type, **where: object) -> list[tuple[Any, ...]]:
        return self.read(row_class, None, **where).rows()

    def since(self, row_class: type, column: str, instant: object, only: Sequence[str] | None = None) -> pl.DataFrame:
        return self._select(row_class, only, lambda record: _is_since(record, column, instant))

    def totals(self, row_class: type, by: str, of: str) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for group, value in self.read(row_class, only=[by, of]).iter_rows():
            sums[group] += value
        return sums

    def grouped(self, row_class: type, by: str, of: str, since: tuple[str, datetime] | None = None, **where: object) -> dict[str, set[str]]:
        groups: dict[str, set[str]] = defaultdict(set)
        for record in self._tables.get(row_class, {}).values():
            if _fits(record, where) and (since is None or _is_since(record, *since)):
                groups[str(record[by])].add(str(record[of]))
        return dict(groups)

    def newest(self, row_class: type, by: str, at: str, count: int, only: Sequence[str]) -> pl.DataFrame:
        filled = self.read(row_class).filter(pl.col(at).is_not_null())
        key = [name for name in contract_of(row_class).key if name != by]
        latest_last = filled.sort([by, at, *key], descending=[False, False, *([True] * len(key))])
        return latest_last.group_by(by, maintain_order=True).tail(count).select(only)

    def _select(self, row_class: type, only: Sequence[str] | None, keep: Callable[[Record], bool]) -> pl.DataFrame:
        names = list(only or contract_of(row_class).names)
        kept = [(key, record) for key, record in self._tables.get(row_class, {}).items() if keep(record)]
        if not kept:
            return empty(row_class).select(names)
        kept.sort(key=itemgetter(0))
        schema = schema_of(row_class)
        return pl.DataFrame({name: [record[name] for _, record in kept] for name in names}, schema={name: schema[name] for name in names})


def _fits(record: Record, where: Mapping[str, object]) -> bool:
    return all(_matches(record[name], value) for name, value in where.items())


def _is_since(record: Record, column: str, instant: object) -> bool:
    return record[column] is not None and record[column] >= instant  # type: ignore[operator]


def _matches(value: object, wanted: object) -> bool:
    return value in wanted if isinstance(wanted, (list, tuple, set, frozenset)) else value == wanted
