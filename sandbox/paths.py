"""How likely an outcome truly is, moment by moment, and what the market believes instead."""

import math
from array import array
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sandbox.spool import Spool

Floats = npt.NDArray[np.float64]

STEPS = 64
_LEFT_TO_CHANCE = 0.4  # what even the last moment before the close does not settle
_LAG = 0.7 ** np.arange(8)  # the market follows the truth with this memory, in steps
_LAG = _LAG / _LAG.sum()
_MISTAKE = 0.4  # how far the market strays from the truth, in log-odds
_FLATTENING = 0.93  # favourite-longshot bias: log-odds shrunk, so longshots cost too much
_erf = np.vectorize(math.erf, otypes=[float])


@dataclass(slots=True, eq=False)
class Path:
    """Probabilities of the first outcome at STEPS + 1 evenly spaced instants of a market's life: the truth, then what is believed."""

    opens_s: float
    closes_s: float
    _steps: "array[float] | tuple[Spool, int]"

    @classmethod
    def of(cls, opens_s: float, closes_s: float, truth: Floats, belief: Floats) -> "Path":
        return cls(opens_s, closes_s, array("d", np.concatenate((truth, belief))))

    @property
    def truth(self) -> "array[float]":
        return self._all()[: STEPS + 1]

    @property
    def belief(self) -> "array[float]":
        return self._all()[STEPS + 1 :]

    def put_away(self, spool: Spool) -> None:
        """Nobody asks much of a market that is over."""
        self._steps = spool, spool.write(self._all().tobytes())

    def truth_at(self, at_s: float) -> float:
        return _between(self._all(), self._step(at_s), 0)

    def belief_at(self, at_s: float) -> float:
        return _between(self._all(), self._step(at_s), STEPS + 1)

    def _step(self, at_s: float) -> float:
        share = (at_s - self.opens_s) / (self.closes_s - self.opens_s)
        return min(max(share, 0.0), 1.0) * STEPS

    def _all(self) -> "array[float]":
        steps = self._steps
        return steps if isinstance(steps, array) else array("d", steps[0].read(steps[1], 2 * 8 * (STEPS + 1)))


def draw_path(opens_s: float, closes_s: float, rng: np.random.Generator) -> Path:
    """The truth is a martingale: the chance that a random walk, watched on the way, ends above zero."""
    walk = rng.normal(0, 0.9) + np.concatenate(([0.0], np.cumsum(rng.normal(0, STEPS**-0.5, STEPS))))
    still_open = np.sqrt(1 - np.linspace(0, 1, STEPS + 1) + _LEFT_TO_CHANCE**2)
    truth = np.clip((1 + _erf(walk / still_open / math.sqrt(2))) / 2, 0.005, 0.995)
    return Path.of(opens_s, closes_s, truth, _belief(truth, rng))


def opposite(path: Path, rng: np.random.Generator) -> Path:
    """The path of a rival's market: its truth is the complement, the crowd's mistakes about it are its own."""
    truth = 1 - np.asarray(path.truth)
    return Path.of(path.opens_s, path.closes_s, truth, _belief(truth, rng))


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def from_log_odds(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _belief(truth: Floats, rng: np.random.Generator) -> Floats:
    odds = np.log(truth / (1 - truth))
    remembered = np.convolve(np.concatenate((np.full(_LAG.size - 1, odds[0]), odds)), _LAG, mode="valid")
    white = rng.normal(0, 1, odds.size + _LAG.size - 1)
    strays = np.convolve(white, _LAG / math.sqrt(float((_LAG**2).sum())), mode="valid")
    return 1 / (1 + np.exp(-(_FLATTENING * remembered + _MISTAKE * strays)))


def _between(values: "array[float]", step: float, begin: int) -> float:
    before = min(int(step), STEPS - 1)
    share, place = step - before, begin + before
    return values[place] * (1 - share) + values[place + 1] * share
