"""A world in which copying coins costs: what a leader knows goes into the price after its purchase, and its sale takes some of it out.

The law of one entry. The leader buys at price p and sells ten minutes later at r p, r with a tail of 1.3 up to twenty; on the way the price
is p r^(1 - exp(-t / `spreads_s`)): most coins fall, few rise far. After its sale the price is lower by `falls`. Others trade all the while
at that price. Calibrated to what was measured of copying memecoins (Luo et al., WWW 2026): the leader makes about +14 % a trade, who
copies it after half a minute with the router's fee of young coins and half a SOL, about +3 %.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Side
from domain.profiling.memecoins import POOL_PRODUCT, CopyTerms
from domain.profiling.skill import Floats

LEADER, OTHERS = "name:leader", "name:others"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HELD_S, APART_S = 600.0, 7_200.0
POOL = "pool"


@dataclass(frozen=True, slots=True)
class Law:
    """What one entry is drawn from; `least` makes the mean of r 1.14."""

    tail: float = 1.3
    least: float = 0.3396
    most: float = 20.0
    spreads_s: float = 240.0
    falls: float = 0.005
    price: float = 1e-6  # SOL
    every_s: float = 2.0  # a trade of the others, at some instant within
    noise: float = 0.01  # of the price of each


LAW = Law()


def multiples(rng: np.random.Generator, entries: int, law: Law = LAW) -> Floats:
    """What the leader's entries come to."""
    return np.asarray(np.minimum(law.least * rng.random(entries) ** (-1 / law.tail), law.most))


def tape(rng: np.random.Generator, multiple: Floats, law: Law = LAW) -> pl.DataFrame:
    """Trades of one coin an entry, in time order: the leader's two, and the others'."""
    times = np.arange(-10.0, HELD_S + 400.0, law.every_s)
    entry = np.repeat(np.arange(multiple.size), times.size)
    at = np.tile(times, multiple.size) + rng.random(entry.size) * law.every_s
    others = _rows(entry, at, _price(multiple[entry], at, law) * np.exp(rng.normal(0, law.noise, at.size)), OTHERS, Side.BUY, 5e5)
    numbers, zeros = np.arange(multiple.size), np.zeros(multiple.size)
    bought = _rows(numbers, zeros, np.full(multiple.size, law.price), LEADER, Side.BUY, 1e6)
    sold = _rows(numbers, zeros + HELD_S, law.price * multiple, LEADER, Side.SELL, 1e6)
    whole = pl.concat([others, bought, sold]).sort("traded_at", "token_id", maintain_order=True)
    return whole.with_columns(pl.int_range(pl.len()).alias("sequence"))


def gains(multiple: Floats, terms: CopyTerms, law: Law = LAW) -> Floats:
    """What a copy of each entry brings, by the law and without a tape."""
    bought = _price(multiple, np.full(multiple.size, terms.delay_s), law)
    sold = _price(multiple, np.full(multiple.size, HELD_S + terms.delay_s), law)
    fee, impact = terms.fee_of_the_young, terms.impact * terms.stake
    coins = (1 - fee) / (bought * (1 + impact / np.sqrt(POOL_PRODUCT * bought)))
    worth = coins * sold
    return np.asarray(worth / (1 + impact * worth / np.sqrt(POOL_PRODUCT * sold)) * (1 - fee) - 1)


def truth(terms: CopyTerms, law: Law = LAW, draws: int = 400_000) -> float:
    """The expected gain of a copy."""
    return float(gains(multiples(np.random.default_rng(99), draws, law), terms, law).mean())


def _price(multiple: Floats, at_s: Floats, law: Law) -> Floats:
    """Before the purchase p, then on its way, lower once the leader sold."""
    way = multiple ** (1 - np.exp(-np.maximum(at_s, 0.0) / law.spreads_s))
    return np.asarray(law.price * np.where(at_s > HELD_S, multiple * (1 - law.falls), np.where(at_s == HELD_S, multiple, way)))


def _rows(entry: npt.NDArray[np.int64], at_s: Floats, price: Floats, wallet: str, side: Side, coins: float) -> pl.DataFrame:
    shares = np.full(entry.size, coins)
    since = pl.Series((entry * APART_S + at_s) * 1e6).cast(pl.Int64).cast(pl.Duration("us"))
    return pl.DataFrame(
        {
            "wallet": [wallet] * entry.size,
            "token_id": pl.Series(entry).cast(pl.String),
            "side": [side.value] * entry.size,
            "price": price,
            "shares": shares,
            "notional": shares * price,
            "traded_at": pl.Series([BEGIN]).cast(pl.Datetime("us", "UTC")).extend_constant(BEGIN, entry.size - 1) + since,
            "pool": [POOL] * entry.size,
        }
    )


def launches(multiple: Floats) -> pl.DataFrame:
    """Each coin began an hour before its entry: it is young."""
    at = [BEGIN + timedelta(seconds=number * APART_S - 3_600) for number in range(multiple.size)]
    return pl.DataFrame({"token_id": [str(number) for number in range(multiple.size)], "launched_at": at})
