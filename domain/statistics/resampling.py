"""How sure are we of a mean? Resampling whole events: trades in one event win and lose together, so they are one draw, not many.

Chance comes in as a seed: the same numbers give the same interval.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DRAWS = 1000
LEVEL = 0.90
SURE = 1.645  # standard errors: one-sided 95 %
FEWEST_CLUSTERS = 5  # of fewer events no interval and no p-value is worth its name


@dataclass(frozen=True, slots=True)
class Interval:
    """One entry per column: the mean of all rows and the bounds that hold it at the stated level; NaN where too few events say so."""

    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Draws:
    """`sums` and `counts` per event, and how often each draw took each event."""

    sums: Floats  # events x columns
    counts: Floats  # events
    weights: Floats  # draws x events

    def statistics(self) -> tuple[Floats, Floats, Floats]:
        """The mean, its standard error, and the studentised error of every draw (draws x columns)."""
        mean, error = _ratio(self.sums, self.counts, np.ones((1, len(self.counts))))
        drawn, errors = _ratio(self.sums, self.counts, self.weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            return mean[0], error[0], np.where(errors > 0, (drawn - mean[0]) / errors, 0.0)


def draws_of(values: Floats, clusters: Ints, draws: int = DRAWS, seed: int = 0) -> Draws:
    """Resamples of the events that `clusters` names by 0, 1, 2 …; a row of `values` is one trade."""
    sums = np.zeros((int(clusters.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, clusters, values)
    counts = np.bincount(clusters, minlength=len(sums)).astype(float)
    chance = np.random.default_rng(seed)
    weights = chance.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=draws).astype(float)
    return Draws(sums, counts, weights)


def interval(values: Floats, clusters: Ints, level: float = LEVEL, draws: int = DRAWS, seed: int = 0) -> Interval:
    """The mean of each column with a studentised bootstrap interval over events.

    Studentised, because returns of outcome shares are skewed: a share at 0.10 loses all or gains ninefold. The percentile interval
    of such a mean covers too rarely; dividing each draw by its own error brings it back (Hall 1992; measured by `walletflow evaluate`).
    """
    if not len(values) or int(clusters.max()) + 1 < FEWEST_CLUSTERS:
        mean = values.mean(axis=0) if len(values) else np.full(values.shape[1], np.nan)
        nothing = np.full(values.shape[1], np.nan)
        return Interval(mean, nothing, nothing)
    mean, error, errors = draws_of(values, clusters, draws, seed).statistics()
    low, high = np.quantile(errors, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(mean, mean - high * error, mean - low * error)


def stepdown(values: Floats, clusters: Ints, draws: int = DRAWS, seed: int = 0) -> Floats:
    """One p-value per column that its mean is above 0, corrected for having tried all of them (Romano and Wolf 2005, studentised).

    The best of many is compared with the best of many under no edge. At most `level` of all sets of columns without an edge have any
    p-value below it, however the columns depend on each other: they are resampled together. Of fewer than five events each is 1: two that
    both gain differ so little that chance alone looked sure in half of all cases.
    """
    if len(np.unique(clusters)) < FEWEST_CLUSTERS:
        return np.ones(values.shape[1])
    mean, error, errors = draws_of(values, clusters, draws, seed).statistics()
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(error > 0, mean / error, 0.0)
    order = np.argsort(-found)
    corrected, floor = np.ones(len(found)), 0.0
    for place, column in enumerate(order):
        best = errors[:, order[place:]].max(axis=1)
        floor = max(floor, (1 + np.count_nonzero(best >= found[column])) / (1 + len(errors)))
        corrected[column] = floor
    return corrected


def numbered(names: npt.NDArray[np.str_] | list[str]) -> Ints:
    """0, 1, 2 … for each different name."""
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64).reshape(-1)


def _ratio(sums: Floats, counts: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean of all trades and its cluster-robust standard error, for each row of weights."""
    trades = weights @ counts
    means = (weights @ sums) / trades[:, None]
    squares = weights @ sums**2 - 2 * means * (weights @ (sums * counts[:, None])) + means**2 * (weights @ counts**2)[:, None]
    events = len(counts)
    return means, np.sqrt(np.maximum(squares, 0) * events / (events - 1)) / trades[:, None]


def difference(one: tuple[Floats, Ints], other: tuple[Floats, Ints], level: float = LEVEL, draws: int = DRAWS, seed: int = 0) -> Interval:
    """The mean of one set of trades less that of another, events numbered alike: a draw takes an event in both or in none."""
    events = int(max(one[1].max(initial=-1), other[1].max(initial=-1))) + 1
    chance = np.random.default_rng(seed)
    weights = chance.multinomial(events, np.full(events, 1 / events), size=draws).astype(float) if events else np.zeros((draws, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = _means(weights, *one, events) - _means(weights, *other, events)
        mean = _means(np.ones((1, events)), *one, events) - _means(np.ones((1, events)), *other, events)
    if events < FEWEST_CLUSTERS or not np.isfinite(mean[0]):
        return Interval(mean, np.array([np.nan]), np.array([np.nan]))
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean, np.array([low]), np.array([high]))


def _means(weights: Floats, values: Floats, clusters: Ints, events: int) -> Floats:
    sums, counts = np.bincount(clusters, values, events), np.bincount(clusters, minlength=events)
    means: Floats = (weights @ sums) / (weights @ counts)
    return means


def wilson_low(hits: npt.NDArray[np.integer], of: npt.NDArray[np.integer]) -> Floats:
    """The lower bound (one-sided 95 %) of a share seen `hits` times `of`: three of three is no certainty. Of nothing it is 0."""
    seen = np.maximum(of, 1)
    share, square = hits / seen, SURE**2
    middle = share + square / (2 * seen)
    width = SURE * np.sqrt(share * (1 - share) / seen + square / (4 * seen**2))
    return np.asarray(np.maximum((middle - width) / (1 + square / seen), 0.0))
