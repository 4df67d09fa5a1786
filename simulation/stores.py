"""Stores in memory that count their writes, so that an invariant is looked at only where something it reads has changed."""

from collections import Counter
from collections.abc import Sequence

import polars as pl

from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.results import Write
from data_contracts import Trade


class CountedResults(MemoryResults):
    """`versions`: how often rows of a class were written."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: Counter[type | str] = Counter()

    def write(self, writes: Sequence[Write]) -> None:
        super().write(writes)
        self.versions.update(write.row_class for write in writes if not write.is_empty)


class KnownHistory(MemoryHistory):
    """`trade_ids`: of every trade it has."""

    def __init__(self) -> None:
        super().__init__()
        self.trade_ids: set[str] = set()

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        super().append(frame, row_class)
        if row_class is Trade:
            self.trade_ids.update(frame["trade_id"])
