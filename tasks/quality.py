"""Does a frame keep its contract? Good rows go on, bad rows are quarantined with every rule they break, too many stop the copying."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Quarantined, contract_of
from data_contracts.errors import Unsafe
from data_contracts.frames import AS_IT_CAME, frame_of, has_repeats, notes_in
from domain.ids import row_id
from tasks.fast_check import Breach, breaches
from tasks.steps import is_unchecked, step

MAX_BAD_FRACTION = 0.05
OBSERVED_AT = {"traded_at", "happened_at"}
ASKED_AT = {"updated_at", "as_of"}
log = logging.getLogger("walletflow.quality")


def check(frame: pl.DataFrame, row_class: type, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """The rows that keep their contract, in their order. The others go to quarantine. Without a bad row there is no step."""
    if not frame.height or is_unchecked():
        return _without_notes(frame)
    return _good(frame, row_class, settings, as_of, quarantine_rows)


@step
def quarantine_rows(frame: pl.DataFrame, row_class: type, found: Sequence[Breach], settings: Settings, as_of: datetime) -> None:
    """What a check found, as a run shows it."""
    set_aside(frame, row_class, found, settings, as_of)


def sorted_out(frame: pl.DataFrame, row_class: type, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """The same check for code that runs within a step already."""
    return _good(frame, row_class, settings, as_of, set_aside)


def _good(frame: pl.DataFrame, row_class: type, settings: Settings, as_of: datetime, put_aside: Callable[..., None]) -> pl.DataFrame:
    if has_repeats(frame, contract_of(row_class).key):  # the same row twice is one row; two rows with one key are two bad ones
        frame = frame.unique(maintain_order=True)
    found = [*breaches(frame, row_class), *_to_come(frame, as_of)]
    if not found:
        return _without_notes(frame)
    put_aside(frame, row_class, found, settings, as_of)
    broken = {breach.row for breach in found}
    return _without_notes(frame[[row for row in range(frame.height) if row not in broken]])


def _without_notes(frame: pl.DataFrame) -> pl.DataFrame:
    notes = notes_in(frame)
    return frame.drop(notes) if notes else frame


def set_aside(frame: pl.DataFrame, row_class: type, found: Sequence[Breach], settings: Settings, as_of: datetime) -> None:
    """The rows that break a rule go to quarantine, each with all the rules it breaks."""
    broken: dict[int, list[str]] = defaultdict(list)
    for breach in found:
        broken[breach.row].append(str(breach))
    table = contract_of(row_class).table
    log.warning("%d of %d rows of %s go to quarantine", len(broken), frame.height, table)
    rows = [quarantined(frame.row(row, named=True), table, sorted(rules), as_of) for row, rules in broken.items()]
    open_results(settings).write([Write(Quarantined, frame_of(rows, Quarantined).unique("quarantine_id"))])


def check_all(frame: pl.DataFrame, row_class: type, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """The frame, if every row keeps its contract, in a replay as well. For what we conclude ourselves: a part of a conclusion is none.

    Raises Unsafe otherwise, after the bad rows went to quarantine.
    """
    good = _good(frame, row_class, settings, as_of, quarantine_rows) if frame.height else frame
    bad = frame.unique().height - good.height
    if bad:
        table = contract_of(row_class).table
        raise Unsafe(f"{bad} of {frame.height} rows of {table} broke their contract: nothing is concluded from them; see quarantine")
    return good


def insist(good: pl.DataFrame, of: pl.DataFrame) -> None:
    """Raises Unsafe when more than 5 % of the rows were bad: what is left may not be the truth either."""
    bad = of.height - good.height
    if of.height and bad / of.height > MAX_BAD_FRACTION:
        raise Unsafe(f"{bad} of {of.height} rows broke their contract, more than {MAX_BAD_FRACTION:.0%}: copying stops; see quarantine")


def _to_come(frame: pl.DataFrame, as_of: datetime) -> Iterator[Breach]:
    """What others did, they did before we looked."""
    for column in OBSERVED_AT & set(frame.columns):
        for row in frame.select((pl.col(column) > as_of).arg_true()).to_series():
            yield Breach(row, column, f"lies in the future of {as_of:%Y-%m-%d %H:%M:%S}")


def quarantined(record: Mapping[str, Any], table: str, rules: list[str], as_of: datetime) -> Quarantined:
    """A row as it is set aside, whole, and with what its source wrote where it cannot be read."""
    whole = {name: value for name, value in record.items() if name != AS_IT_CAME}
    if record.get(AS_IT_CAME):
        whole[AS_IT_CAME] = json.loads(record[AS_IT_CAME])
    row = json.dumps(whole, default=str, sort_keys=True)
    told = {name: value for name, value in whole.items() if name not in ASKED_AT}  # asked again, the same bad row is the same row
    return Quarantined(
        quarantine_id=row_id(table, json.dumps(told, default=str, sort_keys=True)),
        table=table,
        source=str(record.get("source") or ""),
        rules="; ".join(rules),
        row=row,
        seen_at=as_of,
    )
