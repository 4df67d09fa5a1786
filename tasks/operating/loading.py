"""Loads a table that a person hands us: good rows are stored by key, each other one is set aside with its row number and its reasons."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from adapters.batches import batches
from adapters.connect import open_history, open_results
from adapters.feeds.loaded_tables import ROW, Columns, Fault, LoadedTable, Way, read_loaded
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Quarantined, contract_of
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from domain.ids import row_id
from tasks.fast_check import breaches

LOADED_AT = "loaded_at"
ROWS_A_WRITE = 5_000


@dataclass(frozen=True, slots=True)
class Loading:
    """What came of a file. `new`, `replaced` and `known` are rows by key; `replaced` had other values. `known` is None if nobody looked."""

    file: str
    table: str
    read: int
    new: int
    replaced: int
    known: int | None
    repeated: int
    faults: tuple[Fault, ...]
    columns: Mapping[str, str]
    unread: tuple[str, ...]

    @property
    def set_aside(self) -> int:
        return len({fault.row for fault in self.faults})

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Each rule that rows break, whatever their cells were, and how many do; the most frequent first."""
        return Counter(f"{fault.column} {fault.rule}".strip() for fault in self.faults).most_common()


def load_table(
    path: Path, way: Way, columns: Columns, source: str, settings: Settings, as_of: datetime, is_rehearsal: bool = False
) -> Loading:
    """Reads, checks and stores. A rehearsal writes nothing, and needs no store. Raises Refused for a file that is no such table."""
    table = read_loaded(path, way, columns, source, as_of)
    faults = find_faults(table, as_of)
    bad = {fault.row for fault in faults}
    kept = table.frame.filter(~pl.col(ROW).is_in(sorted(bad))).drop(ROW)
    good = kept.unique(maintain_order=True)
    new, replaced, known = _against_the_store(good, way.row_class, settings, is_rehearsal)
    if not is_rehearsal:
        _put_aside(table, faults, settings, as_of)
        history = open_history(settings)
        for part in (new, replaced):
            history.append(part, way.row_class)
    return Loading(
        file=table.file,
        table=contract_of(way.row_class).table,
        read=table.frame.height,
        new=new.height,
        replaced=replaced.height,
        known=known,
        repeated=kept.height - good.height,
        faults=tuple(faults),
        columns=table.read,
        unread=table.unread,
    )


def find_faults(table: LoadedTable, as_of: datetime) -> list[Fault]:
    """Cells that cannot be read, rules of the contract that rows break, and what is said to have happened later than now; by row."""
    frame, rows = table.frame.drop(ROW), table.frame[ROW].to_list()
    unreadable = {(fault.row, fault.column) for fault in table.faults}
    broken = [breach for breach in breaches(frame, table.way.row_class) if breach.column != "key"]
    found = [Fault(rows[breach.row], breach.column, breach.rule, _cell(table, breach.row, breach.column)) for breach in broken]
    for column in (name for name in table.read if frame.schema[name].is_temporal()):
        late = frame.select((pl.col(column) > as_of).arg_true()).to_series()
        found += [Fault(rows[row], column, f"lies in the future of {as_of:%Y-%m-%d %H:%M}", _cell(table, row, column)) for row in late]
    told = [fault for fault in found if (fault.row, fault.column) not in unreadable]  # it is empty because it could not be read
    return sorted([*table.faults, *told, *_contradictions(table)], key=lambda fault: (fault.row, fault.column))


def _contradictions(table: LoadedTable) -> list[Fault]:
    """Rows of one key that say different things: none of them is believed. Rows that are the same to the letter are one."""
    key = list(contract_of(table.way.row_class).key)
    different = table.frame.drop(ROW).unique().filter(pl.struct(key).is_duplicated()).drop_nulls(key)
    rows = table.frame.join(different.select(key).unique(), on=key, how="semi", maintain_order="left")[ROW]
    return [Fault(row, "", f"another row has the same {', '.join(key)} and says something else") for row in rows]


def _cell(table: LoadedTable, row: int, column: str) -> str:
    """As it is written; empty where the file has no such column."""
    cell = table.written[table.read[column]][row] if column in table.read else None
    return "" if cell is None or cell == "" else repr(cell)[:80]


def _against_the_store(
    good: pl.DataFrame, row_class: type, settings: Settings, is_rehearsal: bool
) -> tuple[pl.DataFrame, pl.DataFrame, int | None]:
    """Rows whose key is new, rows whose key is there with other values, and how many are there as they are."""
    if is_rehearsal and settings.clickhouse_url is None:
        return good, good.clear(), None
    key = list(contract_of(row_class).key)
    stored = open_history(settings).of_wallets(row_class, good["wallet"].unique().to_list()).select(good.columns)
    values = [name for name in good.columns if name != LOADED_AT]
    changed = good.join(stored, on=values, how="anti", nulls_equal=True, maintain_order="left")
    new = changed.join(stored, on=key, how="anti", maintain_order="left")
    replaced = changed.join(stored, on=key, how="semi", maintain_order="left")
    return new, replaced, good.height - changed.height


def _put_aside(table: LoadedTable, faults: Sequence[Fault], settings: Settings, as_of: datetime) -> None:
    """Into quarantine, as they are written in the file. The same file again is the same rows."""
    reasons: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        reasons[fault.row].append(fault)
    written = table.written.filter(pl.col(ROW).is_in(sorted(reasons)))
    name = contract_of(table.way.row_class).table
    rows = [_quarantined(record, name, f"{table.file} row {record[ROW]}", reasons[record[ROW]], as_of) for record in written.to_dicts()]
    for part in batches(rows, ROWS_A_WRITE):
        open_results(settings).write([Write(Quarantined, frame_of(part, Quarantined))])


def _quarantined(record: dict[str, object], table: str, source: str, faults: Sequence[Fault], as_of: datetime) -> Quarantined:
    cells = json.dumps({name: cell for name, cell in record.items() if name != ROW}, default=str, sort_keys=True).replace("\\u0000", "?")
    return Quarantined(
        quarantine_id=row_id(table, source, cells),
        table=table,
        source=source,
        rules="; ".join(map(str, faults)).replace("\x00", "?"),
        row=cells,
        seen_at=as_of,
    )


def texts_of(options: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE, several times. Raises Refused without an equals sign."""
    found = {}
    for each in options:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise Refused(f"{option} {each!r}: write NAME=VALUE")
        found[name.strip()] = value.strip()
    return found
