"""What it costs to buy or sell at once: half the spread and what our own size eats of the book, with an interval.

By category, USD, price, and where books say so, time to the end and hour of the day. `spread_fit.py` fits it; here it is charged. The
shipped fit is of recorded books; those that our own feed sees refine it (`spread-fitting`). What the recordings do not support: the hour
(crypto was recorded on one day, and baseball's evenings do not predict the games left out), the time to the end but for crypto, and any
category that was not recorded: for those all markets together stand, and their interval is that of a category left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVEL = 0.90
ONE_IN_TWENTY = 1.645  # deviations above the mean
SURE = 0.005  # prices are held this far from 0 and 1
HOURS_A_BAND = 6
EVEN_HOURS = (1.0, 1.0, 1.0, 1.0)
SIZES = (10.0, 100.0, 1000.0)  # USD


@dataclass(frozen=True, slots=True)
class Ending:
    """Books get thinner towards the end: cost goes with (seconds to the end / `usual_s`) ^ -`power`, within what was recorded."""

    power: float
    usual_s: float
    nearest_s: float
    farthest_s: float

    def at(self, to_end_s: Floats) -> Floats:
        """1 where the end is not known."""
        within = np.clip(np.where(np.isnan(to_end_s), self.usual_s, to_end_s), self.nearest_s, self.farthest_s)
        return np.asarray((within / self.usual_s) ** -self.power)


@dataclass(frozen=True, slots=True)
class Spread:
    """Cost in USD a share: `even` at 0.50, times (4 p (1 - p)) ^ `bend`, times (2 p) ^ -`tilt` (USD are more shares where p is low).

    `mean`, `low` and `high` are factors on that: 90 % of books lie between them. `hours`: factors of 0-6, 6-12, 12-18 and 18-24 UTC.
    `unsure` is the standard deviation of a book's cost, as a part of the mean: thin books are rare and dear, and no quantile sees them.
    It rests on so many markets; that of a category not recorded, on so many categories. To sell is to buy the other outcome, the same
    shares: it costs the same.
    """

    even: float
    bend: float
    mean: float
    low: float
    high: float
    tilt: float = 0.0
    ending: Ending | None = None
    hours: tuple[float, ...] = EVEN_HOURS
    rests_on: int = 1
    unsure: float = 0.0

    def at(self, price: Floats, to_end_s: Floats, hour: Floats) -> Floats:
        """`hour` in UTC; NaN where it is not known."""
        chance = np.clip(price, SURE, 1 - SURE)
        by_price = self.even * (4 * chance * (1 - chance)) ** self.bend * (2 * chance) ** -self.tilt
        band = np.where(np.isnan(hour), 0, hour // HOURS_A_BAND).astype(int)
        by_hour = np.where(np.isnan(hour), 1.0, np.array(self.hours)[band])
        return np.asarray(by_price * by_hour * (self.ending.at(to_end_s) if self.ending else 1.0))


Spreads = Mapping[str, Mapping[float, Spread]]  # category → USD → spread
ANY = ""  # a category that was not recorded
FITTED: Spreads = MappingProxyType(  # all of pm_orderbooks: 18 markets on BTC within 15 minutes, 14 games of baseball
    {
        "crypto": {
            10: Spread(0.005945, 0.2179, 1.061, 0.7233, 1.861, 0.2018, Ending(0.06149, 731.4, 89.06, 1771), rests_on=18, unsure=0.4053),
            100: Spread(0.008637, 0.2897, 1.152, 0.5326, 2.431, 0.4101, Ending(0.2051, 731.4, 89.06, 1771), rests_on=18, unsure=0.6136),
            1000: Spread(0.02517, 0.4, 1.172, 0.4625, 2.097, 0.5597, Ending(0.1225, 731.4, 89.06, 1771), rests_on=18, unsure=1.055),
        },
        "sports": {
            10: Spread(0.008942, 0.1884, 1.384, 0.4863, 3.5, 0.1991, rests_on=14, unsure=1.591),
            100: Spread(0.01066, 0.1654, 1.561, 0.3623, 4.095, 0.4251, rests_on=14, unsure=1.854),
            1000: Spread(0.01629, 0.1408, 1.984, 0.199, 6.318, 0.7077, rests_on=14, unsure=1.891),
        },
        ANY: {
            10: Spread(0.007083, 0.1826, 1.288, 0.3296, 8.65, 0.2031, rests_on=2, unsure=1.873),
            100: Spread(0.009317, 0.1808, 1.389, 0.2979, 7.063, 0.4235, rests_on=2, unsure=1.854),
            1000: Spread(0.02046, 0.2404, 1.486, 0.07775, 7.061, 0.6402, rests_on=2, unsure=1.443),
        },
    }
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Arrays, USD a share: what buying costs in the mean, between what it lies in 90 % of books, and on how many markets that rests.

    `dear`: the mean and `ONE_IN_TWENTY` deviations of a book. Over n events the mean lies as many, divided by the root of n, from `mean`.
    """

    mean: Floats
    low: Floats
    high: Floats
    rests_on: Floats
    dear: Floats


def cost_of(
    category: npt.NDArray[np.object_],
    price: Floats,
    notional: float,
    spreads: Spreads = FITTED,
    to_end_s: Floats | None = None,
    hour: Floats | None = None,
) -> Cost:
    """By category, price, USD, seconds to the end and hour (UTC), each a value a copy; NaN, or no array, where it is not known.

    Between the fitted sizes in proportion to the logarithm; beyond them as at the last.
    """
    unknown = np.full(price.size, np.nan)
    ends, hours = (unknown if one is None else one for one in (to_end_s, hour))
    parts = np.empty((5, price.size))
    for name in set(category.tolist()):
        own = category == name
        parts[:, own] = _between(spread_of(name, spreads), price[own], ends[own], hours[own], notional)
    return Cost(*parts)


def topic_of(category: str) -> str:
    """A category's first word: sports/mlb is sports."""
    return category.partition("/")[0].lower()


def spread_of(category: str, spreads: Spreads = FITTED) -> Mapping[float, Spread]:
    """By USD. Of all together where the category was not recorded."""
    return spreads.get(topic_of(category), spreads[ANY])


def _between(sizes: Mapping[float, Spread], price: Floats, to_end_s: Floats, hour: Floats, notional: float) -> Floats:
    known = sorted(sizes)
    at = float(np.interp(np.log(notional), np.log(known), np.arange(len(known))))
    low, share = int(at), at - int(at)
    rows = [_costs(sizes[known[place]], price, to_end_s, hour) for place in (low, min(low + 1, len(known) - 1))]
    return np.asarray(np.exp((1 - share) * np.log(rows[0]) + share * np.log(rows[1])))


def _costs(spread: Spread, price: Floats, to_end_s: Floats, hour: Floats) -> Floats:
    usual = spread.at(price, to_end_s, hour)
    dear = spread.mean * (1 + ONE_IN_TWENTY * spread.unsure)
    factors = usual * np.array([[spread.mean], [spread.low], [spread.high], [dear]])
    return np.stack([*factors[:3], np.full(price.size, float(spread.rests_on)), factors[3]])
