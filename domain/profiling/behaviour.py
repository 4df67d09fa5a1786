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
both_sides: of its (market, hour) cells, the part in which it traded both ways: bought both outcomes, or bought and sold one. A window has
  the cells in which it traded last within it.
bot_likeness: the mean of those three that are known. None of them proves anything: a person may quote both sides.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Side
from domain.statistics.parts import ROWS_AT_ONCE
from domain.statistics.runs import Floats, Ints, Runs, by_window

FEWEST_INTERVALS = 10
FEWEST_FOR_HOURS = 24
HOURS = 24
QUANTILES = {"notional_p10": 0.1, "median_notional": 0.5, "notional_p90": 0.9, "notional_p99": 0.99}
UNTOLD = -1
ROUNDING = 0.011  # venues publish rounded shares


def observed(trades: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """What the statistics need of each trade and no more, row by row. `up`: it gains when the market's first token does.

    `categories` has `token_id` and `category`. Which of a market's two tokens is the first does not matter, if it is the same for all.
    """
    tokens = trades.group_by("token_id").agg(pl.col("market_id").first()).join(categories, on="token_id", how="left")
    known = pl.Enum(tokens["token_id"])
    told = tokens.select(
        pl.col("token_id").cast(known),
        pl.col("category").fill_null("").cast(pl.Categorical),
        (pl.col("token_id") == pl.col("token_id").min().over("market_id")).alias("first"),
        pl.col("market_id").rank("dense").alias("market"),
    )
    frame = trades.select(
        "wallet",
        "traded_at",
        pl.col("token_id").cast(known),
        (pl.col("side") == Side.BUY).alias("buys"),
        pl.col("notional").cast(pl.Float64),
        _roles(trades),
    )
    return frame.join(told, on="token_id", how="left", maintain_order="left").select(
        "wallet", "category", "traded_at", "notional", "is_maker", "market", (pl.col("buys") == pl.col("first")).alias("up")
    )


def habits(seen: pl.DataFrame, windows: Mapping[int, int]) -> pl.DataFrame:
    """One row per group and window that has trades. Observed trades come group by group, each in time order."""
    group, at, notional = seen["group"].to_numpy(), seen["traded_at"].dt.epoch("us").to_numpy(), seen["notional"].to_numpy()
    hour = seen["traded_at"].dt.hour().to_numpy().astype(np.int64)
    known = seen["is_maker"].is_not_null().to_numpy().astype(np.int64)
    makes = seen["is_maker"].fill_null(False).to_numpy().astype(np.int64)
    by_notional = np.lexsort((notional, group))

    def tell(runs: Runs, within: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
        ascending = notional[by_notional[within[by_notional]]]
        told = runs.sums(known[within])
        of_the_day = np.bincount(runs.rows(np.arange(runs.group.size)) * HOURS + hour[within], minlength=runs.group.size * HOURS)
        busy = (of_the_day.reshape(-1, HOURS) * (4 * HOURS) >= runs.sizes[:, None]).sum(axis=1)
        return {
            "trades": runs.sizes,
            "last_trade_at": at[within][runs.last],
            "maker_share": np.where(told > 0, runs.sums(makes[within]) / np.maximum(told, 1), np.nan),
            "roles_known": told / runs.sizes,
            "hours_covered": np.where(runs.sizes >= FEWEST_FOR_HOURS, busy / HOURS, np.nan),
            **{name: runs.quantile(ascending, part) for name, part in QUANTILES.items()},
        }

    return by_window(group, at, windows, tell).with_columns(pl.col("last_trade_at").cast(pl.Datetime("us", "UTC")))


def hours_of_markets(seen: pl.DataFrame) -> pl.DataFrame:
    """One row per wallet, market and hour it traded in: whether both ways, and when last."""
    hour = pl.col("traded_at").dt.epoch("s") // 3600
    return seen.group_by("wallet", "category", "market", hour.alias("hour")).agg(
        (pl.col("up").any() & ~pl.col("up").all()).alias("both"), pl.col("traded_at").max().alias("last_at")
    )


def both_sides(hours: pl.DataFrame, windows: Mapping[int, int]) -> pl.DataFrame:
    """One row per group and window: the part of its markets' hours with trades both ways. Hours come group by group."""
    group, at, both = hours["group"].to_numpy(), hours["last_at"].dt.epoch("us").to_numpy(), hours["both"].to_numpy().astype(np.int64)
    return by_window(group, at, windows, lambda runs, within: {"both_sides": runs.sums(both[within]) / runs.sizes})


def regularity(seen: pl.DataFrame, windows: Mapping[int, int]) -> pl.DataFrame:
    """One row per group and window; null where there are too few intervals. Observed trades come group by group, each in time order."""
    group, at = seen["group"].to_numpy(), seen["traded_at"].dt.epoch("us").to_numpy()
    gap = np.diff(at).astype(np.float64)
    apart = (np.diff(group) == 0) & (gap > 0)
    group, since, gap = group[1:][apart], at[:-1][apart], gap[apart]

    def tell(runs: Runs, within: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
        mean, deviation = runs.deviation(gap[within], np.ones(int(within.sum()), bool))
        return {"interval_regularity": np.where(runs.sizes >= FEWEST_INTERVALS, (1 - deviation / mean).clip(0, 1), np.nan)}

    return by_window(group, since, windows, tell)


def bot_likeness() -> pl.Expr:
    """The mean of what is known."""
    return pl.mean_horizontal("interval_regularity", "hours_covered", "both_sides").alias("bot_likeness")


def _roles(trades: pl.DataFrame) -> pl.Series:
    """`is_maker` of each row; null where nobody can tell."""
    match = pl.col("tx_hash").hash(1) ^ pl.col("market_id").hash(2)
    frame = trades.select(
        pl.int_range(pl.len()).alias("row"),
        pl.when(pl.col("tx_hash") != "").then(match).alias("match"),
        pl.col("wallet").hash(),
        pl.col("shares").cast(pl.Float64),
    )
    parts = 1 + trades.height // ROWS_AT_ONCE
    maker = np.full(trades.height, UNTOLD, np.int8)
    for part in range(parts):
        some = frame.filter(pl.col("match") % parts == part).sort("match", "wallet")
        maker[some["row"].to_numpy()] = _told_roles(*(some[name].to_numpy() for name in ("match", "wallet", "shares")))
    return pl.Series("is_maker", maker).replace_strict({0: False, 1: True, UNTOLD: None}, return_dtype=pl.Boolean)


def _told_roles(match: Ints, wallet: Ints, shares: Floats) -> Ints:
    """Per row 1 for a maker, 0 for a taker, UNTOLD where nobody can tell. Rows come match by match, wallet by wallet."""
    changes = np.append(True, (match[1:] != match[:-1]) | (wallet[1:] != wallet[:-1]))
    sides = Runs(np.cumsum(changes[: match.size]))  # what one wallet did in one match
    matches = Runs(match[sides.starts])
    traded = sides.sums(shares)
    has_half = np.abs(traded - matches.rows(matches.sums(traded)) / 2) <= ROUNDING
    one_has_half = matches.rows(matches.sums(has_half.astype(np.int64)) == 1)
    fewest, most = matches.rows(-matches.largest(-sides.sizes)), matches.rows(matches.largest(sides.sizes))
    wallets = matches.rows(matches.sizes)
    is_told = np.where(wallets > 2, one_has_half, (wallets == 2) & (fewest < most))
    is_taker = np.where(wallets > 2, has_half, sides.sizes == fewest)
    return np.asarray(sides.rows(np.where(is_told, 1 - is_taker, UNTOLD)))
