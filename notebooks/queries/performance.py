"""What came of it, by strategy, leader, market, day; whether our probabilities came true; and what random leaders would have brought."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data_contracts import CalibrationFigure, Copyability, Counterfactual
from domain.backtesting.counterfactual import ENDED
from domain.copying.realizing import OPENING
from domain.statistics.resampling import Floats, Ints, interval, numbered
from notebooks.queries.house import BEGINNING, House, asked
from tasks.copying.realizing import read_realized

BY = {"strategy": "strategy_id", "leader": "leader", "category": "category", "venue": "venue", "market": "market_id", "day": "day"}
DELAY_S, NOTIONAL, DRAWS = 30, 100, 1_000
MANY_MARKETS, Z_90 = 100, 1.645


@dataclass(frozen=True, slots=True)
class Random:
    """What a copy of our leaders returned in the mean, beside as many leaders drawn at random from all that were rated, 90 % of the draws.

    `chance`: that random leaders do at least as well.
    """

    leaders: int
    rated: int
    ours: float
    low: float
    high: float
    chance: float


def realized(house: House, since: datetime = BEGINNING, strategies: list[str] | None = None) -> pl.DataFrame:
    """What each sale and settlement since realized, its `gain` and the `fees` in that, in stake and in USD at the rate of its instant."""
    rows = read_realized(house.results, since, **asked(strategy_id=strategies))
    return house.priced(rows.with_columns(pl.col("realized_at").dt.strftime("%Y-%m-%d").alias("day")), ["gain", "fees"], "realized_at")


def performance(rows: pl.DataFrame, by: str, most: int | None = None) -> pl.DataFrame:
    """A row for each strategy, leader, category, venue, market or day (UTC), the best first or the last day: what it realized in USD, of
    how many positions, closed or left in part, how many of them won, and the mean of one with the interval that holds it at 90 % (null:
    too few markets). Of more than `most` the best and the worst; of days the last. A day has what was realized on it.
    """
    found = _positions(rows, by).group_by("of").agg(
        pl.len().cast(pl.Int64).alias("positions"),
        (pl.col("gain_usd") > 0).sum().cast(pl.Int64).alias("won"),
        pl.col("gain_usd", "fees_usd").sum(),
        pl.col("gain_usd").mean().alias("mean"),
        pl.col("gain_usd").alias("gains"),
        "market_id",
    )  # fmt: skip
    shown = _extremes(found.sort("of" if by == "day" else "gain_usd", "of", descending=[True, False]), by, most)
    bounds = [_interval(np.array(gains), numbered(markets)) for gains, markets in shown.select("gains", "market_id").iter_rows()]
    sides = [pl.Series(name, [bound[side] for bound in bounds], dtype=pl.Float64) for side, name in enumerate(("low", "high"))]
    return shown.drop("gains", "market_id").with_columns(sides)


def followed_up(house: House, since: datetime = BEGINNING, strategies: list[str] | None = None) -> pl.DataFrame:
    """What following each signal would have brought, by strategy, verdict and reason: signals whose end came since, as the report counts
    them. `pnl` in USD, of 100 behind each; `return` is the mean. One that nobody would have filled brought 0.
    """
    where = asked(strategy_id=strategies, end=list(ENDED))
    by = ["strategy_id", "verdict", "reason"]
    ended = house.results.sums(Counterfactual, by, ["pnl", "gain"], since=("ended_at", since), **where)
    return ended.with_columns((pl.col("gain") / pl.col("rows")).alias("return")).drop("gain").sort("rows", descending=True)


def calibration(house: House) -> pl.DataFrame:
    """The last report: what was said of wallets, and what came."""
    figures = house.results.read(CalibrationFigure)
    return figures.filter(pl.col("as_of") == pl.col("as_of").max())


def random_leaders(house: House, strategies: list[str] | None = None, seed: int = 0) -> Random | None:
    """Our leaders beside random ones, by what a copy of 100 USD that comes 30 s later returned; None where too few are rated."""
    rated = house.results.read(Copyability, only=["wallet", "mean"], delay_s=DELAY_S, notional=NOTIONAL)
    chosen = house.followed if strategies is None else house.followed.filter(pl.col("strategy_id").is_in(strategies))
    means, ours = rated["mean"].to_numpy(), rated.filter(pl.col("wallet").is_in(chosen["wallet"].to_list()))["mean"].to_numpy()
    if not len(ours) or len(means) < 2 * len(ours):
        return None
    drawn = np.random.default_rng(seed)
    draws = np.array([drawn.choice(means, len(ours), replace=False).mean() for _ in range(DRAWS)])
    low, high = np.quantile(draws, [0.05, 0.95])
    chance = (1 + np.count_nonzero(draws >= ours.mean())) / (1 + DRAWS)
    return Random(len(ours), len(means), float(ours.mean()), float(low), float(high), float(chance))


def _positions(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """What each opening of a position realized of each `of`; without those whose currency had no rate on record."""
    own = rows.drop_nulls("gain_usd").with_columns(pl.col(BY[by]).alias("of"))
    sums = own.group_by("of", *OPENING, maintain_order=True)
    return sums.agg(pl.col("market_id").first(), pl.col("gain_usd", "fees_usd").sum())


def _extremes(sorted_rows: pl.DataFrame, by: str, most: int | None) -> pl.DataFrame:
    if most is None or sorted_rows.height <= most:
        return sorted_rows
    return sorted_rows.head(most) if by == "day" else pl.concat([sorted_rows.head(most - most // 2), sorted_rows.tail(most // 2)])


def _interval(gains: Floats, markets: Ints) -> tuple[float | None, float | None]:
    """90 % of the mean, by markets: drawn anew where they are few; of many, by the error of their sums, which says the same at once."""
    if len(np.unique(markets)) <= MANY_MARKETS:
        sure = interval(gains[:, None], markets)
        return (None, None) if np.isnan(sure.low[0]) else (float(sure.low[0]), float(sure.high[0]))
    error = float(np.sqrt((np.bincount(markets, gains - gains.mean()) ** 2).sum()) / len(gains))
    return float(gains.mean() - Z_90 * error), float(gains.mean() + Z_90 * error)
