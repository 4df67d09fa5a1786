"""What it costs to buy at once: half the spread and what our own size eats of the book, by category, price and USD, with its interval.

Fitted to recorded books (`walletflow evaluate spreads` fits anew on half of the markets and looks at the other half). Each market counts as
one: books of one market are alike, and a copy meets another market each time. What the recordings cannot tell: the hour of the day, and
categories that were not recorded, for which all markets together stand, farther apart. The time to the end was looked at on BTC's books
only: its correlation with the cost is weak (-0.18), and the fit leaves it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
LEVEL = 0.90
SURE = 0.005  # prices are held this far from 0 and 1


@dataclass(frozen=True, slots=True)
class Spread:
    """Cost in USD a share above the middle: `even` at 0.50, times (4 p (1 - p)) ^ `bend`. `mean`, `low` and `high` are factors on that."""

    even: float
    bend: float
    mean: float
    low: float
    high: float

    def at(self, price: Floats) -> Floats:
        chance = np.clip(price, SURE, 1 - SURE)
        return np.asarray(self.even * (4 * chance * (1 - chance)) ** self.bend)


Spreads = Mapping[str, Mapping[float, Spread]]  # category → USD → spread
ANY = ""  # a category that was not recorded
FITTED: Spreads = MappingProxyType(  # all of pm_orderbooks: 18 markets on BTC within 15 minutes, 14 games of baseball
    {
        "crypto": {
            10: Spread(0.0056, 0.07, 1.08, 0.89, 2.13),
            100: Spread(0.0081, -0.03, 1.32, 0.59, 2.84),
            1000: Spread(0.0258, -0.03, 1.48, 0.38, 2.03),
        },
        "sports": {
            10: Spread(0.0091, 0.14, 1.36, 0.13, 3.11),
            100: Spread(0.0101, -0.16, 1.72, 0.15, 3.15),
            1000: Spread(0.0123, -0.74, 1.87, 0.34, 4.24),
        },
        ANY: {
            10: Spread(0.0068, 0.10, 1.25, 0.72, 3.19),
            100: Spread(0.0088, -0.10, 1.53, 0.53, 3.15),
            1000: Spread(0.0189, -0.37, 1.58, 0.24, 5.85),
        },
    }
)
MARKETS = 14  # the fewest that a spread of a category rests on


@dataclass(frozen=True, slots=True)
class Cost:
    """Arrays, USD a share: what buying costs in the mean, and between what it lies in 90 % of markets."""

    mean: Floats
    low: Floats
    high: Floats


def cost_of(category: npt.NDArray[np.object_], price: Floats, notional: float, spreads: Spreads = FITTED) -> Cost:
    """By category, price and USD. Between the fitted sizes in proportion to the logarithm; beyond them as at the last."""
    parts = np.empty((3, price.size))
    for name in set(category.tolist()):
        own = category == name
        parts[:, own] = _between(spreads.get(name, spreads[ANY]), price[own], notional)
    return Cost(*parts)


def _between(sizes: Mapping[float, Spread], price: Floats, notional: float) -> Floats:
    known = sorted(sizes)
    at = np.clip(np.interp(np.log(notional), np.log(known), np.arange(len(known))), 0, len(known) - 1)
    low, share = int(at), at - int(at)
    rows = [_half_spread(sizes[known[place]], price) for place in (low, min(low + 1, len(known) - 1))]
    return np.asarray(np.exp((1 - share) * np.log(rows[0]) + share * np.log(rows[1])))


def _half_spread(spread: Spread, price: Floats) -> Floats:
    return np.asarray(spread.at(price) * np.array([[spread.mean], [spread.low], [spread.high]]))


def fitted(costs: pl.DataFrame) -> Spread:
    """From one row per book (market, price, cost): a line in the logs, every market counting as one.

    The interval is of errors of markets that the line was not fitted on: each is left out in turn.
    """
    rows = costs.with_columns(weight=1 / pl.len().over("market").cast(pl.Float64))
    chance = np.clip(rows["price"].to_numpy(), SURE, 1 - SURE)
    design = np.stack([np.ones(rows.height), np.log(4 * chance * (1 - chance))], axis=1)
    log_cost, weight, market = np.log(rows["cost"].to_numpy()), rows["weight"].to_numpy(), rows["market"].to_numpy()
    left_out = np.empty(rows.height)
    for name in rows["market"].unique():
        own = market == name
        left_out[own] = log_cost[own] - design[own] @ _line(design[~own], log_cost[~own], weight[~own])
    line = _line(design, log_cost, weight)
    mean = np.average(np.exp(log_cost - design @ line), weights=weight)
    low, high = _quantiles(left_out, weight, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Spread(float(np.exp(line[0])), float(line[1]), float(mean), float(np.exp(low)), float(np.exp(high)))


def _line(design: Floats, values: Floats, weight: Floats) -> Floats:
    root = np.sqrt(weight)
    return np.asarray(np.linalg.lstsq(design * root[:, None], values * root, rcond=None)[0])


def _quantiles(values: Floats, weight: Floats, parts: tuple[float, float]) -> Floats:
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / weight.sum()
    return np.asarray(values[order][np.minimum(np.searchsorted(reached, parts), values.size - 1)])
