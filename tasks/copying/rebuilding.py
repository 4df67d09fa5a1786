"""Every position derived once more from its fills and settlements, and held against what is stored: there must be no difference."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Fill, Position, Settlement, contract_of
from data_contracts.errors import Unsafe
from data_contracts.frames import as_kept
from domain.copying.ledger import Derived, Entry, PositionKey, fold, key_of, lots_of
from tasks.copying.booking import append
from tasks.copying.sound_rows import readable_rows

COLUMNS = tuple(name for name in contract_of(Position).names if name not in contract_of(Position).key)


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of a position, or all of it, that its log does not explain."""

    key: PositionKey
    column: str
    stored: str
    derived: str


def find_differences(settings: Settings) -> list[Difference]:
    """The cells in which stored positions differ from what their logs derive; empty when all is well."""
    results = open_results(settings)
    return differences_in(chain(results.rows(Fill), results.rows(Settlement)), readable_rows(results, Position))


def rebuild_positions(settings: Settings, as_of: datetime) -> list[Difference]:
    """Writes what the logs of all differing positions come to. What stays different has no log that explains it."""
    keys = sorted({difference.key for difference in find_differences(settings)})
    for key in keys:
        append(open_results(settings), [key], _nothing_new, settings, as_of)
    return find_differences(settings)


def _nothing_new(results: Results, known: object) -> Iterable[Entry]:
    return ()


def differences_in(entries: Iterable[Entry], positions: Iterable[Position]) -> list[Difference]:
    """The cells in which these positions differ from what all these entries derive."""
    logs: dict[PositionKey, list[Entry]] = defaultdict(list)
    for entry in entries:
        logs[key_of(entry)].append(entry)
    stored = {key_of(position): position for position in positions}
    return [one for key in sorted(logs.keys() | stored.keys()) for one in _differences_of(key, logs.get(key, ()), stored.get(key))]


def _differences_of(key: PositionKey, log: Sequence[Entry], stored: Position | None) -> list[Difference]:
    """The cells in which one position differs from what its log derives."""
    try:
        derived = fold(log)
    except (Unsafe, ArithmeticError) as error:
        return [Difference(key, "position", "stored" if stored else "none", f"cannot be derived: {error}")]
    if derived is None or stored is None:
        return [Difference(key, "position", "stored" if stored else "none", "derived" if derived else "none: no fill made it")]
    return [*_cells(key, stored, _as_stored(derived)), *_settlement_differences(key, log, derived)]


def _as_stored(derived: Derived) -> Position:
    """With as many digits as a store keeps."""
    return as_kept([derived.position], Position)[0]


def _cells(key: PositionKey, stored: Position, derived: Position) -> list[Difference]:
    pairs = [(name, getattr(stored, name), getattr(derived, name)) for name in COLUMNS]
    found = [Difference(key, name, str(one), str(other)) for name, one, other in pairs if one != other]
    return found if lots_of(stored) != lots_of(derived) else [one for one in found if one.column != "lots"]  # 18.000000 is 18


def _settlement_differences(key: PositionKey, log: Sequence[Entry], derived: Derived) -> list[Difference]:
    stored = {entry.settled_at: entry for entry in log if isinstance(entry, Settlement)}
    return [
        Difference(key, f"settlement of {one.settled_at:%Y-%m-%d %H:%M:%S}", str(before.realized_pnl), str(one.realized_pnl))
        for one in derived.settlements
        if (before := stored[one.settled_at]) != one
    ]
