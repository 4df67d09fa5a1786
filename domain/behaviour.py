"""How a wallet trades: as a maker or a taker, by hand or by machine, in what sizes. Shares are 0 to 1; each is one formula.

maker_share: trades as a maker / trades whose role can be told. The feed does not say who was the maker, but within one transaction one
order meets the resting ones, so
  1. of three wallets or more the taker is the one that traded half of all shares: it traded with all the others;
  2. of two wallets, one with fewer rows than the other, the taker is the one with fewer: one order met several;
  3. of two wallets with as many rows each nobody can tell. (The tick test, that the price went to the taker, was right in 65 of 100.)
On sandbox worlds, where the truth is known, every role told is right, and a wallet's share is off by 0.035 on average:
`tests/domain/test_behaviour.py`. roles_known: trades whose role can be told / all.

interval_regularity: 1 - standard deviation / mean of the seconds between its trades, at least 0. A clock is 1; chance and bursts are 0.
hours_covered: hours of the UTC day, of 24, with at least a quarter of an even share of its trades. Who sleeps has some without.
both_sides: of its (market, hour) cells, the part in which it traded both ways: bought both outcomes, or bought and sold one.
bot_likeness: the mean of those three that are known. None of them proves anything: a person may quote both sides.
"""

import polars as pl

from data_contracts import Side

FEWEST_INTERVALS = 10
FEWEST_FOR_HOURS = 24
HOURS = 24
ROUNDING = 0.011  # venues publish rounded shares


def observed(trades: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """What the statistics need of each trade and no more, in time order. `up`: it gains when the market's first token does.

    `categories` has `token_id` and `category`. Which of a market's two tokens is the first does not matter, if it is the same for all.
    """
    first = pl.col("token_id") == pl.col("token_id").min().over("condition_id")
    frame = trades.sort("traded_at", maintain_order=True).join(categories, on="token_id", how="left", maintain_order="left")
    frame = frame.select(
        pl.col("wallet").cast(pl.Categorical),
        pl.col("category").fill_null("").cast(pl.Categorical),
        "traded_at",
        pl.col("notional").cast(pl.Float64),
        pl.col("shares").cast(pl.Float64),
        ((pl.col("side") == Side.BUY) == first).alias("up"),
        pl.col("condition_id").hash().alias("market"),
        pl.when(pl.col("tx_hash") != "").then(pl.struct("tx_hash", "condition_id").hash()).alias("match"),
    )
    return frame.with_columns(_roles(frame)).drop("shares", "match")


def habits() -> list[pl.Expr]:
    """What a group of observed trades, in time order, shows."""
    busy = pl.col("traded_at").dt.hour().unique_counts() * (4 * HOURS) >= pl.len()
    return [
        *[pl.col("notional").quantile(part, "linear").alias(f"notional_p{part * 100:.0f}") for part in (0.1, 0.9, 0.99)],
        pl.col("is_maker").mean().alias("maker_share"),
        pl.col("is_maker").is_not_null().mean().alias("roles_known"),
        pl.when(pl.len() >= FEWEST_FOR_HOURS).then(busy.sum() / HOURS).alias("hours_covered"),
    ]


def both_sides(seen: pl.DataFrame) -> pl.DataFrame:
    """One row per wallet and category: the part of its (market, hour) cells with trades both ways."""
    cells = seen.group_by("wallet", "category", "market", pl.col("traded_at").dt.epoch("s") // 3600).agg(
        (pl.col("up").any() & ~pl.col("up").all()).alias("both")
    )
    return cells.group_by("wallet", "category").agg(pl.col("both").mean().alias("both_sides"))


def regularity(seen: pl.DataFrame) -> pl.DataFrame:
    """One row per wallet and category with enough intervals. Its own step: an expression per group took four times as long."""
    key = ["wallet", "category"]
    at = pl.col("traded_at").dt.epoch("us").cast(pl.Float64)
    gaps = seen.select(*key, (at - at.shift(1).over(key)).alias("gap")).filter(pl.col("gap") > 0)
    spread = gaps.group_by(key).agg(pl.len().alias("intervals"), pl.col("gap").std().alias("sd"), pl.col("gap").mean())
    share = (1 - pl.col("sd") / pl.col("gap")).clip(0, 1)
    return spread.filter(pl.col("intervals") >= FEWEST_INTERVALS).select(*key, share.alias("interval_regularity"))


def bot_likeness() -> pl.Expr:
    """The mean of what is known."""
    return pl.mean_horizontal("interval_regularity", "hours_covered", "both_sides").alias("bot_likeness")


def _roles(frame: pl.DataFrame) -> pl.Series:
    """`is_maker` of each row; null where nobody can tell."""
    key = ["match", "wallet"]
    matched = frame.filter(pl.col("match").is_not_null())
    sides = matched.group_by(key).agg(pl.col("shares").sum(), pl.len().alias("rows"))
    has_half = (pl.col("shares") - pl.col("shares").sum() / 2).abs() <= ROUNDING
    matches = sides.group_by("match").agg(
        pl.len().alias("wallets"),
        pl.col("rows").min().alias("fewest"),
        pl.col("rows").max().alias("most"),
        pl.when(has_half.sum() == 1).then(pl.col("shares").sum() / 2).alias("half"),
    )
    takers = sides.join(matches, on="match").select(*key, _is_taker().alias("is_taker"))
    told = frame.select(key).join(takers, on=key, how="left", maintain_order="left")
    return (~told["is_taker"]).alias("is_maker")


def _is_taker() -> pl.Expr:
    of_many = (pl.col("shares") - pl.col("half")).abs() <= ROUNDING
    of_two = pl.when(pl.col("fewest") < pl.col("most")).then(pl.col("rows") == pl.col("fewest"))
    return pl.when(pl.col("wallets") > 2).then(of_many).when(pl.col("wallets") == 2).then(of_two)
