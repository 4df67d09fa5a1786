"""What a process has read of instruments: those it used last, for a worker lives for months, and each market has outcomes nobody trades."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any

import polars as pl

from data_contracts import Instrument
from data_contracts.frames import rows_of

MOST_KEPT = 10_000  # rows, of all classes together: what was forgotten is asked for again
Key = tuple[type, str]  # row class, token
Said = list[tuple[object, ...]]  # all cells of a token's rows but their date


@dataclass(frozen=True, slots=True)
class Known:
    """Rows, and what a venue said of those it said, as it said it: what it says again need not be checked."""

    _rows: OrderedDict[Key, Any] = field(default_factory=OrderedDict)  # those used last at the end
    _said: dict[Key, Said] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)  # who did not answer in time may still learn while others ask

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, row_class: type, token_ids: Iterable[str]) -> dict[str, Any]:
        """Those that are known, by token."""
        with self._lock:
            found = {token_id: self._rows[key] for token_id in token_ids if (key := (row_class, token_id)) in self._rows}
            for token_id in found:
                self._rows.move_to_end((row_class, token_id))
        return found

    def date_again(self, frame: pl.DataFrame, row_class: type) -> pl.DataFrame:
        """The rows of those tokens of which this says anything new. What is as it was is only known to be so still."""
        said = _cells_by_token(frame)
        dates = dict(zip(frame["token_id"].to_list(), frame["updated_at"].to_list(), strict=True))
        with self._lock:
            new = {name for name, cells in said.items() if self._said.get((row_class, name)) != cells or dates[name] is None}
            for name, row in self.of(row_class, [name for name in said if name not in new]).items():
                if dates[name] >= row.updated_at:
                    self._rows[row_class, name] = replace(row, updated_at=dates[name])
        return frame[[row for row, token_id in enumerate(frame["token_id"]) if token_id in new]] if len(new) < len(said) else frame

    def learn(self, frame: pl.DataFrame, row_class: type) -> None:
        """The later word is kept."""
        rows: Sequence[Any] = rows_of(frame, row_class)
        said = _cells_by_token(frame)
        with self._lock:
            for row in rows:
                before = self._rows.get((row_class, row.token_id))
                if before is None or row.updated_at >= before.updated_at:
                    self._keep(row)
                    self._said[row_class, row.token_id] = said[row.token_id]

    def add(self, rows: Iterable[Any]) -> None:
        """What the ledger remembers, unless this knows better."""
        with self._lock:
            for row in rows:
                if (type(row), row.token_id) not in self._rows:
                    self._keep(row)

    def doubt(self, token_ids: Collection[str], since: datetime) -> None:
        """Its venue contradicted us: what is known of these instruments is as old as that."""
        with self._lock:
            for row in self.of(Instrument, token_ids).values():
                self._keep(replace(row, updated_at=since))

    def contradict(self, instrument: Instrument) -> None:
        """Another word than its venue's last: that is new again when it is said again."""
        with self._lock:
            self._keep(instrument)
            self._said.pop((Instrument, instrument.token_id), None)

    def forget(self) -> None:
        """All but those used last."""
        with self._lock:
            while len(self._rows) > MOST_KEPT:
                key, _ = self._rows.popitem(last=False)
                self._said.pop(key, None)

    def _keep(self, row: Any) -> None:
        key = (type(row), row.token_id)
        self._rows[key] = row
        self._rows.move_to_end(key)


def _cells_by_token(frame: pl.DataFrame) -> dict[str, Said]:
    """By token."""
    token, date = frame.columns.index("token_id"), frame.columns.index("updated_at")
    said: dict[str, Said] = defaultdict(list)
    for cells in frame.iter_rows():
        said[cells[token]].append((*cells[:date], *cells[date + 1 :]))
    return said
