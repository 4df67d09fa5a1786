"""A strategy and its history: whoever writes a strategy does it here, and each change is a version that stays for ever."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from adapters.stores.results import Results, Write
from data_contracts import Strategy, StrategyVersion, contract_of
from data_contracts.errors import Refused
from domain.copying.policy import policy_of_record
from domain.copying.strategy_changes import are_alike, changed_lines
from tasks.copying.sound_rows import readable_rows, set_broken_aside, sound_rows

CELLS = contract_of(Strategy).names
AS_FOUND = "as it was found"  # of a house from before there were versions, or written by another hand
HistoryLine = dict[str, Any]  # version, since, why; what, was, is
T = TypeVar("T")


def alone_with(strategy_ids: Collection[str], results: Results, act: Callable[[Results], T]) -> T:
    """`act`, while nobody else changes these strategies: it reads what holds, and writes all or nothing."""
    return results.alone([f"strategy {strategy_id}" for strategy_id in strategy_ids], act)


def put_strategies(strategies: Sequence[Strategy], why: str, within: Results) -> None:
    """Stores each and, at once, what it is now as its next version; one that is as it was stays as it is. Only within `alone_with` them.

    What stands there and is no version yet becomes one first; a row that cannot be read is set aside.
    """
    wanted = [one.strategy_id for one in strategies]
    stored, broken = sound_rows(within, Strategy, strategy_id=wanted)
    known, last = {one.strategy_id: one for one in stored}, last_versions(wanted, within)
    changed = [one for one in strategies if one.strategy_id not in known or not are_alike(known[one.strategy_id], one)]
    found = [one for one in (known.get(row.strategy_id) for row in changed) if one is not None and not _is_kept(one, last)]
    numbers = _numbers(wanted, within)
    versions = [*(_next(one, AS_FOUND, numbers) for one in found), *(_next(one, why, numbers) for one in changed)]
    if broken and changed:
        set_broken_aside(Strategy, broken, within, changed[0].updated_at)
    within.write([Write(Strategy, changed, "put"), Write(StrategyVersion, versions)])


def last_versions(strategy_ids: Collection[str], results: Results) -> dict[str, StrategyVersion]:
    """The newest that can be read of each; none of a strategy without any."""
    return {row.strategy_id: row for row in readable_rows(results, StrategyVersion, strategy_id=list(strategy_ids))}


def version_of(strategy_id: str, number: int, results: Results, as_of: datetime) -> Strategy:
    """The strategy as it was then, changed at `as_of`. Raises Refused for a version there is not, and one that cannot be read any more."""
    kept = {row.version: row for row in readable_rows(results, StrategyVersion, strategy_id=strategy_id)}
    if number not in kept:
        there = f"it has {', '.join(map(str, kept))}" if kept else "none is on record of it"
        raise Refused(f"{strategy_id} has no version {number}: {there}")
    faults = policy_of_record(kept[number].policy)[1]
    if faults:
        raise Refused(f"version {number} of {strategy_id} cannot be read any more: {', '.join(faults)}")
    return Strategy(**{name: getattr(kept[number], name) for name in CELLS} | {"updated_at": as_of})


def history_lines(strategy_id: str, results: Results) -> list[HistoryLine]:
    """Every version with each thing it made another, the oldest first. Raises Refused for a strategy nothing is on record of."""
    lines = histories(results, strategy_id=strategy_id).get(strategy_id)
    if lines is None:
        raise Refused(f"nothing is on record of a strategy {strategy_id!r}: `walletflow strategies` names them")
    return lines


def histories(results: Results, **where: object) -> dict[str, list[HistoryLine]]:
    """The same of every strategy that has one, by its name."""
    before: dict[str, StrategyVersion] = {}
    lines: dict[str, list[HistoryLine]] = defaultdict(list)
    for row in readable_rows(results, StrategyVersion, **where):
        changed = changed_lines(before.get(row.strategy_id), row) or [{"what": "", "was": "", "is": ""}]
        lines[row.strategy_id] += [{"version": row.version, "since": row.updated_at, "why": row.why, **line} for line in changed]
        before[row.strategy_id] = row
    return dict(lines)


def _is_kept(stored: Strategy, last: dict[str, StrategyVersion]) -> bool:
    return stored.strategy_id in last and are_alike(last[stored.strategy_id], stored)


def _numbers(strategy_ids: Collection[str], within: Results) -> dict[str, int]:
    """The last number of each: of rows that cannot be read as well, whose numbers are taken."""
    taken = within.read(StrategyVersion, only=["strategy_id", "version"], strategy_id=list(strategy_ids))
    return dict(taken.sort("version").iter_rows())  # the last of a name holds


def _next(strategy: Strategy, why: str, numbers: dict[str, int]) -> StrategyVersion:
    numbers[strategy.strategy_id] = number = numbers.get(strategy.strategy_id, 0) + 1
    return StrategyVersion(version=number, why=why, **{name: getattr(strategy, name) for name in CELLS})
