"""What operators and the venue said of the strategies, and what each may do by it: read anew wherever an order may leave."""

from collections import defaultdict
from collections.abc import Mapping

from adapters.stores.results import Results
from data_contracts import Contradiction, OperatorWord, RiskState, TradingState
from data_contracts.frames import EPOCH
from domain.copying.risk.permission import EVERY_STRATEGY, SILENCE, Permission, Spoken, permission, strictest
from domain.operating.alerts import UnreadableRow
from tasks.copying.account import read_account
from tasks.copying.sound_rows import Broken, all_strategies, halt_of, sound_rows, unreadable


def spoken_of(results: Results) -> dict[str, Spoken]:
    """What operator and venue said, by strategy; empty for one of which nobody said anything."""
    return read_spoken(results)[0]


def read_spoken(results: Results) -> tuple[dict[str, Spoken], list[UnreadableRow]]:
    """The same, and the last words that cannot be read: each is taken for a HALT, which it may have been. An older one is of no account."""
    sound, broken = sound_rows(results, OperatorWord)
    words: dict[str, list[OperatorWord]] = defaultdict(list)
    closings: dict[str, list[OperatorWord]] = defaultdict(list)
    for word in sorted([*sound, *map(_taken_for_a_halt, broken)], key=lambda word: word.ordered_at):
        (words if word.state else closings)[word.strategy_id].append(word)
    contradictions: dict[str, list[Contradiction]] = defaultdict(list)
    for one in results.rows(Contradiction):
        contradictions[one.strategy_id].append(one)
    names = {*words, *contradictions, *closings}
    found = {name: Spoken(tuple(words[name]), tuple(contradictions[name]), tuple(closings[name])) for name in names}
    lasting = [one for one in broken if _taken_for_a_halt(one) == words[str(one.record["strategy_id"])][-1]]
    return defaultdict(Spoken, found), unreadable(OperatorWord, lasting)


def read_computed(results: Results, spoken: Mapping[str, Spoken]) -> tuple[dict[str, RiskState], list[UnreadableRow]]:
    """By strategy what the risk rules computed, and what cannot be read; what of that an operator cleared is as if it were not there."""
    sound, broken = sound_rows(results, RiskState)
    left = [one for one in broken if halt_of(one) not in spoken[str(one.record["strategy_id"])].cleared]
    return {state.strategy_id: state for state in sound}, unreadable(RiskState, left)


def permissions(results: Results, switch: TradingState) -> dict[str, Permission]:
    """What each strategy may do, as it is on record at this moment; one that is not known may do what the switch allows."""
    spoken, words = read_spoken(results)
    computed, states = read_computed(results, spoken)
    account = read_account(results, spoken[EVERY_STRATEGY]).permission
    out = {row.strategy_id for row in (*words, *states, *all_strategies(results)[1])}
    unknown = strictest([permission(switch, SILENCE, None), account])
    own = {name: permission(switch, spoken[name], computed.get(name), name not in out) for name in {*spoken, *computed, *out}}
    return defaultdict(lambda: unknown, {name: strictest([allowed, account]) for name, allowed in own.items()})


def _taken_for_a_halt(word: Broken) -> OperatorWord:
    ordered_at = word.record["ordered_at"] or EPOCH
    return OperatorWord(strategy_id=str(word.record["strategy_id"]), ordered_at=ordered_at, state=TradingState.HALTED, clears="[]")
