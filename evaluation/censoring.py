"""Is it seen what somebody left out of a record? Worlds with every trade on record, and the same as people with an interest record them."""

from collections.abc import Iterator, Sequence

from domain.profiling.censoring import missing_from_trades
from evaluation.score import Score, interval
from evaluation.worlds.recordings import KINDS, Recording, RecordingPolicy, complete

TOPIC = "censoring"
FOUND, CRIED = 0.95, 0.05
COMPLETE = {
    "few know": RecordingPolicy(),
    "nobody knows": RecordingPolicy(knowing=0.0),
    "one in three knows": RecordingPolicy(knowing=0.33),
}


def scores(seeds: Sequence[int]) -> Iterator[Score]:
    """Per way of leaving out: how often its kind is named. Complete worlds: how often anything is."""
    for case, policy in COMPLETE.items():
        cried = [float(bool(_missing(complete(seed, policy)))) for seed in seeds]
        value, low, high = interval(cried)
        yield Score(TOPIC, "ours", f"complete, {case}", "called incomplete", value, low, high, f"at most {CRIED:.0%}", value <= CRIED)
    worlds = [complete(seed) for seed in seeds]
    for censor, kind in KINDS:
        value, low, high = interval([float(kind in _missing(censor(world))) for world in worlds])
        case = censor.__name__.replace("_", " ")
        yield Score(TOPIC, "ours", case, f"named: {kind}", value, low, high, f"at least {FOUND:.0%}", value >= FOUND)


def _missing(record: Recording) -> list[str]:
    return [kind.value for kind in missing_from_trades(record.trades, record.payouts)]
