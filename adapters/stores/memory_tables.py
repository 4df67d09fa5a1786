"""Tables that last as long as their process: the frames themselves, and when each row was written by a clock that counts writes."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import polars as pl

from data_contracts import Trade, contract_of
from data_contracts.frames import EPOCH, MICROSECOND, empty

WRITTEN_AT = "written_at"


class MemoryTables:
    """One frame a contract, a row a key."""

    def __init__(self) -> None:
        self._tables: dict[type, pl.DataFrame] = {}
        self._keys: dict[type, set[tuple[object, ...]]] = defaultdict(set)
        self._clock = EPOCH

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        if not frame.height:
            return
        self._clock += MICROSECOND
        contract, keys = contract_of(row_class), self._keys[row_class]
        known, new = len(keys), frame.select(*contract.names, _instant(self._clock))
        keys.update(new.select(contract.key).iter_rows())
        both = self._written(row_class).vstack(new)
        if len(keys) < known + new.height:  # some rows replace others
            both = both.unique(subset=list(contract.key), keep="last", maintain_order=True)
        self._tables[row_class] = both.sort("traded_at", "sequence", "trade_id") if row_class is Trade else both

    def remove(self, keys: pl.DataFrame, row_class: type) -> None:
        contract = contract_of(row_class)
        self._tables[row_class] = self._written(row_class).join(keys, on=contract.key, how="anti", maintain_order="left")
        self._keys[row_class].difference_update(keys.select(contract.key).iter_rows())

    def _table(self, row_class: type) -> pl.DataFrame:
        return self._written(row_class).drop(WRITTEN_AT)

    def _written(self, row_class: type) -> pl.DataFrame:
        return self._tables.get(row_class, empty(row_class).with_columns(_instant(EPOCH)))

    def _among(self, row_class: type, column: str, values: Collection[str] | None) -> pl.DataFrame:
        table = self._table(row_class)
        return table if values is None else table.filter(pl.col(column).is_in(list(values)))


def _instant(instant: datetime) -> pl.Expr:
    return pl.lit(instant, pl.Datetime("us", "UTC")).alias(WRITTEN_AT)
