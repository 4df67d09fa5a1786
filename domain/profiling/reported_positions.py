"""A record of wallets whose trades we never saw, from the positions somebody reported. What needs an order in time is not in it.

Its average prices are no fair null: whoever buys more when a price falls has a lower average than the chances it bet at. So these rows feed
no grade, no watch over decay, no rating of copies, no trap and no vote; they say what a wallet holds and what came of it.
"""

from datetime import datetime

import polars as pl

from data_contracts import ReportedProfile
from data_contracts.frames import empty, schema_of
from domain.copying.kinds.owrr import OMEGA_BOUNDS
from domain.profiling.censoring import missing_from_bets

NUMBERS = ("shares", "avg_price", "bought_shares", "realized_pnl", "payout")


def reported_profiles(positions: pl.DataFrame, payouts: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """ReportedProfile rows, one per wallet and source, from the newest report of each position up to `as_of`.

    `payouts`: `token_id` and `payout` of tokens that are over by then, as we know it; where we do not, the source's own word counts.
    """
    if not positions.height:
        return empty(ReportedProfile)
    valued = _valued(_newest(positions, as_of), payouts)
    counted = valued.group_by("wallet", "source").agg(*_sums()).with_columns(*_ratios(), pl.lit(as_of).alias("as_of"))
    schema = schema_of(ReportedProfile)
    whole = counted.join(_censoring(valued), on="source", how="left").with_columns(pl.col("censoring").fill_null(""))
    return whole.select(list(schema)).cast(dict(schema.items())).sort("wallet", "source")


def _newest(positions: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    known = positions.filter(pl.col("as_of") <= as_of).sort("as_of")
    return known.unique(["wallet", "token_id", "source"], keep="last", maintain_order=True)


def _valued(positions: pl.DataFrame, payouts: pl.DataFrame) -> pl.DataFrame:
    """With `pnl` where the position is over and its result is known, and `cost` where it is known how much was bought."""
    ours = payouts.select("token_id", pl.col("payout").alias("paid"))
    rows = positions.join(ours, on="token_id", how="left").with_columns(pl.coalesce("paid", "payout").alias("payout"))
    rows = rows.with_columns(pl.col(NUMBERS).cast(pl.Float64))
    is_over = (pl.col("shares") == 0) | pl.col("payout").is_not_null()
    bought = pl.coalesce("bought_shares", pl.when(pl.col("realized_pnl").fill_null(0) == 0).then("shares"))
    left = pl.when(pl.col("shares") > 0).then(pl.col("shares") * (pl.col("payout") - pl.col("avg_price"))).otherwise(0.0)
    sold = pl.coalesce("realized_pnl", pl.when(bought == pl.col("shares")).then(0.0))
    return rows.with_columns(
        is_over.alias("is_over"),
        pl.when(is_over & (bought > 0)).then(sold + left).alias("pnl"),
        (bought * pl.col("avg_price")).alias("cost"),
        bought.alias("bought"),
    )


def _sums() -> list[pl.Expr]:
    known = pl.col("pnl").is_not_null()
    priced = pl.col("payout").is_not_null() & pl.col("avg_price").is_between(0, 1)
    return [
        pl.len().alias("positions"),
        (~pl.col("is_over")).sum().alias("open_positions"),
        (pl.col("is_over") & ~known).sum().alias("unknown_positions"),
        known.sum().alias("closed_positions"),
        (pl.col("pnl") > 0).sum().alias("wins"),
        pl.col("pnl").clip(lower_bound=0).sum().alias("gains"),
        (-pl.col("pnl").clip(upper_bound=0)).sum().alias("losses"),
        pl.col("pnl").sum().alias("realized_pnl"),
        pl.col("cost").filter(known).sum().alias("invested"),
        priced.sum().alias("priced_positions"),
        pl.col("avg_price").filter(priced).sum().alias("expected_wins"),
        (pl.col("payout") - pl.col("avg_price")).filter(priced).sum().alias("excess_wins"),
    ]


def _ratios() -> list[pl.Expr]:
    low, high = OMEGA_BOUNDS
    closed, lost = pl.col("closed_positions") > 0, pl.col("losses") > 0
    omega = pl.when(lost).then((pl.col("gains") / pl.col("losses")).clip(low, high)).otherwise(high)
    return [
        pl.when(closed).then(pl.col("wins") / pl.col("closed_positions")).alias("win_rate"),
        pl.when(lost | (pl.col("gains") > 0)).then(omega).alias("omega"),
        pl.when(pl.col("invested") > 0).then(pl.col("realized_pnl") / pl.col("invested")).alias("roi"),
    ]


def _censoring(valued: pl.DataFrame) -> pl.DataFrame:
    """Source by source: no single wallet is enough to see what a list leaves out."""
    ended = valued.filter(pl.col("payout").is_not_null()).select(
        "source",
        "wallet",
        "token_id",
        pl.col("avg_price").alias("price"),
        pl.col("payout").alias("payoff"),
        pl.col("bought").fill_null(1.0).alias("shares"),
    )
    found = [(source, ", ".join(missing_from_bets(own))) for (source,), own in ended.group_by("source", maintain_order=True)]
    return pl.DataFrame(found, schema={"source": pl.String, "censoring": pl.String}, orient="row")
