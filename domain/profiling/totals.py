"""What a wallet's trades of a token come to, month by month: enough for its positions and bets, when the trades themselves are gone."""

import polars as pl

from data_contracts import Side, TradeTotal
from data_contracts.frames import schema_of

BUYS = pl.col("side") == Side.BUY


def totals_of(trades: pl.DataFrame) -> pl.DataFrame:
    """TradeTotal rows of Trade rows, which come in the order in which they are judged."""
    month = pl.col("traded_at").dt.truncate("1mo").alias("month_at")
    totals = trades.group_by("wallet", "token_id", month, maintain_order=True).agg(
        pl.col("market_id").first(),
        pl.col("outcome").first(),
        pl.col("shares").filter(BUYS).sum().alias("bought_shares"),
        pl.col("shares").filter(~BUYS).sum().alias("sold_shares"),
        pl.col("notional").filter(BUYS).sum().alias("cost"),
        pl.col("notional").filter(~BUYS).sum().alias("proceeds"),
        pl.len().alias("trades"),
        pl.col("traded_at").min().alias("first_at"),
        pl.col("traded_at").max().alias("last_at"),
        pl.col("traded_at").filter(BUYS).first().alias("first_bought_at"),
        pl.col("price").filter(BUYS).first().alias("first_price"),
    )
    schema = schema_of(TradeTotal)
    return totals.select(list(schema)).cast(dict(schema.items()))


def first_purchases(totals: pl.DataFrame) -> pl.DataFrame:
    """One row per wallet and token that was bought: `price` and `bought_at` of the first purchase, wallet by wallet."""
    bought = totals.filter(pl.col("first_bought_at").is_not_null()).sort("wallet", "token_id", "month_at")
    first = bought.unique(["wallet", "token_id"], keep="first", maintain_order=True)
    return first.select("wallet", "token_id", pl.col("first_price").alias("price"), pl.col("first_bought_at").alias("bought_at"))


def as_moves(totals: pl.DataFrame) -> pl.DataFrame:
    """Each total as what came in and what went out, at its first and at its last trade; `is_trade` counts the trades behind both.

    What was sold is known from when on if it was sold before anything was bought; else `from_at` is null.
    """
    bought_at = pl.col("first_bought_at")
    sold_first_at = pl.when(bought_at.is_null() | (pl.col("first_at") < bought_at)).then(pl.col("first_at"))
    legs = (
        (Side.BUY, "bought_shares", "cost", "first_at", bought_at, pl.col("trades")),
        (Side.SELL, "sold_shares", "proceeds", "last_at", sold_first_at, pl.lit(0, pl.Int64)),
    )
    frames = [
        totals.select(
            "wallet", "market_id", "token_id", "outcome", pl.lit(side.value).alias("side"),
            pl.col(shares).alias("shares"), pl.col(usd).alias("notional"), pl.col(at).alias("at"), from_at.alias("from_at"),
            trades.alias("is_trade"),
        )
        for side, shares, usd, at, from_at, trades in legs
    ]  # fmt: skip
    return pl.concat(frames)
