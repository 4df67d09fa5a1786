"""What a wallet's closed positions come to: gains and losses, returns, and whether it won more often than the prices it paid promised."""

import polars as pl

from domain.owrr import OMEGA_BOUNDS

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
KEY = ["wallet", "category"]
HUNDRED = 100


def usable_numbers(closed: pl.DataFrame) -> pl.DataFrame:
    """ClosedPosition rows as floats, in the order they closed. `paid`: mean price of what was bought; null where no payout is known."""
    usable, cost, bought = ~pl.col("oversold"), pl.col("cost").cast(pl.Float64), pl.col("bought_shares").cast(pl.Float64)
    payout = pl.col("payout").cast(pl.Float64)
    return closed.sort("closed_at", "token_id").select(
        pl.col("wallet", "category").cast(pl.Categorical),
        "closed_at",
        usable.alias("usable"),
        pl.when(usable).then(pl.col("hold_s")).alias("hold_s"),
        pl.when(usable).then(pl.col("realized_pnl").cast(pl.Float64)).alias("pnl"),
        pl.when(usable).then(cost).alias("cost"),
        payout.alias("payout"),
        pl.when(usable & payout.is_not_null() & (bought > 0)).then((cost / bought).clip(0, 1)).alias("paid"),
    )


def _terms() -> list[pl.Expr]:
    """What is only summed afterwards. Row by row and null where it does not count: a filter inside a group took several times as long."""
    pnl, cost, paid = pl.col("pnl"), pl.col("cost"), pl.col("paid")
    return [
        (pnl > 0).alias("win"),
        pl.when(pnl > 0).then(pnl).alias("gain"),
        pl.when(pnl < 0).then(-pnl).alias("loss"),
        pl.when(cost > 0).then(pnl / cost).alias("return"),
        (pl.col("payout") - paid).alias("excess"),
        (paid * (1 - paid)).alias("variance"),
    ]


def record(closed: pl.DataFrame) -> pl.DataFrame:
    """One row per wallet and category, of usable numbers in the order they closed."""
    grouped = (
        closed.with_columns(*_terms())
        .group_by(KEY)
        .agg(
            pl.col("usable").sum().alias("closed_positions"),
            (pl.len() - pl.col("usable").sum()).alias("oversold_positions"),
            pl.col("win").sum().alias("wins"),
            pl.col("gain").sum().alias("gains"),
            pl.col("loss").sum().alias("losses"),
            pl.col("pnl").sum().alias("realized_pnl"),
            pl.col("cost").sum().alias("invested"),
            pl.col("cost").max().alias("largest"),
            pl.col("hold_s").median().alias("median_hold_s"),
            pl.col("closed_at").max().alias("last_closed_at"),
            pl.col("return").mean().alias("mean_return"),
            pl.col("return").std().alias("sd_return"),
            *_against_the_price(),
        )
    )
    joined = grouped.join(_largest_hundredth(closed, grouped), on=KEY, how="left").join(_drawdowns(closed), on=KEY, how="left")
    return joined.with_columns(*_ratios(), *_sizes()).drop("largest", "largest_hundredth", "mean_return", "sd_return")


def _against_the_price() -> list[pl.Expr]:
    """Whoever buys at q without skill gets q on average, whenever it sells: a share is worth 1 or 0, with the variance q (1 - q)."""
    return [
        pl.col("paid").count().alias("priced_positions"),
        pl.col("paid").sum().alias("expected_wins"),
        pl.col("excess").sum().alias("excess_wins"),
        pl.col("variance").sum().sqrt().alias("excess_wins_se"),
    ]


def _largest_hundredth(closed: pl.DataFrame, grouped: pl.DataFrame) -> pl.DataFrame:
    """What went into the largest hundredth of the positions, where that is more than one: nobody else's need be put in order."""
    many = grouped.filter(pl.col("closed_positions") > HUNDRED).select(KEY)
    largest = pl.col("cost").sort(descending=True).head((pl.len() / HUNDRED).ceil().cast(pl.UInt32))
    costs = closed.filter("usable").join(many, on=KEY, how="semi")
    return costs.group_by(KEY).agg(largest.sum().alias("largest_hundredth"))


def _sizes() -> list[pl.Expr]:
    """Concentration: the largest position, and the largest hundredth of them, at least one, as part of all that was invested."""
    invested = pl.when(pl.col("invested") > 0)
    return [
        pl.when(pl.col("sd_return") > 0).then(pl.col("mean_return") / pl.col("sd_return")).alias("return_ratio"),
        invested.then((pl.col("largest") / pl.col("invested")).clip(0, 1)).alias("largest_position_share"),
        invested.then((pl.coalesce("largest_hundredth", "largest") / pl.col("invested")).clip(0, 1)).alias("top_percent_share"),
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


def _drawdowns(closed: pl.DataFrame) -> pl.DataFrame:
    """The deepest fall of cumulated PnL from its peak, as part of that peak on top of the largest single stake: 0 to 1.

    Windows over the whole frame: the same as an expression per group took two and a half times as long.
    """
    usable = closed.filter("usable").select(*KEY, pl.col("pnl").cum_sum().over(KEY).alias("equity"), pl.col("cost").max().over(KEY))
    walk = usable.with_columns(pl.max_horizontal(pl.col("equity").cum_max().over(KEY), pl.lit(0.0)).alias("peak"))
    base = pl.col("peak") + pl.col("cost")
    fall = pl.when(base > 0).then((pl.col("peak") - pl.col("equity")) / base).otherwise(0.0)
    return walk.group_by(KEY).agg(fall.max().clip(0, 1).alias("max_drawdown"))
