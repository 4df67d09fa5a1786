"""What came of it: by strategy, leader, category and venue; whether our probabilities came true; and what random leaders would have brought."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data_contracts import CalibrationFigure, Copyability, Counterfactual
from domain.statistics.resampling import Floats, Ints, interval, numbered
from notebooks.queries.house import House, asked
from notebooks.queries.trading import closed_positions

MOST = 20_000  # closed positions of a window; there are rarely as many
BY = {"strategy": "strategy_id", "leader": "leader", "category": "category", "venue": "venue"}
DELAY_S, NOTIONAL, DRAWS = 30, 100, 1_000
MANY_MARKETS, Z_90 = 100, 1.645
COLUMNS = [
    "strategy_id",
    "venue",
    "leader",
    "category",
    "market_id",
    "realized_pnl",
    "realized_before",
    "fees",
    "opened_at",
    "closed_at",
    "exit_reason",
]


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


def closed(house: House, since: datetime, strategies: list[str] | None = None) -> pl.DataFrame:
    """The positions that closed since, with what each realized, `gain_usd` at the rate of its end."""
    return closed_positions(house, since, strategies, count=MOST, only=COLUMNS)


def performance(positions: pl.DataFrame, by: str) -> pl.DataFrame:
    """A row for each strategy, leader, category or venue: positions closed, won, what they realized in USD, and the mean of one with the
    interval that holds it at 90 % (null: too few markets)."""
    rows = [_figures(str(key), own) for (key,), own in positions.drop_nulls("gain_usd").group_by(BY[by])]
    schema = {
        "of": pl.String,
        "closed": pl.Int64,
        "won": pl.Int64,
        "gain_usd": pl.Float64,
        "fees_usd": pl.Float64,
        "mean": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort("gain_usd", descending=True)


def followed_up(house: House, strategies: list[str] | None = None) -> pl.DataFrame:
    """What following each signal would have brought, by strategy, verdict and reason: signals whose end is known, `stake` and `pnl` in USD."""
    where = asked(strategy_id=strategies, end=["leader", "resolution"])
    ended = house.results.sums(Counterfactual, ["strategy_id", "verdict", "reason"], ["stake", "pnl"], **where)
    return ended.with_columns((pl.col("pnl").cast(pl.Float64) / pl.col("stake").cast(pl.Float64)).alias("return")).sort(
        "rows", descending=True
    )


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


def _figures(key: str, own: pl.DataFrame) -> tuple[object, ...]:
    gains = own["gain_usd"].to_numpy()
    low, high = _interval(gains, numbered(own["market_id"].to_list()))
    return key, own.height, int((gains > 0).sum()), float(gains.sum()), float(own["fees_usd"].sum() or 0), float(gains.mean()), low, high


def _interval(gains: Floats, markets: Ints) -> tuple[float | None, float | None]:
    """90 % of the mean, by markets: drawn anew where they are few; of many, by the error of their sums, which says the same at once."""
    if len(np.unique(markets)) <= MANY_MARKETS:
        sure = interval(gains[:, None], markets)
        return (None, None) if np.isnan(sure.low[0]) else (float(sure.low[0]), float(sure.high[0]))
    error = float(np.sqrt((np.bincount(markets, gains - gains.mean()) ** 2).sum()) / len(gains))
    return float(gains.mean() - Z_90 * error), float(gains.mean() + Z_90 * error)
