"""Our own rows, as far as they can be read: one that breaks its contract takes its own strategy out of buying, and stops no other.

A row is broken by hand, by a version that knew other words, or by a disk. Nobody mends it by guessing: it stays as it is.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from operator import itemgetter
from typing import Any, TypeVar

from adapters.stores.results import Results, Write
from data_contracts import AccountState, Currency, OperatorWord, Position, Quarantined, RiskState, Strategy, Venue, contract_of
from data_contracts.frames import EPOCH, frame_from, frame_of, rows_from
from domain.copying.kinds.kinds import KINDS
from domain.copying.ledger import lots_of
from domain.copying.policy import policy_of_record
from domain.copying.risk.account_assessment import capital_of
from domain.copying.risk.looks import Looks
from domain.copying.risk.permission import EVERY_STRATEGY, cleared_by
from domain.copying.risk.rules import rules_of
from domain.ids import row_id
from domain.operating.alerts import UnreadableRow
from tasks.fast_check import are_surely_sound, breaches
from tasks.quality import quarantined

R = TypeVar("R")
GUESSED: Mapping[str, Any] = {  # of a strategy that buys nothing
    "venue": Venue.POLYMARKET,
    "stake_currency": Currency.USD,
    "kind": next(iter(KINDS)),
    "policy": "",
    "balance": Decimal(0),
    "enabled": False,
    "created_at": EPOCH,
    "updated_at": EPOCH,
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be read: as it is kept, and what of it is wrong."""

    record: Mapping[str, Any]
    faults: tuple[str, ...]


def sound_rows(results: Results, row_class: type[R], **where: object) -> tuple[list[R], list[Broken]]:
    """The rows that keep their contract and whose texts can be read, in the order of their key; and those that do not."""
    records, question, key = results.records(row_class, **where), (row_class, frozenset(where)), _key_of(row_class)
    lately, keys = _READ_LAST.get(question, {}), list(map(key, records))
    found: list[Any] = []
    for name, record in zip(keys, records, strict=True):
        before = lately.get(name)
        found.append(before[1] if before and before[0] == record else None)
    if any(one is None for one in found):
        read = _read([record for record, one in zip(records, found, strict=True) if one is None], row_class)
        found = [read[record] if one is None else one for record, one in zip(records, found, strict=True)]
    _READ_LAST[question] = dict(zip(keys, zip(records, found, strict=True), strict=True))
    broken = [one for one in found if isinstance(one, Broken)]
    return [one for one in found if not isinstance(one, Broken)] if broken else found, broken


# By what was asked: each key's record, and what it was read as. Of fifty strategies' positions nearly all are as they were thirty seconds
# ago, and to read and check them all anew was a tenth of a cycle.
_READ_LAST: dict[tuple[type, frozenset[str]], dict[Any, tuple[tuple[Any, ...], Any]]] = {}


def _key_of(row_class: type) -> Callable[[tuple[Any, ...]], Any]:
    """Of a record. To hash all of its cells took longer than to compare them."""
    contract = contract_of(row_class)
    return itemgetter(*(contract.names.index(name) for name in contract.key))


def _read(records: Sequence[tuple[Any, ...]], row_class: type[R]) -> dict[tuple[Any, ...], R | Broken]:
    """By record, its row, or what is wrong with it."""
    columns = dict(zip(contract_of(row_class).names, zip(*records, strict=True), strict=True))
    broken = {} if are_surely_sound(columns, row_class) else _broken(records, row_class)
    kept = [record for record in records if record not in broken]
    return {record: _with_its_texts(one) for record, one in zip(kept, rows_from(kept, row_class), strict=True)} | broken


def _broken(records: Sequence[tuple[Any, ...]], row_class: type) -> dict[tuple[Any, ...], Broken]:
    """By record, every rule it breaks."""
    frame, faults = frame_from(records, row_class), defaultdict[int, list[str]](list)
    for breach in breaches(frame, row_class):
        faults[breach.row].append(str(breach))
    for place, column in _no_numbers(records, row_class):
        if not any(fault.startswith(f"{column} ") for fault in faults[place]):
            faults[place].append(f"{column} is no number")
    return {records[place]: Broken(frame.row(place, named=True), tuple(rules)) for place, rules in faults.items() if rules}


def _no_numbers(records: Sequence[tuple[Any, ...]], row_class: type) -> Iterator[tuple[int, str]]:
    """Cells that are NaN, which a server keeps: where a column may be empty, no other rule names them."""
    exact = [(place, field.name) for place, field in enumerate(contract_of(row_class).fields) if issubclass(field.kind, Decimal)]
    for row, record in enumerate(records):
        yield from ((row, name) for place, name in exact if record[place] is not None and not record[place].is_finite())


def _with_its_texts(one: R) -> R | Broken:
    """The row, if its texts can be read as well."""
    faults = tuple(_unread_texts(one))
    return Broken({name: getattr(one, name) for name in contract_of(type(one)).names}, faults) if faults else one


def readable_rows(results: Results, row_class: type[R], **where: object) -> list[R]:
    """The first of these, for whoever does not ask about the others."""
    return sound_rows(results, row_class, **where)[0]


def all_strategies(results: Results) -> tuple[list[Strategy], list[UnreadableRow]]:
    """Every strategy by its id; of one that cannot be read what can be, and the rest so that it does least."""
    sound, broken = sound_rows(results, Strategy)
    guessed = [_guessed_strategy(one.record) for one in broken]
    return sorted([*sound, *guessed], key=lambda one: one.strategy_id), unreadable(Strategy, broken)


def unreadable(row_class: type, broken: Iterable[Broken]) -> list[UnreadableRow]:
    """What is said of rows that cannot be read."""
    table = contract_of(row_class).table
    return [UnreadableRow(str(one.record.get("strategy_id", EVERY_STRATEGY)), table, "; ".join(one.faults)) for one in broken]


def halt_of(state: Broken) -> str:
    """The name of the halt by a risk state that cannot be read: of this very state, so that clearing it clears no later one."""
    return row_id("risk state", json.dumps(dict(state.record), default=str, sort_keys=True))


def set_broken_aside(row_class: type, broken: Iterable[Broken], results: Results, as_of: datetime) -> None:
    """Into quarantine as they are kept, before something else takes their place."""
    table = contract_of(row_class).table
    rows = [quarantined(one.record, table, sorted(one.faults), as_of) for one in broken]
    results.write([Write(Quarantined, frame_of(rows, Quarantined))])


def _unread_texts(row: object) -> Iterable[str]:
    """Faults that no bound of a column can name."""
    for name, read in READ.get(type(row), {}).items():
        try:
            read(row)
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            yield f"{name} cannot be read ({str(error).splitlines()[0]})"


def _read_policy(strategy: Strategy) -> None:
    faults = policy_of_record(strategy.policy)[1]
    if faults:
        raise ValueError(", ".join(faults))


def _read_kind(strategy: Strategy) -> None:
    if strategy.kind not in KINDS:
        raise ValueError(f"there is no kind {strategy.kind}, only {', '.join(KINDS)}")


READ: Mapping[type, Mapping[str, Callable[[Any], object]]] = {
    Strategy: {"policy": _read_policy, "kind": _read_kind},
    RiskState: {"rules": lambda row: rules_of(row.rules), "looks": lambda row: Looks.of(row.looks)},
    AccountState: {"rules": lambda row: rules_of(row.rules), "looks": lambda row: Looks.of(row.looks), "capital": capital_of},
    OperatorWord: {"clears": cleared_by},
    Position: {"lots": lots_of},
}


def _guessed_strategy(record: Mapping[str, Any]) -> Strategy:
    known = {name: record[name] if record[name] is not None else guess for name, guess in GUESSED.items()}
    words = {name: _word(known[name], GUESSED[name]) for name in ("venue", "stake_currency", "kind")}
    kind = words["kind"] if words["kind"] in KINDS else GUESSED["kind"]
    return Strategy(strategy_id=str(record["strategy_id"]), **known | words | {"kind": kind})


def _word(text: str, otherwise: Enum) -> Enum:
    vocabulary = type(otherwise)
    return vocabulary(text) if text in {word.value for word in vocabulary} else otherwise
