"""What each wallet bet: the first purchase of every token whose end is known."""

from datetime import datetime

import polars as pl

from data_contracts import Side
from domain.profiling.totals import first_purchases

COLUMNS = ["wallet", "market_id", "token_id", "event", "price", "payoff", "bought_at", "resolved_at"]


def bets_of(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One row per wallet and token it bought that resolved by `as_of`, wallet by wallet. `trades` come in time order.

    A market without event is its own.
    """
    ends = _ends(markets, as_of)
    wallets = trades["wallet"].unique().sort()
    wallet, token = pl.col("wallet").cast(pl.Enum(wallets)), pl.col("token_id").cast(pl.Enum(ends["token_id"]), strict=False)
    # One number per wallet and token: sorting by it is the quickest way to a wallet's first purchase of each.
    pair = pl.when(pl.col("side") == Side.BUY).then(wallet.to_physical().cast(pl.Int64) * ends.height + token.to_physical())
    bought = trades.select(pair.alias("pair"), "price", pl.col("traded_at").alias("bought_at"))
    ordered = bought.filter(pl.col("pair").is_not_null()).sort("pair", maintain_order=True)
    first = ordered.filter(pl.col("pair").ne_missing(pl.col("pair").shift(1)))
    bets = first.with_columns(wallets.gather(first["pair"] // ends.height).alias("wallet"), *ends[first["pair"] % ends.height])
    return bets.select(COLUMNS)


def bets_in(totals: pl.DataFrame, markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The same from TradeTotal rows."""
    return first_purchases(totals).join(_ends(markets, as_of), on="token_id", how="inner", maintain_order="left").select(COLUMNS)


def _ends(markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One row per token that resolved by then."""
    over = markets.filter(pl.col("payout").is_not_null() & (pl.col("ended_at") <= as_of)).sort("token_id")
    event = pl.when(pl.col("event") == "").then(pl.col("market_id")).otherwise(pl.col("event"))
    return over.select(
        "token_id", "market_id", event.alias("event"), pl.col("payout").alias("payoff"), pl.col("ended_at").alias("resolved_at")
    )
