"""One table of a store in memory: rows by key, found by the columns they were ever asked by, and answers that hold until a row changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar, cast

import polars as pl

from data_contracts import contract_of
from data_contracts.frames import schema_of, series_of

A = TypeVar("A")
Key = tuple[Any, ...]
LISTS = (list, tuple, set, frozenset)


class MemoryRows:
    """The rows of one class, each once."""

    def __init__(self, row_class: type) -> None:
        self._row_class = row_class
        names = contract_of(row_class).key
        self.key_of: Callable[[Any], Key] = attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),)
        self._rows: dict[Key, Any] = {}
        self._found_by: dict[str, dict[Any, dict[Key, Any]]] = {}  # column → value → rows
        self._in_time: dict[str, tuple[list[Any], list[Any]]] = {}  # column → its instants in order, and the row of each
        self._answers: dict[Any, Any] = {}

    def write(self, rows: Iterable[Any], replace: bool) -> int:
        """Each by its key; one that is there is replaced or stays as it is. How many were not there."""
        known = len(self._rows)
        for row in rows:
            key = self.key_of(row)
            before = self._rows.get(key)
            if before is None or (replace and before != row):
                self._put(key, row, before)
        return len(self._rows) - known

    def without(self, rows: Iterable[Any]) -> "MemoryRows":
        """Another table, with all rows but these."""
        gone = {self.key_of(row) for row in rows}
        rest = MemoryRows(self._row_class)
        rest.write([row for key, row in self._rows.items() if key not in gone], replace=False)
        return rest

    def answer(self, question: Any, find: Callable[[], A]) -> A:
        """What was found for this question, as long as it is true."""
        if question not in self._answers:
            self._answers[question] = find()
        return cast(A, self._answers[question])

    def where(self, where: Mapping[str, Any], since: tuple[str, Any] | None = None) -> list[Any]:
        """Rows whose columns have these values, or any of a list of them, in the order of the key."""
        asked = {name: value if isinstance(value, LISTS) else (value,) for name, value in where.items()}
        named = [self._rows_with(name, values) for name, values in asked.items()]
        if since is None and not named:
            found = self._rows
        else:
            later = [{self.key_of(row): row for row in self.since(*since)}] if since else []
            fewest, *others = sorted([*named, *later], key=len)
            found = {key: row for key, row in fewest.items() if all(key in other for other in others)}
        return [found[key] for key in sorted(found)]

    def frame(self, rows: Sequence[Any], names: Iterable[str] | None = None) -> pl.DataFrame:
        """These columns of these rows, or all columns."""
        schema = schema_of(self._row_class)
        return pl.DataFrame([series_of(name, schema[name], [getattr(row, name) for row in rows]) for name in names or schema])

    def records(self, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All cells of these rows, with words as text."""
        names = contract_of(self._row_class).names
        cells = ((getattr(row, name) for name in names) for row in rows)
        return [tuple(cell.value if isinstance(cell, Enum) else cell for cell in row) for row in cells]

    def _put(self, key: Key, row: Any, before: Any) -> None:
        self._answers.clear()
        self._rows[key] = row
        for name, found in self._found_by.items():
            if before is not None:
                del found[getattr(before, name)][key]
            found.setdefault(getattr(row, name), {})[key] = row
        if before is not None:
            self._in_time.clear()
        for name, (instants, rows) in self._in_time.items():
            if (at := getattr(row, name)) is not None:
                place = bisect_right(instants, at)
                instants.insert(place, at)
                rows.insert(place, row)

    def _rows_with(self, name: str, values: Collection[Any]) -> dict[Key, Any]:
        if name not in self._found_by:
            self._found_by[name] = {}
            for key, row in self._rows.items():
                self._found_by[name].setdefault(getattr(row, name), {})[key] = row
        found = self._found_by[name]
        if len(values) == 1:
            return found.get(next(iter(values)), {})
        return {key: row for value in values for key, row in found.get(value, {}).items()}

    def since(self, name: str, instant: Any) -> list[Any]:
        """Rows whose value in a column is this or a later one, in that order."""
        if name not in self._in_time:
            rows = sorted((row for row in self._rows.values() if getattr(row, name) is not None), key=attrgetter(name))
            self._in_time[name] = ([getattr(row, name) for row in rows], rows)
        instants, rows = self._in_time[name]
        return rows[bisect_left(instants, instant) :]
