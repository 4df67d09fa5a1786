"""How late an alarm comes after an edge is gone, at equal false alarms: our test, a calibrated window of 20, a calibrated losing streak.

A false alarm rate is the share of wallets that keep their edge and ring within 100 bets. Rivals ring at whole wins only: where no whole
number has the wanted rate, each path takes the next lower or the next higher one by chance, which hits it exactly.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.decay.decay_detection import HORIZON, ROLLING, cusum, fading, loss_evidence
from domain.profiling.fair_prices import log_odds
from evaluation.score import Score, interval

Floats = npt.NDArray[np.float64]

RATES = (0.29, 0.125, 0.04)
CELLS = (
    (0.60, 0.35),
    (0.60, 0.45),
    (0.60, 0.50),
    (0.70, 0.35),
    (0.70, 0.50),
    (0.80, 0.50),
)  # wins of 100 at a price of 0.50, before, after
PRICES = {"at 0.50": (0.5, 0.5), "at 0.20 to 0.80": (0.2, 0.8)}
PATHS, HEALTHY_PATHS, CALIBRATION_PATHS, AFTER = 1500, 5000, 30_000, 400
STATED_WITHIN = 0.10
EARLIER = 0.85
NEVER = 99.0  # a statistic that no threshold reaches


@dataclass(frozen=True)
class Paths:
    """HORIZON bets of a wallet with its edge, then AFTER bets without: `statistics` by method, one row per wallet, high is bad."""

    statistics: dict[str, Floats]


@dataclass(frozen=True)
class Alarm:
    """Rings at `lower` with probability `often`, else at `higher` only."""

    lower: float
    higher: float
    often: float

    def delay(self, statistic: Floats) -> float:
        """Bets from the change to the alarm, of the wallets that did not ring before it."""
        return self.often * _delay(statistic, self.lower) + (1 - self.often) * _delay(statistic, self.higher)


def scores(seeds: Sequence[int]) -> Iterable[Score]:
    ratios: dict[float, list[float]] = defaultdict(list)
    for where, prices in PRICES.items():
        for before in sorted({before for before, _ in CELLS}):
            yield from _score_case(f"{before:.2f} {where}", prices, before, seeds)
        for before, after in CELLS:
            case = f"{before:.2f} → {after:.2f} {where}"
            for found in _delays(case, prices, before, after, seeds):
                yield found
                if found.method == "walletflow / window":
                    ratios[float(found.figure.split()[-1].rstrip("%")) / 100].append(found.value)
    value = interval(ratios[RATES[-1]])
    yield _score("walletflow / window", "all of these", "bets until the alarm, at 4%", value, f"at most {EARLIER}", value[0] <= EARLIER)


def _score_case(case: str, prices: tuple[float, float], before: float, seeds: Sequence[int]) -> Iterator[Score]:
    """Thresholds are computed from the prices of a wallet's last 300 bets, then met by new bets at such prices."""
    edge = float(log_odds(before))
    for rate in RATES:
        measured, stated = [], []
        for seed in seeds:
            rng = np.random.default_rng([seed, 5])
            limit = fading(rng.uniform(*prices, 300), edge, rate)
            statistic = _draw(rng, prices, before, before, HEALTHY_PATHS, after_bets=0).statistics["walletflow"]
            measured.append(float((statistic.max(axis=1) >= limit.value).mean()))
            stated.append(limit.false_alarms)
        ratio = interval([one / said for one, said in zip(measured, stated, strict=True)])
        held = abs(ratio[0] - 1) <= STATED_WITHIN
        yield _score("walletflow", case, f"false alarms, measured per stated {rate:.1%}", ratio, f"1 ± {STATED_WITHIN}", held)


def _delays(case: str, prices: tuple[float, float], before: float, after: float, seeds: Sequence[int]) -> Iterator[Score]:
    calibration = _draw(np.random.default_rng(4), prices, before, after, CALIBRATION_PATHS, after_bets=0).statistics
    drawn = [_draw(np.random.default_rng([seed, 6]), prices, before, after, PATHS).statistics for seed in seeds]
    for rate in RATES:
        alarms = {method: _calibrated(statistic[:, :HORIZON].max(axis=1), rate) for method, statistic in calibration.items()}
        late = {method: [alarm.delay(world[method]) for world in drawn] for method, alarm in alarms.items()}
        ratio = interval([ours / theirs for ours, theirs in zip(late["walletflow"], late["window of 20"], strict=True)])
        claimed = EARLIER if (rate == RATES[-1] and (before, after) == CELLS[0]) else 1.0
        yield _score("walletflow / window", case, f"bets until the alarm, at {rate:.1%}", ratio, f"at most {claimed}", ratio[0] <= claimed)
        if (before, after) == CELLS[0]:
            for method, delays in late.items():
                yield _score(method, case, f"bets until the alarm, at {rate:.1%}", interval(delays))


def _draw(rng: np.random.Generator, prices: tuple[float, float], before: float, after: float, paths: int, after_bets: int = AFTER) -> Paths:
    shape = (paths, HORIZON + after_bets)
    chance = rng.uniform(*prices, shape)
    healthy, edge = np.arange(shape[1]) < HORIZON, float(log_odds(before))
    odds = log_odds(chance) + np.where(healthy, edge, float(log_odds(after)))
    won = (rng.random(shape) < 1 / (1 + np.exp(-odds))).astype(float)
    return Paths({"walletflow": cusum(loss_evidence(won, chance, edge)), "window of 20": _window(won), "losses in a row": _streak(won)})


def _window(won: Floats) -> Floats:
    """Losses among the last 20; before there are 20, none."""
    wins = np.cumsum(np.pad(won, ((0, 0), (1, 0))), axis=1)
    losses = ROLLING - (wins[:, ROLLING:] - wins[:, :-ROLLING])
    return np.pad(losses, ((0, 0), (ROLLING - 1, 0)))


def _streak(won: Floats) -> Floats:
    """Losses since the last win."""
    bets = np.arange(won.shape[1])
    last_win = np.maximum.accumulate(np.where(won > 0, bets, -1), axis=1)
    return (bets - last_win).astype(float)


def _calibrated(highest: Floats, rate: float) -> Alarm:
    """`highest`: of each healthy path."""
    ranked = np.sort(highest)
    lower = float(ranked[int((1 - rate) * ranked.size)])
    above = ranked[ranked > lower]
    higher = float(above[0]) if above.size else NEVER
    at_lower, at_higher = float((ranked >= lower).mean()), float((ranked >= higher).mean())
    return Alarm(lower, higher, (rate - at_higher) / (at_lower - at_higher))


def _delay(statistic: Floats, limit: float) -> float:
    rings = statistic >= limit
    quiet = ~rings[:, :HORIZON].any(axis=1)
    after = rings[quiet, HORIZON:]
    first = np.where(after.any(axis=1), after.argmax(axis=1) + 1, AFTER)
    return float(first.mean())


def _score(method: str, case: str, figure: str, value: tuple[float, float, float], wanted: str = "", held: bool | None = None) -> Score:
    return Score("decay", method, case, figure, *value, wanted, held)
