"""Complete sets made and unmade, winnings redeemed, outcomes converted: what of a wallet's doings besides trades moves its positions."""

import polars as pl

from data_contracts import Side
from data_contracts.frames import EPOCH, schema_of
from data_contracts.trading import Trade

FEWEST_OUTCOMES = 2  # of a market nobody told us about
ABOUT = 0.02  # of its shares: fees are taken in shares, and a wallet may have had a few more than we saw it buy
MOVES = ("wallet", "market_id", "token_id", "outcome", "side", "shares", "notional", "at", "from_at")
EXACT = schema_of(Trade)["notional"]


def moves_of(trades: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """Trades, and sets as trades: what came in and went out, wallet by wallet. `is_trade` tells them apart.

    A move is of `at`; of several in one, `from_at` is when the first of them was. Sets are learned of once a day, so only their number
    counts: what was made of them was there from the beginning, and what was unmade does not say when.
    """
    traded = trades.rename({"traded_at": "at"}).with_columns(from_at="at").select(*MOVES, pl.lit(True).alias("is_trade"))
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
        pl.when(pl.col("type") == "SPLIT").then(pl.lit(EPOCH).cast(done.schema["happened_at"])).alias("from_at"),
    )


def redeemed(positions: pl.DataFrame, activities: pl.DataFrame) -> pl.DataFrame:
    """The same positions; those of a market nobody told us the end of are resolved where their wallet redeemed it.

    What it was paid names the winner: the outcome of which it had that many shares left, and the others paid nothing. A sum that fits none
    of its outcomes is a void nobody announced, and one that fits several names nobody: it is split by shares.
    """
    paid = activities.filter((pl.col("type") == "REDEEM") & (pl.col("market_id") != ""))
    if not paid.height:
        return positions
    per_market = paid.group_by("wallet", "market_id").agg(
        pl.col("usd").sum().cast(pl.Float64).alias("paid_usd"), pl.col("happened_at").max().alias("paid_at")
    )
    joined = positions.join(per_market, on=["wallet", "market_id"], how="left", maintain_order="left")
    told = ~pl.col("resolved") & pl.col("paid_at").is_not_null()
    return joined.with_columns(
        pl.when(told).then(_payout().cast(positions.schema["payout"])).otherwise(pl.col("payout")).alias("payout"),
        pl.when(told).then(pl.col("paid_at")).otherwise(pl.col("resolved_at")).alias("resolved_at"),
        (pl.col("resolved") | told).alias("resolved"),
    ).drop("paid_usd", "paid_at")


def _payout() -> pl.Expr:
    """USD a share, from what all of a wallet's shares of a market (`left`) were paid together (`paid_usd`)."""
    market = ["wallet", "market_id"]
    left, paid = pl.col("left").cast(pl.Float64).clip(lower_bound=0), pl.col("paid_usd")
    fits = (left > 0) & ((left - paid).abs() <= left * ABOUT)
    won = pl.when(fits).then((paid / left).clip(0, 1)).otherwise(0.0)
    split = pl.when(left > 0).then((paid / left.sum().over(market)).clip(0, 1)).otherwise(0.0)
    return pl.when(fits.sum().over(market) == 1).then(won).otherwise(split)


def converted(activities: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """(wallet, market_id) of every market of an event in which a wallet turned outcomes into others: we are not told into which."""
    turned = activities.filter((pl.col("type") == "CONVERSION") & (pl.col("market_id") != "")).select("wallet", "market_id").unique()
    events = markets.filter(pl.col("event") != "").select("market_id", "event").unique()
    siblings = turned.join(events, on="market_id").join(events, on="event", suffix="_of_event")
    return pl.concat([turned, siblings.select("wallet", pl.col("market_id_of_event").alias("market_id"))]).unique()


def merged(activities: pl.DataFrame) -> pl.DataFrame:
    """(wallet, market_id) of every market in which a wallet unmade complete sets."""
    return activities.filter((pl.col("type") == "MERGE") & (pl.col("market_id") != "")).select("wallet", "market_id").unique()


def _outcomes(trades: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """Every outcome token we know of a market, with the number of its `outcomes`."""
    columns = ["market_id", "token_id", "outcome"]
    known = markets.select(columns).unique("token_id")
    traded = trades.select(columns).unique("token_id").join(known, on="token_id", how="anti")
    every = pl.concat([known, traded])
    return every.with_columns(pl.len().over("market_id").clip(lower_bound=FEWEST_OUTCOMES).alias("outcomes"))
