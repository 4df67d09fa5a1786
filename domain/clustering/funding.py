"""Who was paid by whom before it traded, and which of these payments hint at one owner. Any chain: only addresses, amounts and times.

A private purse (`purses.py` tells it from a service) joins the wallets it paid, and a private collector those that paid it. Where they are
few, every two are linked, the more the fewer they are (Adamic and Adar, Friends and neighbors on the Web, 2003: a rare friend in common
weighs 1 / log of its degree) and the closer in time. Where they are many, they are one: their links would be a million, and say the same.
So are few if something speaks for their purse, not only nothing against it: else another purse's links pull the one away that it paid too.
One transaction that pays several, or equal amounts within minutes, is a split: near certain, whoever pays (an exchange: from three on).

Dust is no payment. A payment whose time nobody knows links less than one far apart in time, and is no split but within its transaction; one
without an amount is none at all.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from domain.clustering.labels import NO_LABELS, exchanges, without_infrastructure
from domain.clustering.meetings import components
from domain.clustering.purses import HUB, PAID, PursePolicy, judge_purses, others_are_named, ties

# Contracts that touch every Polymarket wallet: exchanges v2, neg-risk v2 and v3, pUSD, conditional tokens, positions, router, auto-redeem.
INFRASTRUCTURE = frozenset(
    {
        "0xe111180000d2663c0091e4f400237545b87b996b",
        "0xe2222d279d744050d28e00520010520000310f59",
        "0xe3333700ca9d93003f00f0f71f8515005f6c00aa",
        "0xc011a7e12a19f7b1f670d46f03b03f3342e82dfb",
        "0x4d97dcd97ec945f40cf65f87097ace5ea0476045",
        "0x006f54f7f9a22e0000cc2ab60031000000ae9fef",
        "0x12121212006e4cd160d18e3f00711da5c3372600",
        "0xa1200000d0002264c9a1698e001292d00e1b00af",
    }
)
LINKS = {"one": pl.String, "other": pl.String, "weight": pl.Float64}
SPLIT = "split"
NO_TRADES = pl.DataFrame(schema={"wallet": pl.String, "token_id": pl.String})


@dataclass(frozen=True, slots=True)
class FundingPolicy:
    """Payments farther apart than `together_s` weigh `far` as much, and never less than `least`. More than `few` wallets are one."""

    purses: PursePolicy = field(default_factory=PursePolicy)
    few: int = 10
    sure: int = 2  # points from which a purse's wallets are one even if they are few: something speaks for it, not only nothing against it
    together_s: float = 3_600.0
    far: float = 0.3
    undated: float = 0.2  # two payments of which one has no time
    least: float = 0.15
    least_undated: float = 0.11  # just above what a community needs a pair (`CommunityPolicy.min_weight`)
    split_within_s: float = 600.0
    split_weight: float = 1.0
    public_split: int = 3  # wallets; that two customers of an exchange get one round amount within minutes is chance
    dust: float = 0.001  # coins of the chain; whoever sends less to many strangers has nothing to do with them
    price: int = 25  # so many wallets or more that got one amount, most of them at other times, paid a price


@dataclass(frozen=True, slots=True)
class Purses:
    """What payments say. `links`: one row per pair (one < other) with its weight. `whole`: pairs (one, other) that are one owner's."""

    links: pl.DataFrame
    whole: pl.DataFrame
    telling: pl.DataFrame  # the payments it comes from, as Funding rows


def _worth_it(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """Without dust; of a payment whose amount nobody knows nobody can say."""
    return fundings.filter((pl.col("amount").cast(pl.Float64) >= policy.dust) | pl.col("amount").is_null())


def purses(fundings: pl.DataFrame, policy: FundingPolicy, trades: pl.DataFrame = NO_TRADES, labels: pl.DataFrame = NO_LABELS) -> Purses:
    """Who belongs together by payments, given what the wallets trade (wallet, token_id) and who addresses are (WalletLabel rows)."""
    fundings = _worth_it(without_infrastructure(fundings, labels), policy)
    named = pl.concat([fundings.filter(pl.col("source_known").is_not_null())["funder"], exchanges(labels)]).unique()
    public = pl.concat([named, pl.Series(sorted(INFRASTRUCTURE), dtype=pl.String)])
    tied = ties(fundings, public)
    splits = _splits(fundings, named, policy)
    found, same = judge_purses(pl.concat([tied, splits.select(tied.columns)]), trades, others_are_named(fundings, public), policy.purses)
    splits = _without_chance(splits, named, found, policy)
    private = found.filter((pl.col("points") > 0) | ((pl.col("way") == SPLIT) & (pl.col("wallets") <= policy.few)))
    owned = pl.concat([tied, splits.select(tied.columns)]).join(private, on=HUB, maintain_order="left")
    few = owned.filter(pl.col("wallets") <= policy.few)
    many = owned.filter((pl.col("wallets") > policy.few) | ((pl.col("points") >= policy.sure) & (pl.col("way") != SPLIT)))
    links = pl.concat([_shared(few, policy), _direct(few, policy), _equal(few, splits, policy)])
    return Purses(links, _whole(owned, many, same), _telling(fundings, owned, splits))


def funding_links(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """One row per pair (one < other) with what speaks for one owner, summed: shared purses, splits, and the purse's own payment."""
    return purses(fundings, policy).links


def _splits(fundings: pl.DataFrame, named: pl.Series, policy: FundingPolicy) -> pl.DataFrame:
    """Ties of a hub of its own: the wallets that one funder paid one amount, each soon after the last or in its transaction.

    Of an exchange only if hardly anybody else got that amount: to many, or at other times as well, it is a price.
    """
    paid = fundings.filter(pl.col("funder") != pl.col("wallet"), ~pl.col("funder").is_in(list(INFRASTRUCTURE)))
    amount = ["funder", "amount"]
    paid = paid.filter(pl.col("amount").is_not_null())
    several = paid.filter(pl.col("wallet").n_unique().over(amount) > 1).sort(*amount, "funded_at", "tx")
    soon = pl.col("funded_at").diff().over(amount) <= pl.duration(seconds=policy.split_within_s)
    new = (~(soon | (pl.col("tx") == pl.col("tx").shift()).over(amount))).fill_null(True)
    runs = several.with_columns(new.cum_sum().alias("run")).unique(["run", "wallet"], keep="first", maintain_order=True)
    sized = runs.with_columns(pl.len().over("run").alias("in_run"), pl.col("wallet").n_unique().over(amount).alias("of_amount"))
    most = 2 * pl.col("in_run") >= pl.col("of_amount")
    kept = sized.filter(
        (pl.col("in_run") > 1) & (most | ((pl.col("of_amount") <= policy.price) & ~pl.col("funder").is_in(named.implode())))
    )
    return kept.select(
        pl.format("{} run {}", "funder", "run").alias("hub"),
        pl.lit(SPLIT).alias("way"),
        "wallet",
        pl.col("funded_at").alias("at"),
        pl.col("amount").cast(pl.Float64),
        "funder",
        "tx",
    )


def _without_chance(splits: pl.DataFrame, named: pl.Series, found: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """Whoever serves the public, by name or by evidence, pays two customers one amount in a minute without knowing either."""
    shown = found.filter(pl.col("way") == PAID, pl.col("points") <= 0, pl.col("wallets") > policy.few)["hub"]
    public = pl.concat([named, shown]).implode()
    return splits.filter(~pl.col("funder").is_in(public) | (pl.len().over("hub") >= policy.public_split))


def _shared(few: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """A hub in common: 1 / log2 of its wallets, less if they were paid far apart in time."""
    pairs = _pairs(few.filter(pl.col("way") != SPLIT), HUB, ["at", "wallets"])
    apart = (pl.col("at") - pl.col("at_other")).abs() > pl.duration(seconds=policy.together_s)
    weight = pl.when(apart.is_null()).then(policy.undated).when(apart).then(policy.far).otherwise(1.0) / pl.col("wallets").log(2)
    least = pl.when(apart.is_null()).then(policy.least_undated).otherwise(policy.least)
    return pairs.select("one", "other", pl.max_horizontal(weight, least).alias("weight"))


def _equal(few: pl.DataFrame, splits: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """Each pair of wallets that got a split, once."""
    pairs = _pairs(splits.join(few.select("hub").unique(), on="hub", how="semi", maintain_order="left"), ["hub"], ["at", "tx"])
    close = (pl.col("at") - pl.col("at_other")).abs() <= pl.duration(seconds=policy.split_within_s)
    split = pairs.filter(close | (pl.col("tx") == pl.col("tx_other"))).unique(["one", "other"], maintain_order=True)
    return split.select("one", "other", pl.lit(policy.split_weight).alias("weight"))


def _direct(few: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """A hub and its wallets."""
    ends = pl.min_horizontal("hub", "wallet").alias("one"), pl.max_horizontal("hub", "wallet").alias("other")
    dated = pl.when(pl.col("at").is_null()).then(policy.undated).otherwise(1.0)
    return few.filter(pl.col("way") != SPLIT).select(*ends, (dated / pl.col("wallets").log(2)).alias("weight"))


def _whole(owned: pl.DataFrame, many: pl.DataFrame, same: pl.DataFrame) -> pl.DataFrame:
    """Each wallet with one more of its owner, the one that most of its hubs are of: who was paid by two owners belongs to one of them.

    Hubs with the same wallets are one owner's, and so is a purse that pays hardly anybody but purses.
    """
    size = int(owned.select(pl.col("number").max()).item() or 0) + 1
    hubs = many.select("number", "hub").unique()
    own = owned.filter(pl.col("way") == PAID).join(hubs.select(wallet="hub", pays="number"), on="wallet")
    fed = own.filter(2 * pl.col("wallet").n_unique().over("number") >= pl.col("wallets")).select("number", "hub", other="pays")
    alike = same.filter(pl.col("number").is_in(hubs["number"].implode()) & pl.col("other").is_in(hubs["number"].implode()))
    linked = pl.concat([alike, fed.select("number", "other").cast(dict(alike.schema.items()))])
    label = components(linked["number"].to_numpy().astype(np.int64), linked["other"].to_numpy().astype(np.int64), size)
    placed = many.with_columns(pl.Series("owner", label[many["number"].to_numpy()]))
    first = placed.with_columns(pl.len().over("wallet", "owner").alias("times")).sort(
        "times", "at", "hub", descending=[True, False, False], nulls_last=True
    )
    homes = first.unique("wallet", keep="first", maintain_order=True)
    paying = placed.filter(pl.col("way") != SPLIT).select("owner", wallet="hub")
    above = fed.select(pl.Series("owner", label[fed["number"].to_numpy()]), wallet="hub")
    members = pl.concat([homes.select("owner", "wallet"), paying, above]).unique().sort("owner", "wallet")
    return members.select(one=pl.col("wallet").first().over("owner"), other="wallet").filter(pl.col("one") != pl.col("other"))


def _telling(fundings: pl.DataFrame, owned: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """The payments behind what was found."""
    out = owned.filter(pl.col("way") == PAID).select(funder="hub", wallet="wallet")
    back = owned.filter(~pl.col("way").is_in([PAID, SPLIT])).select(funder="wallet", wallet="hub")
    split = splits.join(owned.select("hub").unique(), on="hub", how="semi").select("funder", "wallet")
    return fundings.join(pl.concat([out, back, split]).unique(), on=["funder", "wallet"], how="semi")


def _pairs(paid: pl.DataFrame, by: list[str], keep: list[str]) -> pl.DataFrame:
    """Every two wallets of one hub, with both their columns."""
    one = paid.select(*by, pl.col("wallet").alias("one"), *keep)
    other = paid.select(*by, pl.col("wallet").alias("other"), *(pl.col(name).alias(f"{name}_other") for name in keep))
    return one.join(other, on=by, maintain_order="left_right").filter(pl.col("one") < pl.col("other"))
