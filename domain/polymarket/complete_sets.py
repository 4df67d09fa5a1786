"""Complete sets made and unmade, winnings redeemed, outcomes converted: what of a wallet's doings besides trades moves its positions."""

import polars as pl

from data_contracts import Side
from data_contracts.frames import schema_of
from data_contracts.trading import Trade

FEWEST_OUTCOMES = 2  # of a market nobody told us about
MOVES = ("wallet", "market_id", "token_id", "outcome", "side", "shares", "notional", "at")
EXACT = schema_of(Trade)["notional"]


def moves_of(trades: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """Trades, and sets as trades: what came in and went out, wallet by wallet. `is_trade` tells them apart."""
    traded = trades.rename({"traded_at": "at"}).select(*MOVES, pl.lit(True).alias("is_trade"))
    return pl.concat([traded, sets.select(*MOVES, pl.lit(False).alias("is_trade"))]) if sets.height else traded


def sets_as_moves(activities: pl.DataFrame, trades: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """SPLIT and MERGE, outcome by outcome. A set of n outcomes is worth 1 USD, so each is bought, or sold, at 1/n a share.

    How that dollar is divided among the outcomes is a convention; what they come to together is not.
    """
    done = activities.filter(pl.col("type").is_in(["SPLIT", "MERGE"]) & (pl.col("usd") > 0))
    outcomes = _outcomes(trades if done.height else trades.clear(), markets)
    each = done.join(outcomes, on="market_id", how="inner", suffix="_of_market")
    side = pl.when(pl.col("type") == "SPLIT").then(pl.lit(Side.BUY.value)).otherwise(pl.lit(Side.SELL.value))
    return each.select(
        "wallet",
        "market_id",
        pl.col("token_id_of_market").alias("token_id"),
        pl.col("outcome_of_market").alias("outcome"),
        side.alias("side"),
        pl.col("usd").cast(schema_of(Trade)["shares"]).alias("shares"),
        (pl.col("usd").cast(pl.Float64) / pl.col("outcomes")).round(6).cast(EXACT).alias("notional"),
        pl.col("happened_at").alias("at"),
    )


def redeemed(positions: pl.DataFrame, activities: pl.DataFrame) -> pl.DataFrame:
    """The same positions; those of a market nobody told us the end of are resolved where their wallet redeemed it.

    What it was paid names the winner: the outcome of which it had that many shares left. The others of the market paid nothing.
    """
    paid = activities.filter((pl.col("type") == "REDEEM") & (pl.col("market_id") != ""))
    if not paid.height:
        return positions
    per_market = paid.group_by("wallet", "market_id").agg(
        pl.col("usd").sum().cast(pl.Float64).alias("paid_usd"), pl.col("happened_at").max().alias("paid_at")
    )
    joined = positions.join(per_market, on=["wallet", "market_id"], how="left", maintain_order="left")
    told = ~pl.col("resolved") & pl.col("paid_at").is_not_null()
    left = pl.col("left").cast(pl.Float64)
    closest = (left - pl.col("paid_usd")).abs().arg_min().over("wallet", "market_id") == pl.int_range(pl.len()).over("wallet", "market_id")
    won = closest & (left > 0) & (pl.col("paid_usd") > 0)
    payout = pl.when(won).then((pl.col("paid_usd") / left).clip(0, 1)).otherwise(0.0).cast(positions.schema["payout"])
    return joined.with_columns(
        pl.when(told).then(payout).otherwise(pl.col("payout")).alias("payout"),
        pl.when(told).then(pl.col("paid_at")).otherwise(pl.col("resolved_at")).alias("resolved_at"),
        (pl.col("resolved") | told).alias("resolved"),
    ).drop("paid_usd", "paid_at")


def converted(activities: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """(wallet, market_id) of every market of an event in which a wallet turned outcomes into others: we are not told into which."""
    turned = activities.filter((pl.col("type") == "CONVERSION") & (pl.col("market_id") != "")).select("wallet", "market_id").unique()
    events = markets.filter(pl.col("event") != "").select("market_id", "event").unique()
    siblings = turned.join(events, on="market_id").join(events, on="event", suffix="_of_event")
    return pl.concat([turned, siblings.select("wallet", pl.col("market_id_of_event").alias("market_id"))]).unique()


def _outcomes(trades: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """Every outcome token we know of a market, with the number of its `outcomes`."""
    columns = ["market_id", "token_id", "outcome"]
    known = markets.select(columns).unique("token_id")
    traded = trades.select(columns).unique("token_id").join(known, on="token_id", how="anti")
    every = pl.concat([known, traded])
    return every.with_columns(pl.len().over("market_id").clip(lower_bound=FEWEST_OUTCOMES).alias("outcomes"))
