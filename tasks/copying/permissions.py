"""What operators and the venue said of the strategies, and what each may do by it: read anew wherever an order may leave."""

from collections import defaultdict

from adapters.stores.results import Results
from data_contracts import Contradiction, OperatorWord, RiskState, TradingState
from domain.copying.risk.permission import Permission, Spoken, permission


def spoken_of(results: Results) -> dict[str, Spoken]:
    """What operator and venue said, by strategy; empty for one of which nobody said anything."""
    words: dict[str, list[OperatorWord]] = defaultdict(list)
    for word in results.rows(OperatorWord):  # in the order of their key: by strategy, then time
        words[word.strategy_id].append(word)
    contradictions: dict[str, list[Contradiction]] = defaultdict(list)
    for one in results.rows(Contradiction):
        contradictions[one.strategy_id].append(one)
    found = {
        strategy_id: Spoken(tuple(words[strategy_id]), tuple(contradictions[strategy_id])) for strategy_id in {*words, *contradictions}
    }
    return defaultdict(Spoken, found)


def permissions(results: Results, switch: TradingState) -> dict[str, Permission]:
    """What each strategy may do, as it is on record at this moment; one that is not known may do what the switch allows."""
    spoken = spoken_of(results)
    computed = {state.strategy_id: state for state in results.rows(RiskState)}
    unknown = permission(switch, Spoken(), None)
    known = {strategy_id: permission(switch, spoken[strategy_id], computed.get(strategy_id)) for strategy_id in {*spoken, *computed}}
    return defaultdict(lambda: unknown, known)
