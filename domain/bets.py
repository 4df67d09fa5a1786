"""What each wallet bet: the first purchase of every token whose end is known."""

from datetime import datetime

import polars as pl

from data_contracts import Side

COLUMNS = ["wallet", "condition_id", "token_id", "event", "price", "payoff", "bought_at", "resolved_at"]


def bets_of(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One row per wallet and token it bought that resolved by `as_of`. `trades` come in time order. A market without event is its own."""
    over = markets.filter(pl.col("payout").is_not_null() & (pl.col("resolved_at") <= as_of)).select(
        "token_id", "event", pl.col("payout").alias("payoff"), "resolved_at"
    )
    bought = trades.filter(pl.col("side") == Side.BUY).select(
        "wallet", "condition_id", "token_id", "price", pl.col("traded_at").alias("bought_at")
    )
    first = bought.join(over, on="token_id", how="inner", maintain_order="left").unique(
        ["wallet", "token_id"], keep="first", maintain_order=True
    )
    event = pl.when(pl.col("event") == "").then(pl.col("condition_id")).otherwise(pl.col("event"))
    return first.with_columns(event.alias("event")).select(COLUMNS)
