"""Tables that last as long as their process: the frames themselves, and when each row was written by a clock that counts writes."""

from collections import defaultdict
from collections.abc import Collection
from itertools import pairwise
from typing import Any

import polars as pl

from data_contracts import Trade, contract_of
from data_contracts.frames import EPOCH, MICROSECOND, empty, series_of

WRITTEN_AT = "written_at"
CLOCK = pl.Datetime("us", "UTC")
IN_TIME = ("traded_at", "sequence", "trade_id")  # the order of trades


class MemoryTables:
    """One frame a contract, a row a key.

    What a cycle adds stands behind all that is there, and is laid beside it until somebody reads the whole table.
    """

    def __init__(self) -> None:
        self._tables: dict[type, pl.DataFrame] = {}
        self._beside: dict[type, list[pl.DataFrame]] = defaultdict(list)
        self._keys: dict[type, set[tuple[object, ...]]] = defaultdict(set)
        self._last: tuple[Any, ...] | None = ()  # the place of the last trade: of none, before all others; None where nobody can say
        self._clock = EPOCH

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        if not frame.height:
            return
        self._clock += MICROSECOND
        contract, keys = contract_of(row_class), self._keys[row_class]
        own = frame if frame.columns == contract.names else frame.select(contract.names)
        known, new = len(keys), own.hstack([series_of(WRITTEN_AT, CLOCK, [self._clock] * frame.height)])
        keys.update(zip(*(new[name].to_list() for name in contract.key), strict=True))
        replaces = len(keys) < known + new.height
        comes_last = row_class is not Trade or self._comes_last(new)
        if not replaces and comes_last:
            self._laid(row_class).clear().vstack(new)  # raises for columns that are not those of the table
            self._beside[row_class].append(new)
            return
        both = self._with_write_times(row_class).vstack(new)
        both = both.unique(subset=list(contract.key), keep="last", maintain_order=True) if replaces else both
        self._tables[row_class] = both.sort(IN_TIME) if row_class is Trade else both
        if row_class is Trade:
            self._last = _places(self._tables[Trade].tail(1))[0]

    def _comes_last(self, trades: pl.DataFrame) -> bool:
        """Whether they stand in their order, after all that are there."""
        places = [self._last, *_places(trades)]
        follow = all(before is not None and place is not None and before < place for before, place in pairwise(places))
        self._last = places[-1] if follow else self._last
        return follow

    def remove(self, keys: pl.DataFrame, row_class: type) -> None:
        contract = contract_of(row_class)
        self._tables[row_class] = self._with_write_times(row_class).join(keys, on=contract.key, how="anti", maintain_order="left")
        self._keys[row_class].difference_update(keys.select(contract.key).iter_rows())

    def _table(self, row_class: type) -> pl.DataFrame:
        return self._with_write_times(row_class).drop(WRITTEN_AT)

    def _with_write_times(self, row_class: type) -> pl.DataFrame:
        """All rows of a table, each with when it was written."""
        if beside := self._beside.pop(row_class, None):
            self._tables[row_class] = pl.concat([self._laid(row_class), *beside])
        return self._laid(row_class)

    def _laid(self, row_class: type) -> pl.DataFrame:
        """What is not beside it."""
        if row_class not in self._tables:
            self._tables[row_class] = empty(row_class).hstack([series_of(WRITTEN_AT, CLOCK, [])])
        return self._tables[row_class]

    def _among(self, row_class: type, column: str, values: Collection[str] | None) -> pl.DataFrame:
        table = self._table(row_class)
        return table if values is None else table.filter(pl.col(column).is_in(list(values)))


def _places(trades: pl.DataFrame) -> list[tuple[Any, ...] | None]:
    return [None if None in place else place for place in zip(*(trades[name].to_list() for name in IN_TIME), strict=True)]
