"""What came of the first purchase of every coin: followed first in, first out, until it was sold, or marked after a while.

What is left counts what the coin was last traded at, and nothing where nobody traded it any more: else whoever never sells what died would
have no losses. Every purchase is followed, sold or not, for a wallet sells winners sooner. Coins that were sent on count as held: to send
losers away must be no gain. What came by transfer before the first purchase, and its sale, are none of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from data_contracts import Side
from domain.solana.holdings import HoldingPolicy
from domain.solana.programs import LAMPORTS

FOLLOWED = pl.Schema(
    {"wallet": pl.String(), "token_id": pl.String(), "bought_at": pl.Datetime("us", "UTC"), "got": pl.Float64(), "held_s": pl.Float64()}
)
SECOND = pl.duration(seconds=1)
LEAST_SPENT = HoldingPolicy().least_spent / LAMPORTS  # SOL


@dataclass(frozen=True, slots=True)
class FollowingPolicy:
    """`horizon`: then what is left is marked. `quiet`: a coin that was not traded for so long is worth nothing."""

    horizon: timedelta = timedelta(days=7)
    quiet: timedelta = timedelta(days=1)


USUAL = FollowingPolicy()


def is_telling() -> pl.Expr:
    """Less than this buys nothing whose price means something: deposits, fees and rounding are of its size."""
    return pl.col("notional").cast(pl.Float64).ge(LEAST_SPENT)


def tape(trades: pl.DataFrame) -> pl.DataFrame:
    """`token_id`, `priced_at`, `at_price`, `at_pool` of the trades that tell a price, in time order."""
    told = trades.filter(is_telling() & (pl.col("price") > 0))
    return told.select(
        "token_id",
        pl.col("traded_at").alias("priced_at"),
        pl.col("price").cast(pl.Float64).alias("at_price"),
        pl.col("pool").alias("at_pool"),
    ).sort("priced_at", maintain_order=True)


def first_purchases(trades: pl.DataFrame) -> pl.DataFrame:
    """One row per wallet and coin it bought: `bought_at`, `shares`, `notional`, `price`. Trades come in the order they happened."""
    bought = trades.filter((pl.col("side") == Side.BUY) & is_telling())
    return bought.group_by("wallet", "token_id", maintain_order=True).agg(
        pl.col("traded_at").first().alias("bought_at"),
        pl.col("sequence").first().alias("bought_as"),
        *[pl.col(name).first().cast(pl.Float64) for name in ("shares", "notional", "price")],
    )


def followed(trades: pl.DataFrame, as_of: datetime, policy: FollowingPolicy = USUAL) -> pl.DataFrame:
    """FOLLOWED rows, coin by coin in the order of purchase. `got` is what came of each SOL paid by `as_of`."""
    first = marked_at(first_purchases(trades), as_of, policy)
    sold = _summed(sales(trades, first))
    marked = (
        first.sort("marked_at")
        .join_asof(tape(trades), left_on="marked_at", right_on="priced_at", by="token_id", check_sortedness=False)
        .join(sold, on=["wallet", "token_id"], how="left")
        .with_columns(pl.col("part", "proceeds", "held_parts").fill_null(0.0))
    )
    left = (pl.col("shares") - pl.col("part")).clip(lower_bound=0)
    is_quiet = pl.col("marked_at") - pl.col("priced_at") > policy.quiet
    worth = pl.when(is_quiet | pl.col("at_price").is_null()).then(0.0).otherwise(left * pl.col("at_price"))
    held = (pl.col("held_parts") + left * ((pl.col("marked_at") - pl.col("bought_at")) / SECOND)) / pl.col("shares")
    whole = marked.filter((pl.col("notional") > 0) & (pl.col("shares") > 0)).with_columns(
        ((pl.col("proceeds") + worth) / pl.col("notional")).alias("got"), held.clip(lower_bound=0).alias("held_s")
    )
    return whole.sort("token_id", "bought_at", "bought_as", "wallet").select(list(FOLLOWED))


def marked_at(first: pl.DataFrame, as_of: datetime, policy: FollowingPolicy = USUAL) -> pl.DataFrame:
    """With the instant at which what is left of each is marked."""
    return first.with_columns(pl.min_horizontal(pl.col("bought_at") + policy.horizon, pl.lit(as_of)).alias("marked_at"))


def sales(trades: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """One row per sale of what a first purchase bought, until its mark: the `part` of the shares that were its, and `proceeds` of that."""
    sold = trades.filter(pl.col("side") == Side.SELL).select(
        "wallet",
        "token_id",
        "traded_at",
        "sequence",
        pl.col("shares").cast(pl.Float64).alias("out"),
        pl.col("notional").cast(pl.Float64).alias("for"),
    )
    mine = sold.join(first.select("wallet", "token_id", "bought_at", "bought_as", "marked_at", "shares"), on=["wallet", "token_id"])
    is_later = (pl.col("traded_at") > pl.col("bought_at")) | (
        (pl.col("traded_at") == pl.col("bought_at")) & (pl.col("sequence") > pl.col("bought_as"))
    )
    own = mine.filter(is_later & (pl.col("traded_at") <= pl.col("marked_at")) & (pl.col("out") > 0)).sort(
        "traded_at", "sequence", maintain_order=True
    )
    before = pl.col("out").cum_sum().over("wallet", "token_id") - pl.col("out")
    part = (pl.col("shares") - before).clip(lower_bound=0).clip(upper_bound=pl.col("out"))
    return own.with_columns(part.alias("part")).with_columns((pl.col("for") * pl.col("part") / pl.col("out")).alias("proceeds"))


def _summed(sold: pl.DataFrame) -> pl.DataFrame:
    """Of each first purchase: what was sold, for how much, and shares times the seconds they were held."""
    held = pl.col("part") * ((pl.col("traded_at") - pl.col("bought_at")) / SECOND)
    return sold.group_by("wallet", "token_id").agg(pl.col("part", "proceeds").sum(), held.sum().alias("held_parts"))
