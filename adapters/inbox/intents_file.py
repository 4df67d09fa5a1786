"""Intents by file: each line is one, as it would be posted. Stored first; only then the place up to which the file is read moves."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.inbox.faults import Fault, Unacceptable, set_aside
from adapters.inbox.posted_intents import intent_in
from adapters.inbox.strict_json import Malformed, parse
from adapters.inbox.tailed_lines import LONGEST_LINE, Line, Read, next_lines
from adapters.stores.results import Results, Write
from data_contracts import Entrance, Quarantined, TailedFile, TradeIntent
from data_contracts.errors import Unavailable

TOO_LONG = f"is longer than {LONGEST_LINE} bytes, or was never finished"
LOST = "what was written before the file changed may be lost: nobody finds the old one beside it"
log = logging.getLogger("walletflow.inbox")


@dataclass(frozen=True, slots=True)
class Taken:
    """How many lines were new intents, how many were known, and how many were set aside."""

    new: int = 0
    known: int = 0
    set_aside: int = 0


def take_lines(path: Path, results: Results, now: datetime) -> Taken | None:
    """The next lines of the file; None where there are none. Raises Unavailable where the file or the store cannot be read."""
    before = results.rows(TailedFile, path=str(path))
    try:
        read = next_lines(path, before[0] if before else None, now)
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from error
    if read is None or (before and read.after == before[0]):
        return None
    if read.is_lost:
        log.warning("%s: %s", path, LOST)
    return _store(read, results, now)


def _store(read: Read, results: Results, now: datetime) -> Taken:
    rows, bad = read_lines(read.lines, now)
    new = results.receive(rows)
    results.write([Write(Quarantined, bad), Write(TailedFile, [read.after], "put")])
    return Taken(len(new), len(rows) - len(new), len(bad))


def read_lines(lines: Sequence[Line], now: datetime) -> tuple[list[TradeIntent], list[Quarantined]]:
    """The intents, and what is none: a bad line is set aside with its number, and the rest goes on."""
    rows, bad = list[TradeIntent](), list[Quarantined]()
    for line in lines:
        try:
            rows.append(_intent(line, now))
        except Unacceptable as error:
            bad.append(set_aside(line.text, TradeIntent, line.file, error.faults, now, f"line {line.number}"))
    return rows, bad


def _intent(line: Line, now: datetime) -> TradeIntent:
    if line.is_cut:
        raise Unacceptable([Fault("", TOO_LONG)])
    try:
        return intent_in(parse(line.text), Entrance.FILE, now)
    except Malformed as error:
        raise Unacceptable([Fault("", str(error))]) from None
