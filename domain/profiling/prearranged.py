"""Wallets whose bets are not real: on the other side stands one that trades with hardly anybody else, of the same owner or paid to lose.

A record of thousands of wins costs an owner only fees, if it pays for them itself. But each such trade shows both wallets in one
transaction. Who makes a market is the other side of many, and they trade elsewhere too; a wallet that is there to lose does not.
"""

import polars as pl

from data_contracts import Side
from domain.statistics.resampling import wilson_low

MOSTLY = 0.5  # a captive surely trades in more than this part of its markets with one and the same wallet


def prearranged(trades: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """Per wallet: a lower bound (Wilson) of the part of its markets in which it met a captive of its own. One observation is a market.

    A captive trades in at least `fewest` markets, and surely in most of them with that one wallet.
    """
    markets = trades.group_by("wallet").agg(pl.col("market_id").n_unique().alias("observations"))
    met = _met(trades)
    pairs = met.group_by("wallet", "other").agg(pl.len().alias("together"))
    known = pairs.join(markets.select(pl.col("wallet").alias("other"), "observations"), on="other")
    mostly = wilson_low(known["together"].to_numpy(), known["observations"].to_numpy()) > MOSTLY
    captives = known.filter(pl.Series(mostly) & (pl.col("observations") >= fewest))
    with_captives = (
        met.join(captives, on=["wallet", "other"], how="semi").group_by("wallet").agg(pl.col("market_id").n_unique().alias("met"))
    )
    scored = markets.join(with_captives, on="wallet", how="left").with_columns(pl.col("met").fill_null(0))
    return scored.with_columns(pl.Series("score", wilson_low(scored["met"].to_numpy(), scored["observations"].to_numpy())))


def _met(trades: pl.DataFrame) -> pl.DataFrame:
    """(wallet, other, market_id), both ways: the two were on opposite sides of one transaction in that market.

    To buy one outcome and to sell the other is the same side. Where a feed names no transaction, the trades of one market, instant and
    quantity are taken for one.
    """
    first = pl.col("token_id") == pl.col("token_id").min().over("market_id")
    unnamed = pl.concat_str(pl.col("traded_at").cast(pl.Int64), "shares", separator="|")
    sides = trades.select(
        "wallet",
        "market_id",
        ((pl.col("side") == Side.BUY) == first).alias("up"),
        pl.when(pl.col("tx_hash") != "").then(pl.col("tx_hash")).otherwise(unnamed).hash().alias("match"),
    ).unique()
    up, down = sides.filter("up").drop("up"), sides.filter(~pl.col("up")).drop("up").rename({"wallet": "other"})
    both = up.join(down, on=["market_id", "match"]).filter(pl.col("wallet") != pl.col("other"))
    way, back = both.select("wallet", "other", "market_id"), both.select(wallet="other", other="wallet", market_id="market_id")
    return pl.concat([way, back]).unique()
