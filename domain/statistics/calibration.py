"""Were stated probabilities right? What was said against what came, bin by bin and as a whole, and how sure that is.

Forecasts are not independent where many hang on one outcome. `redrawn` is then what would have come had other outcomes been drawn (draws x
forecasts), and an interval is never narrower than what those differ by. A sum that is drawn again has the chance of the draw on top of its
own, twice the variance, so that one shock to all turns the sign of fewer by the root of two: shares are given it back.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.statistics.resampling import DRAWS, SURE

Floats = npt.NDArray[np.float64]
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
FEWEST = 30  # forecasts, below which no figure is worth its name
SUREST = 1e-6  # a forecast of exactly nothing that came true would cost without end


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts from `from_` to `to`: their mean, the share that came true, and its interval at 90 %; None where too few."""

    from_: float
    to: float
    count: int
    said: float
    came: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """`brier` and `log_loss` of the forecasts, lower is better; `gap` is the share that came less the mean forecast, with its interval."""

    count: int
    brier: float
    log_loss: float
    gap: float
    gap_low: float
    gap_high: float


def reliability(said: Floats, came: Floats, redrawn: Floats | None = None) -> list[Bin]:
    """One bin per stretch of forecasts that has any."""
    place = np.clip(np.searchsorted(np.array(EDGES), said, side="right") - 1, 0, len(EDGES) - 2)
    found = []
    for number in np.unique(place):
        here = place == number
        others = None if redrawn is None else redrawn[:, here].mean(axis=1)
        found.append(_bin(EDGES[number], EDGES[number + 1], said[here], came[here], others))
    return found


def widened(low: float, high: float, value: float, redrawn: Floats | None, of_signs: bool = False) -> tuple[float, float]:
    """An interval that is nowhere nearer to `value` than 1.645 standard deviations of what was drawn again.

    `of_signs`: it is a share of sums that are above zero.
    """
    if redrawn is None:
        return low, high
    error = SURE * float(np.nanstd(redrawn)) * (2**0.5 if of_signs else 1.0)
    return min(low, value - error), max(high, value + error)


def scores_of(said: Floats, came: Floats, unit: npt.NDArray[np.int64], seed: int = 0, draws: int = DRAWS) -> Scores:
    """Over all forecasts. Those of one `unit` (0, 1, 2 …) stand or fall together: it is units that are drawn again."""
    sure = np.clip(said, SUREST, 1 - SUREST)
    log_loss = -(came * np.log(sure) + (1 - came) * np.log1p(-sure)).mean()
    low, high = resampled_mean(came - said, unit, seed, draws)
    return Scores(said.size, float(((said - came) ** 2).mean()), float(log_loss), float((came - said).mean()), low, high)


def resampled_mean(values: Floats, unit: npt.NDArray[np.int64], seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
    """Between what the mean lies at 90 %, drawing whole units again."""
    return resampled_ratio(values, np.ones(values.size), unit, seed, draws)


def resampled_ratio(above: Floats, below: Floats, unit: npt.NDArray[np.int64], seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
    """The same of one sum by another."""
    units = int(unit.max()) + 1
    sums, wholes = np.bincount(unit, above, units), np.bincount(unit, below, units)
    drawn = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.nanquantile((drawn @ sums) / (drawn @ wholes), (0.05, 0.95))
    return float(low), float(high)


def wilson(hits: float, of: int) -> tuple[float, float]:
    """Between what a share seen `hits` times `of` lies at 90 %. Of nothing it is anything."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, SURE**2
    middle, width = share + square / (2 * of), SURE * np.sqrt(share * (1 - share) / of + square / (4 * of**2))
    low, high = (middle - width) / (1 + square / of), (middle + width) / (1 + square / of)
    return float(min(max(low, 0.0), share)), float(max(min(high, 1.0), share))  # at 0 and at 1, whatever rounding does


def _bin(from_: float, to: float, said: Floats, came: Floats, redrawn: Floats | None) -> Bin:
    if said.size < FEWEST:
        return Bin(from_, to, said.size, float(said.mean()), None, None, None)
    share = float(came.mean())
    low, high = widened(*wilson(float(came.sum()), said.size), share, redrawn, of_signs=True)
    return Bin(from_, to, said.size, float(said.mean()), share, max(low, 0.0), min(high, 1.0))
