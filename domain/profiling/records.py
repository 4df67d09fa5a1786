"""What a wallet's closed positions come to: gains and losses, returns, and whether it won more often than the prices it paid promised."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.copying.kinds.owrr import OMEGA_BOUNDS
from domain.statistics.runs import Floats, Runs, by_window

NEEDED = ["wallet", "category", "token_id", "closed_at", "oversold", "hold_s", "realized_pnl", "cost", "payout", "bought_shares"]
COUNTED = (
    "closed_positions",
    "oversold_positions",
    "wins",
    "gains",
    "losses",
    "realized_pnl",
    "invested",
    "priced_positions",
    "expected_wins",
    "excess_wins",
)
HUNDRED = 100
ALIKE = 1e-9  # returns that differ by less are equal, but for the rounding of floats


def usable_numbers(closed: pl.DataFrame) -> pl.DataFrame:
    """ClosedPosition rows as floats, in the order they closed. `paid`: mean price of what was bought; NaN where no payout is known."""
    cost, bought, payout = (pl.col(name).cast(pl.Float64) for name in ("cost", "bought_shares", "payout"))
    return closed.sort("closed_at", "token_id").select(
        "wallet",
        "category",
        "closed_at",
        "hold_s",
        (~pl.col("oversold")).alias("usable"),
        pl.col("realized_pnl").cast(pl.Float64).alias("pnl"),
        cost,
        payout,
        pl.when(payout.is_not_null() & (bought > 0)).then((cost / bought).clip(0, 1)).otherwise(float("nan")).alias("paid"),
    )


def record(closed: pl.DataFrame, windows: Mapping[int, int]) -> pl.DataFrame:
    """One row per group and window that has usable numbers or others. They come group by group, each in the order it closed."""
    group, at, usable = closed["group"].to_numpy(), closed["closed_at"].dt.epoch("us").to_numpy(), closed["usable"].to_numpy()
    numbers = (closed[name].to_numpy()[usable] for name in ("hold_s", "cost", "pnl", "paid", "payout"))
    hold, cost, pnl, paid, payout = numbers
    by_hold, by_cost = np.lexsort((hold, group[usable])), np.lexsort((-cost, group[usable]))

    def count(runs: Runs, within: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
        closed_positions = runs.sums(usable[within].astype(np.int64))
        return {
            "closed_positions": closed_positions,
            "oversold_positions": runs.sizes - closed_positions,
            "last_closed_at": at[within][runs.last],
        }

    def tell(runs: Runs, within: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
        return {
            **_sums(runs, cost[within], pnl[within]),
            **_against_the_price(runs, paid[within], payout[within]),
            "median_hold_s": runs.quantile(hold[by_hold[within[by_hold]]], 0.5),
            "largest_hundredth": runs.head(cost[by_cost[within[by_cost]]], -(-runs.sizes // HUNDRED)),
        }

    counted = by_window(group, at, windows, count).with_columns(pl.col("last_closed_at").cast(pl.Datetime("us", "UTC")))
    told = counted.join(by_window(group[usable], at[usable], windows, tell), on=["group", "window_days"], how="left")
    return told.with_columns(*_ratios(), *_sizes()).drop("largest", "largest_hundredth", "mean_return", "sd_return")


def _sums(runs: Runs, cost: Floats, pnl: Floats) -> dict[str, Floats]:
    gain, costly = np.maximum(pnl, 0), cost > 0
    largest = runs.largest(cost)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, deviation = runs.deviation(pnl / cost, costly)
    return {
        "wins": runs.sums((pnl > 0).astype(np.int64)),
        "gains": runs.sums(gain),
        "losses": runs.sums(gain - pnl),
        "realized_pnl": runs.sums(pnl),
        "invested": runs.sums(cost),
        "largest": largest,
        "mean_return": mean,
        "sd_return": deviation,
        "max_drawdown": _drawdown(runs, pnl, largest),
    }


def _drawdown(runs: Runs, pnl: Floats, largest: Floats) -> Floats:
    """The deepest fall of cumulated PnL from its peak, as part of that peak on top of the largest single stake: 0 to 1."""
    equity = runs.cumulated(pnl)
    peak = runs.peaks(equity)
    base = peak + runs.rows(largest)
    fall = np.divide(peak - equity, base, out=np.zeros_like(base), where=base > 0)
    return np.asarray(runs.largest(fall).clip(0, 1))


def _against_the_price(runs: Runs, paid: Floats, payout: Floats) -> dict[str, Floats]:
    """Whoever buys at q without skill gets q on average, whenever it sells: a share is worth 1 or 0, with the variance q (1 - q)."""
    priced = ~np.isnan(paid)
    chance = np.where(priced, paid, 0.0)
    return {
        "priced_positions": runs.sums(priced.astype(np.int64)),
        "expected_wins": runs.sums(chance),
        "excess_wins": runs.sums(np.where(priced, payout - chance, 0.0)),
        "excess_wins_se": np.sqrt(runs.sums(chance * (1 - chance))),
    }


def _sizes() -> list[pl.Expr]:
    """Concentration: the largest position, and the largest hundredth of them, at least one, as part of all that was invested."""
    invested = pl.when(pl.col("invested") > 0)
    return [
        pl.when(pl.col("sd_return") > ALIKE).then(pl.col("mean_return") / pl.col("sd_return")).alias("return_ratio"),
        invested.then((pl.col("largest") / pl.col("invested")).clip(0, 1)).alias("largest_position_share"),
        invested.then((pl.col("largest_hundredth") / pl.col("invested")).clip(0, 1)).alias("top_percent_share"),
    ]


def _ratios() -> list[pl.Expr]:
    low, high = OMEGA_BOUNDS
    has_record = (pl.col("gains") > 0) | (pl.col("losses") > 0)
    omega = pl.when(pl.col("losses") > 0).then((pl.col("gains") / pl.col("losses")).clip(low, high)).otherwise(high)
    return [
        pl.when(pl.col("closed_positions") > 0).then(pl.col("wins") / pl.col("closed_positions")).alias("win_rate"),
        pl.when(has_record).then(omega).alias("omega"),
        pl.when(pl.col("invested") > 0).then(pl.col("realized_pnl") / pl.col("invested")).alias("roi"),
        pl.when(pl.col("excess_wins_se") > 0).then(pl.col("excess_wins_se")).alias("excess_wins_se"),
        pl.when(pl.col("excess_wins_se") > 0).then(pl.col("excess_wins") / pl.col("excess_wins_se")).alias("excess_wins_z"),
    ]
