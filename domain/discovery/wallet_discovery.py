"""Who might be worth a look, and where we found them. Found is not followed: that takes a record."""

from datetime import datetime, timedelta

import polars as pl

from data_contracts import Candidate, FoundIn
from data_contracts.frames import schema_of
from domain.clustering.labels import NO_LABELS, public_names
from domain.discovery.infrastructure import KNOWN

FEWEST_TRADES = 5  # nobody is followed on less
SEEN_AGAIN = timedelta(days=1)  # a row is written again when it is that old, not in every run
FOUND = pl.Schema({"wallet": pl.String(), "found_in": pl.String(), "detail": pl.String()})
PLACES = {
    FoundIn.LEADERBOARD: "on a leaderboard",
    FoundIn.HOLDERS: "among the holders",
    FoundIn.TRADES: "in the trades",
    FoundIn.EARLY_BUYERS: "among a token's first buyers",
    FoundIn.LOADED: "in a loaded file",
}


def traders(trades: pl.DataFrame) -> pl.DataFrame:
    """FOUND rows of all wallets that traded often enough."""
    return often(trades.group_by("wallet").agg(pl.len().alias("trades"), pl.col("notional").cast(pl.Float64).sum().alias("usd")))


def often(seen: pl.DataFrame) -> pl.DataFrame:
    """The same of `wallet`, how many `trades`, and their `usd`."""
    detail = pl.format("{} trades, {} USD", "trades", pl.col("usd").round(0).cast(pl.Int64)).alias("detail")
    return seen.filter(pl.col("trades") >= FEWEST_TRADES).select("wallet", pl.lit(FoundIn.TRADES.value).alias("found_in"), detail)


def liquid_markets(trades: pl.DataFrame, count: int) -> list[str]:
    """The condition ids with the most USD traded."""
    traded = trades.group_by("market_id").agg(pl.col("notional").sum())
    return traded.sort("notional", "market_id", descending=[True, False]).head(count)["market_id"].to_list()


def holders(held: pl.DataFrame, questions: pl.DataFrame) -> pl.DataFrame:
    """FOUND rows of HolderPosition rows: each wallet by its largest holding. `questions` has `token_id`, `outcome` and `question`."""
    known = held.join(questions, on="token_id", how="left")
    largest = known.sort("cost", "wallet", "token_id", descending=[True, False, False]).unique("wallet", keep="first", maintain_order=True)
    worth = pl.col("cost").cast(pl.Float64).round(0).cast(pl.Int64)
    detail = pl.format("{} USD in {} of {}", worth, pl.col("outcome").fill_null("an outcome"), pl.col("question").fill_null("a market"))
    return largest.select("wallet", pl.lit(FoundIn.HOLDERS.value).alias("found_in"), detail.alias("detail"))


def loaded(positions: pl.DataFrame) -> pl.DataFrame:
    """FOUND rows of the wallets in ReportedPosition rows."""
    counted = positions.group_by("wallet").agg(pl.col("token_id").n_unique().alias("held"), pl.col("source").min()).sort("wallet")
    detail = pl.format("{} positions in {}", "held", "source").alias("detail")
    return counted.select("wallet", pl.lit(FoundIn.LOADED.value).alias("found_in"), detail)


def early(buyers: pl.DataFrame) -> pl.DataFrame:
    """FOUND rows of the EarlyBuyers that are candidates: each wallet by its best gain. Bundles, deployers and whom they paid are none."""
    best = (
        buyers.filter("is_candidate").sort("gain", "wallet", descending=[True, False]).unique("wallet", keep="first", maintain_order=True)
    )
    gain = (pl.col("gain") * 100).round(0).cast(pl.Int64)
    after = pl.col("after_launch_s").round(0).cast(pl.Int64)
    detail = pl.format("bought {} as number {} after {} s, gained {} %", "token_id", "buy_rank", after, gain)
    return best.select("wallet", pl.lit(FoundIn.EARLY_BUYERS.value).alias("found_in"), detail.alias("detail"))


def candidates(found: pl.DataFrame, before: pl.DataFrame, as_of: datetime, labels: pl.DataFrame = NO_LABELS) -> pl.DataFrame:
    """Candidate rows to write: the new, those not seen for a day, and what the venue's own addresses are. Who was found first stays so.

    What WalletLabel rows call an exchange or a service is nobody to follow either.
    """
    once = found.unique(["wallet", "found_in"], keep="first", maintain_order=True)
    known = once.join(
        before.select("wallet", "found_in", "first_seen_at", "last_seen_at", was="excluded"), on=["wallet", "found_in"], how="left"
    ).with_columns(pl.col("wallet").replace_strict(KNOWN | public_names(labels), default=None, return_dtype=pl.String).alias("excluded"))
    is_old = pl.col("last_seen_at") <= as_of - SEEN_AGAIN
    due = known.filter(pl.col("last_seen_at").is_null() | is_old | (pl.col("excluded").is_not_null() & pl.col("was").is_null()))
    frame = due.with_columns(
        pl.col("first_seen_at").fill_null(as_of),
        pl.lit(as_of).alias("last_seen_at"),
    )
    schema = schema_of(Candidate)
    return frame.select(list(schema)).cast(dict(schema.items())).sort("wallet", "found_in")


def eligible(profiles: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The profiles of wallets that were found somewhere and are nobody's infrastructure."""
    return profiles.join(found.filter(pl.col("excluded").is_null()), on="wallet", how="semi")


def with_origin(reasons: dict[str, str], found: pl.DataFrame) -> dict[str, str]:
    """Wallet → why, and where it was found. The venue's own addresses are left out, whoever named them."""
    places = found.filter(pl.col("wallet").is_in(list(reasons))).sort("found_in").group_by("wallet").agg("found_in")
    origins = {wallet: " and ".join(PLACES[FoundIn(place)] for place in each) for wallet, each in places.iter_rows()}
    return {
        wallet: f"{why}; found {origins[wallet]}" if wallet in origins else why for wallet, why in reasons.items() if wallet not in KNOWN
    }
