"""From what is on record of Solana to what a person reads: frame to frame, pure. Amounts are SOL where their column says so."""

import polars as pl
import polars.selectors as cs
from results_formats import sol_amount, usd
from results_solana import SolanaLook
from results_tables import words

from data_contracts import Rate, ReadAs
from data_contracts.frames import rows_of
from domain.copying.account import usd_rate

AGAINST = {
    "has_mint_authority": "may be minted",
    "has_freeze_authority": "may be frozen",
    "is_dead": "dead",
}
ENDS = {
    ReadAs.TRADE: "trade",
    ReadAs.NOT_A_TRADE: "not a trade",
    ReadAs.FAILED: "failed on the chain",
    ReadAs.UNREADABLE: "unreadable",
    ReadAs.GAP: "gap: seen, and its transaction never came",
}


def scores_shown(scores: pl.DataFrame, signals: pl.DataFrame, coins: pl.DataFrame) -> pl.DataFrame:
    """Newest first: the verdict, the score and its four factors, and what these are made of."""
    parts = "win rate {}, PnL {}, steadiness {}; other owners {}; liquidity {}, age {}, spread of holders {}; since launch {}, demand {}"
    of = ["win_rate", "pnl", "consistency", "other_owners", "liquidity", "age", "concentration", "since_launch", "demand"]
    made_of = pl.format(parts, *(pl.col(name).round(2) for name in of))
    told = signals.select("signal_id", "verdict", words("reason"))
    return (
        _named(scores.join(told, on="signal_id", how="left"), coins)
        .sort("judged_at", descending=True)
        .select(
            pl.col("judged_at").alias("Judged (UTC)"),
            pl.col("strategy_id").alias("Strategy"),
            pl.col("coin").alias("Coin"),
            pl.col("leader").alias("Leader"),
            pl.col("verdict").alias("Verdict"),
            pl.col("reason").alias("Reason"),
            pl.col("score").alias("Score"),
            pl.col("threshold").alias("Needed"),
            pl.col("wallet_score").alias("Wallet's part"),
            pl.col("cluster_score").alias("Owners' part"),
            pl.col("token_score").alias("Coin's part"),
            pl.col("timing_score").alias("Timing's part"),
            made_of.alias("Made of"),
        )
    )


def coins_shown(found: SolanaLook) -> pl.DataFrame:
    """The last heard of first, each with its last look."""
    heard = found.findings.group_by("token_id").agg(
        pl.col("found_in").sort().str.to_lowercase().str.join(", ").alias("heard"), pl.col("found_at").max()
    )
    looked = heard.join(found.coins, on="token_id", how="left").join(found.looks, on="token_id", how="left")
    against = [pl.when(name).then(pl.lit(text)) for name, text in AGAINST.items()]
    sellable = pl.when("is_sellable").then(pl.lit("yes")).when(~pl.col("is_sellable")).then(pl.lit("NO")).otherwise(pl.lit("not known"))
    return (
        looked.with_columns(cs.decimal().cast(pl.Float64), coin=_coin())
        .sort("found_at", "token_id", descending=[True, False])
        .select(
            pl.col("coin").alias("Coin"),
            pl.col("token_id").alias("Mint"),
            pl.col("heard").alias("Heard of in"),
            pl.col("price").alias("Price (SOL)"),
            pl.col("price_usd").alias("Price (USD)"),
            pl.col("liquidity_usd").alias("Liquidity (USD)"),
            pl.col("market_cap_usd").alias("Market cap (USD)"),
            pl.col("holders").alias("Holders"),
            pl.col("top10_fraction").alias("Ten largest"),
            sellable.alias("Can be sold"),
            pl.col("round_trip_loss").alias("In and out"),
            pl.concat_str(against, separator=", ", ignore_nulls=True).alias("Against it"),
            pl.col("looked_at").alias("Last look (UTC)"),
            pl.col("next_look_at").alias("Next look (UTC)"),
            pl.col("launched_at").alias("Launched (UTC)"),
        )
    )


def buyers_shown(buyers: pl.DataFrame, coins: pl.DataFrame) -> pl.DataFrame:
    """Who bought each coin first; candidates first, then by rank."""
    kinds = {
        "is_candidate": "candidate",
        "is_deployer": "deployer",
        "is_funded_by_deployer": "paid by the deployer",
        "is_bundled": "in the launch's bundle",
        "is_sniper": "sniper",
    }
    said = pl.concat_str([pl.when(name).then(pl.lit(text)) for name, text in kinds.items()], separator=", ", ignore_nulls=True)
    return (
        _named(buyers, coins)
        .with_columns(cs.decimal().cast(pl.Float64))
        .sort("is_candidate", "first_bought_at", "buy_rank", descending=[True, True, False])
        .select(
            pl.col("wallet").alias("Wallet"),
            pl.col("coin").alias("Coin"),
            said.alias("What it is"),
            pl.col("buy_rank").alias("Rank"),
            pl.col("after_launch_s").alias("After launch"),
            pl.col("spent").alias("Spent (SOL)"),
            pl.col("received").alias("Received (SOL)"),
            pl.col("gain").alias("Gain"),
            pl.col("sold_fraction").alias("Sold"),
            pl.col("first_bought_at").alias("Bought (UTC)"),
        )
    )


def wallets_shown(profiles: pl.DataFrame, leaders: pl.DataFrame) -> pl.DataFrame:
    """Leaders first, then those of whom most is known."""
    followed = pl.col("wallet").is_in(leaders["wallet"].unique().to_list())
    return (
        profiles.with_columns(followed.alias("followed"), cs.decimal().cast(pl.Float64))
        .sort("followed", "copied_coins", "wallet", descending=[True, True, False])
        .select(
            pl.col("wallet").alias("Wallet"),
            pl.when("followed").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("Followed"),
            pl.col("coins").alias("Coins"),
            pl.col("entry_delay_s").alias("Enters after"),
            words("hold_style").alias("Holds as"),
            pl.col("median_hold_s").alias("Held"),
            pl.col("own_return").alias("Its own mean"),
            pl.col("copied_return").alias("A copy's mean"),
            pl.col("own_median").alias("Its own median"),
            pl.col("copied_median").alias("A copy's median"),
            pl.format("{} s later, {} SOL", "copy_delay_s", "stake").alias("The copy"),
            pl.col("copied_coins").alias("Of coins"),
        )
    )


def orders_shown(orders: pl.DataFrame, coins: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Newest first: what was asked, in SOL and in USD at the rate that was on record when it was made."""
    known = rows_of(rates, Rate)
    asked = [row["shares"] * row["limit_price"] for row in orders.to_dicts()]
    per_sol = [usd_rate("SOL", row["created_at"], known) for row in orders.to_dicts()]
    why = pl.when(pl.col("reason").is_null()).then(pl.lit("")).otherwise(pl.format(": {}", words("reason").str.to_lowercase()))
    worth = [usd(float(sol * rate)) if rate is not None else "no rate on record" for sol, rate in zip(asked, per_sol, strict=True)]
    return (
        _named(orders, coins)
        .with_columns(
            pl.Series("sol", [sol_amount(one) for one in asked], pl.String),
            pl.Series("worth", worth, pl.String),
            pl.concat_str(words("status"), why).alias("what"),
            cs.decimal().cast(pl.Float64),
        )
        .sort("created_at", "sequence", descending=True)
        .select(
            pl.col("created_at").alias("Made (UTC)"),
            pl.col("strategy_id").alias("Strategy"),
            pl.col("side").alias("Trade"),
            pl.col("coin").alias("Coin"),
            pl.col("shares").alias("Shares"),
            pl.col("limit_price").alias("Limit (SOL)"),
            pl.col("sol").alias("Worth at its limit"),
            pl.col("worth").alias("In USD then"),
            pl.col("what").alias("Order"),
            pl.when("is_simulated").then(pl.lit("simulated")).otherwise(pl.lit("live")).alias("Sent"),
        )
    )


def readings_shown(found: SolanaLook) -> pl.DataFrame:
    """A line for each end of what was seen; the counts add up to all that was seen."""
    shares = {text: found.accounting.share(end) for end, text in ENDS.items()} if found.accounting.seen else {}
    return pl.DataFrame(
        {
            "Ended as": list(shares),
            "Signatures": [one.count for one in shares.values()],
            "Rate": [one.rate for one in shares.values()],
            "From": [one.low for one in shares.values()],
            "To": [one.high for one in shares.values()],
        },
        schema={"Ended as": pl.String, "Signatures": pl.Int64, "Rate": pl.Float64, "From": pl.Float64, "To": pl.Float64},
    )


def deliveries_line(found: SolanaLook) -> str:
    """How many webhooks brought, when the last one came, and how many wait to be read."""
    total, each = found.deliveries.height, found.deliveries["signature"].n_unique()
    last = found.deliveries["received_at"].max()
    return (
        f"{total:,} deliveries of {each:,} transactions by webhooks, the last one {last:%Y-%m-%d %H:%M:%S} UTC; {found.unread:,} not read yet. "
        f"Of the chain {found.accounting.seen:,} signatures were seen, each ended as exactly one of these; rates with 95 % bounds. "
        "At most the last 7 days are counted."
    )


def _named(frame: pl.DataFrame, coins: pl.DataFrame) -> pl.DataFrame:
    """With `coin`, in the order they came."""
    named = frame.join(coins.select("token_id", "symbol"), on="token_id", how="left", maintain_order="left")
    return named.with_columns(coin=_coin())


def _coin() -> pl.Expr:
    """Its symbol; one nobody has named goes by its address."""
    unnamed = pl.concat_str(pl.col("token_id").str.slice(0, 6), pl.lit("…"))
    return pl.when(pl.col("symbol").str.len_chars() > 0).then("symbol").otherwise(unnamed)
