"""What is traded: the markets and coins we hold or judged lately, and the coins we heard of, with how they look and who bought them first."""

from dataclasses import dataclass

import polars as pl

from data_contracts import Consensus, EarlyBuyer, Mark, Signal, TokenFinding, Venue
from data_contracts.frames import empty
from notebooks.queries.house import House
from notebooks.queries.trading import open_positions

MOST_JUDGED, MOST_COINS = 500, 100


@dataclass(frozen=True, slots=True)
class Coins:
    """The last ones we heard of: where, what they are, how they looked last, and their first buyers."""

    heard: pl.DataFrame
    tokens: pl.DataFrame
    looks: pl.DataFrame
    buyers: pl.DataFrame


def markets(house: House) -> pl.DataFrame:
    """A row per outcome token of Polymarket that we hold or judged lately: what it is, what holders agree on, what we have in it."""
    judged = house.results.latest(Signal, "judged_at", MOST_JUDGED, only=["token_id", "outcome", "judged_at"], venue=Venue.POLYMARKET)
    lately = judged.group_by("token_id", "outcome").agg(pl.len().alias("judged"), pl.col("judged_at").max())
    held = open_positions(house).filter(pl.col("venue") == Venue.POLYMARKET)
    cost = held.group_by("token_id", "outcome").agg(pl.col("cost").sum().alias("held_cost"), pl.len().alias("positions"))
    tokens = lately.join(cost, on=["token_id", "outcome"], how="full", coalesce=True)
    ids = tokens["token_id"].unique().to_list()
    known = house.history.instruments(ids).select("token_id", "category", "fee_rate", "ends_at", "ended_at", "payout")
    agreed = house.results.read(Consensus, token_id=ids, votes_by="cluster").drop("market_id", "category", "votes_by")
    marks = house.results.read(Mark, only=["token_id", "price", "doubt"], token_id=ids)
    whole = tokens.join(known, on="token_id", how="left").join(agreed, on="token_id", how="left").join(marks, on="token_id", how="left")
    return house.named(whole).sort("held_cost", "judged_at", descending=True, nulls_last=True)


def coins(house: House) -> Coins:
    """Launches come by the thousand a day: the last ones."""
    heard = house.history.top(TokenFinding, "found_at", MOST_COINS)
    ids = heard["token_id"].unique().to_list()
    buyers = house.history.early_buyers(ids).sort("is_candidate", "first_bought_at", descending=True) if ids else empty(EarlyBuyer)
    return Coins(heard, house.history.tokens(ids), house.history.last_looks(ids), buyers)
