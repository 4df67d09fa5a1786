"""What a wallet's closed positions come to: gains and losses, returns, and whether it won more often than the prices it paid promised."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from domain.owrr import OMEGA_BOUNDS
from domain.runs import Floats, Runs

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
    """One row per group and window that has usable numbers. They come group by group, each in the order it closed.

    `windows`: days → the microsecond after which a position must have closed.
    """
    every = {name: closed[name].to_numpy() for name in ("group", "usable")} | {"closed_at": closed["closed_at"].dt.epoch("us").to_numpy()}
    usable = closed.filter("usable")
    group, at = (every[name][every["usable"]] for name in ("group", "closed_at"))
    hold, cost, pnl, paid, payout = (usable[name].to_numpy() for name in ("hold_s", "cost", "pnl", "paid", "payout"))
    by_hold, by_cost = np.lexsort((hold, group)), np.lexsort((-cost, group))
    frames = []
    for days, start in windows.items():
        within = every["closed_at"] > start
        counted = Runs(every["group"][within])
        now = at > start
        runs = Runs(group[now])
        frames.append(
            pl.DataFrame(
                {
                    "group": counted.group,
                    "closed_positions": counted.sums(every["usable"][within].astype(np.int64)),
                    "oversold_positions": counted.sums((~every["usable"][within]).astype(np.int64)),
                    "last_closed_at": every["closed_at"][within][counted.last],
                }
            )
            .join(
                pl.DataFrame(
                    _sums(runs, cost[now], pnl[now])
                    | _against_the_price(runs, paid[now], payout[now])
                    | {
                        "median_hold_s": runs.quantile(hold[by_hold[now[by_hold]]], 0.5),
                        "largest_hundredth": runs.head(cost[by_cost[now[by_cost]]], -(-runs.sizes // HUNDRED)),
                    }
                ),
                on="group",
                how="left",
            )
            .with_columns(pl.lit(days).alias("window_days"))
        )
    told = pl.concat(frames).with_columns(pl.col("last_closed_at").cast(pl.Datetime("us", "UTC")), pl.selectors.float().fill_nan(None))
    return told.with_columns(*_ratios(), *_sizes()).drop("largest", "largest_hundredth", "mean_return", "sd_return")


def _sums(runs: Runs, cost: Floats, pnl: Floats) -> dict[str, Floats]:
    gain, costly = np.maximum(pnl, 0), cost > 0
    largest = runs.largest(cost)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, deviation = runs.deviation(pnl / cost, costly)
    return {
        "group": runs.group,
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
