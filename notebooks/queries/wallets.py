"""Who trades: whom we follow, what each wallet has shown, how sure that is, what copying it would bring, and who belongs to it."""

from dataclasses import dataclass

import polars as pl

from data_contracts import (
    Candidate,
    Copyability,
    EdgeState,
    Leader,
    LeaderStanding,
    LeaderWord,
    MemecoinProfile,
    Trade,
    TrapFlag,
    WalletProfile,
    WalletSkill,
)
from domain.profiling.wallet_profiling import ALL_CATEGORIES
from notebooks.queries.house import House

MOST, MOST_TRADES = 100, 50


@dataclass(frozen=True, slots=True)
class Wallet:
    """Everything on record of one: frames of its rows."""

    address: str
    followed: pl.DataFrame
    found: pl.DataFrame
    profiles: pl.DataFrame
    coins: pl.DataFrame
    skill: pl.DataFrame
    edges: pl.DataFrame
    ratings: pl.DataFrame
    traps: pl.DataFrame
    trades: pl.DataFrame
    owner: str | None
    family: list[str]
    said: pl.DataFrame

    @property
    def is_known(self) -> bool:
        """Whether there is anything at all."""
        rows = (self.followed, self.found, self.profiles, self.skill, self.edges, self.ratings, self.traps, self.trades, self.said)
        return any(frame.height for frame in rows)


def leaders(house: House, strategies: list[str] | None = None) -> pl.DataFrame:
    """A row per strategy and leader, with its lifetime record, what its bets say, its owner, and what a copy of it brings at our delay."""
    chosen = house.followed if strategies is None else house.followed.filter(pl.col("strategy_id").is_in(strategies))
    names = chosen["wallet"].unique().to_list()
    whole = chosen.join(_records(house, names), on="wallet", how="left").join(_ratings(house, names), on="wallet", how="left")
    usd = pl.col("strategy_id").replace_strict(
        {name: house.usd_now.get(currency) for name, currency in house.currencies.items()}, default=None, return_dtype=pl.Float64
    )
    return whole.with_columns((pl.col("realized_pnl") * usd).alias("realized_pnl_usd"), _owner(house)).sort(
        "strategy_id", "skilled", "realized_pnl", descending=[False, True, True], nulls_last=True
    )


def held_back(house: House) -> pl.DataFrame:
    """A row per wallet and strategy (* is every one) that a person paused or blocked, the last word first: LeaderWord rows that hold."""
    last = house.results.read(LeaderWord).sort("ordered_at").unique(["strategy_id", "wallet"], keep="last")
    return last.filter(pl.col("standing") != LeaderStanding.FREE).sort("ordered_at", descending=True)


def best(house: House, count: int = MOST) -> pl.DataFrame:
    """The wallets we are surest of, followed or not, with the same columns."""
    surest = house.history.top(WalletSkill, "skilled", count)
    names = surest["wallet"].to_list()
    rows = surest.select("wallet").join(_records(house, names), on="wallet", how="left", maintain_order="left")
    followed = pl.col("wallet").is_in(house.followed["wallet"].to_list()).alias("is_followed")
    return rows.join(_ratings(house, names), on="wallet", how="left", maintain_order="left").with_columns(followed, _owner(house))


def candidates(house: House) -> pl.DataFrame:
    """How many wallets were found where, and how many of them are the venue's own: `found_in`, `excluded`, `rows`."""
    return house.results.sums(Candidate, ["found_in", "excluded"])


def wallet(house: House, address: str) -> Wallet:
    """Everything on record of one."""
    owner = house.owners.get(address)
    of_it = {"wallet": address}
    return Wallet(
        address=address,
        followed=house.results.read(Leader, **of_it),
        found=house.results.read(Candidate, **of_it),
        profiles=house.history.of_wallets(WalletProfile, [address]),
        coins=house.history.of_wallets(MemecoinProfile, [address]),
        skill=house.history.skills([address]),
        edges=house.results.read(EdgeState, **of_it),
        ratings=house.results.read(Copyability, **of_it),
        traps=house.results.read(TrapFlag, **of_it),
        trades=house.named(house.history.top(Trade, "traded_at", MOST_TRADES, wallet=address)),
        owner=owner,
        family=sorted(name for name, cluster in house.owners.items() if cluster == owner and name != address) if owner else [],
        said=house.results.read(LeaderWord, **of_it).sort("ordered_at", descending=True),
    )


def _records(house: House, names: list[str]) -> pl.DataFrame:
    lifetime = house.history.profiles(names).filter(pl.col("category") == ALL_CATEGORIES).drop("category", "as_of")
    skills = house.history.skills(names).drop("as_of")
    traps = house.results.read(TrapFlag, only=["wallet", "trap"], wallet=names, flagged=True)
    flagged = traps.group_by("wallet").agg(pl.col("trap").sort().str.join(", ").alias("traps"))
    return lifetime.join(skills, on="wallet", how="full", coalesce=True).join(flagged, on="wallet", how="left")


def _ratings(house: House, names: list[str]) -> pl.DataFrame:
    """What a copy of 100 USD that comes 30 s later brings: the delay and size that is nearest to ours."""
    rated = house.results.read(Copyability, wallet=names, delay_s=30, notional=100)
    return rated.select(
        "wallet", pl.col("mean").alias("copy_mean"), pl.col("low").alias("copy_low"), pl.col("high").alias("copy_high"), "round_trips"
    )


def _owner(house: House) -> pl.Expr:
    return pl.col("wallet").replace_strict(house.owners, default=None, return_dtype=pl.String).alias("owner")
