"""What do recorded books say that buying costs? Fitted on half of the markets, and its intervals held against the other half."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from domain.profiling.spreads import fitted
from evaluation.score import Score, interval
from evaluation.worlds.order_books import NAME, SIZES, book_costs

TOPIC = "spreads"
RECORDINGS = "WALLETFLOW_RECORDINGS"  # the directory with pm_orderbooks/ in it; unset, there is nothing to say
LOW, HIGH = 0.85, 0.95


def scores(seeds: Sequence[int]) -> Iterator[Score]:
    """By category: the share of books whose cost lies in the interval, each market counting as one, over random halves of the markets."""
    if RECORDINGS not in os.environ:
        return
    costs = book_costs(Path(os.environ[RECORDINGS]) / NAME)
    for category in costs["category"].unique().sort():
        own = costs.filter(pl.col("category") == category)
        value, low, high = interval([covered(own, seed) for seed in seeds])
        held = LOW <= value <= HIGH
        yield Score(TOPIC, "ours", category, "books of other markets in the 90 % interval", value, low, high, f"{LOW} to {HIGH}", held)
        for size in SIZES:
            one = own.filter(pl.col("notional") == size)
            part = fitted(one)
            mean = part.even * part.mean
            yield Score(
                TOPIC, "ours", category, f"cost of {size:g} USD at 0.50, USD a share", mean, part.even * part.low, part.even * part.high
            )


def covered(costs: pl.DataFrame, seed: int) -> float:
    """Fitted on a random half of the markets, of all sizes together on the other half."""
    markets = costs["market"].unique().sort().sample(fraction=1.0, shuffle=True, seed=seed)
    half = pl.col("market").is_in(markets.head(len(markets) // 2).implode())
    shares = []
    for size in SIZES:
        one = costs.filter(pl.col("notional") == size)
        part, rest = fitted(one.filter(half)), one.filter(~half).with_columns(weight=1 / pl.len().over("market").cast(pl.Float64))
        times = rest["cost"].to_numpy() / part.at(rest["price"].to_numpy())
        inside = (times >= part.low * (1 - 1e-9)) & (times <= part.high * (1 + 1e-9))
        shares.append(float(np.average(inside, weights=rest["weight"].to_numpy())))
    return float(np.mean(shares))
