"""Who was paid by whom before it traded, and which of these payments hint at one owner. Any chain: only addresses, amounts and times.

A purse is a funder that few wallets share and that nobody knows as an exchange or a service. Wallets of one purse have one owner the more
likely the fewer they are (Adamic and Adar, Friends and neighbors on the Web, 2003: a rare friend in common weighs 1 / log of its degree)
and the closer in time they were paid. One transaction that pays several, or equal amounts within minutes, is a split: near certain, even by
a funder that is too busy to be a purse.
"""

from dataclasses import dataclass

import polars as pl

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


@dataclass(frozen=True, slots=True)
class FundingPolicy:
    """Hubs pay more than `max_wallets` of the wallets we see. Payments farther apart than `together_s` weigh `far` as much."""

    max_wallets: int = 25
    together_s: float = 3_600.0
    far: float = 0.3
    split_within_s: float = 600.0
    split_weight: float = 1.0


def private(fundings: pl.DataFrame) -> pl.DataFrame:
    """Payments whose funder nobody knows as an exchange, a service or a contract of the venue's."""
    known = pl.col("source_known").is_not_null() | pl.col("funder").is_in(list(INFRASTRUCTURE))
    return fundings.filter(~known & (pl.col("funder") != pl.col("wallet")))


def purses(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """Private payments by funders that are no hubs, with `wallets`: how many wallets the funder paid."""
    counted = private(fundings).with_columns(pl.col("wallet").n_unique().over("funder").alias("wallets"))
    return counted.filter(pl.col("wallets") <= policy.max_wallets)


def funding_links(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """One row per pair (one < other) with what speaks for one owner, summed: shared purses, splits, and the purse's own payment."""
    return pl.concat([_shared(fundings, policy), _splits(fundings, policy), _direct(fundings, policy)])


def telling(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """The payments that links come from: those of purses, and the splits of funders that are too busy to be one."""
    split = _split_pairs(fundings, policy)
    paid = pl.concat([split.select("funder", pl.col(end).alias("wallet")) for end in ("one", "other")]).unique()
    of_splits = private(fundings).join(paid, on=["funder", "wallet"], how="semi")
    return pl.concat([purses(fundings, policy).drop("wallets"), of_splits]).unique(maintain_order=True)


def _shared(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """A funder in common: 1 / log2 of its wallets, less if it paid them far apart in time."""
    paid = purses(fundings, policy).filter(pl.col("wallets") > 1).select("funder", "wallet", "funded_at", "wallets")
    first = paid.sort("funded_at").unique(["funder", "wallet"], keep="first", maintain_order=True)
    pairs = _pairs(first, ["funder"], ["funded_at", "wallets"])
    apart = (pl.col("funded_at") - pl.col("funded_at_other")).abs() > pl.duration(seconds=policy.together_s)
    weight = pl.when(apart).then(policy.far).otherwise(1.0) / pl.col("wallets").log(2)
    return pairs.select("one", "other", weight.alias("weight"))


def _splits(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """Each pair of wallets that got a split, once."""
    split = _split_pairs(fundings, policy).unique(["one", "other"], maintain_order=True)
    return split.select("one", "other", pl.lit(policy.split_weight).alias("weight"))


def _split_pairs(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """Equal amounts by one funder in one transaction or within minutes; an amount that is paid to many is a price, not a split."""
    paid = private(fundings).filter(pl.col("wallet").n_unique().over("funder", "amount").is_between(2, policy.max_wallets))
    pairs = _pairs(paid.unique(["funder", "amount", "wallet", "tx"], maintain_order=True), ["funder", "amount"], ["funded_at", "tx"])
    close = (pl.col("funded_at") - pl.col("funded_at_other")).abs() <= pl.duration(seconds=policy.split_within_s)
    return pairs.filter(close | (pl.col("tx") == pl.col("tx_other")))


def _direct(fundings: pl.DataFrame, policy: FundingPolicy) -> pl.DataFrame:
    """A purse and the wallets it paid, if they are more than one or it was paid itself: somebody's only payment says little."""
    paid = purses(fundings, policy).unique(["funder", "wallet"], maintain_order=True).filter(pl.col("wallets") > 1)
    ends = pl.min_horizontal("funder", "wallet").alias("one"), pl.max_horizontal("funder", "wallet").alias("other")
    return paid.select(*ends, (1.0 / pl.col("wallets").log(2)).alias("weight"))


def _pairs(paid: pl.DataFrame, by: list[str], keep: list[str]) -> pl.DataFrame:
    """Every two wallets of one funder, with both their columns."""
    one = paid.select(*by, pl.col("wallet").alias("one"), *keep)
    other = paid.select(*by, pl.col("wallet").alias("other"), *(pl.col(name).alias(f"{name}_other") for name in keep))
    return one.join(other, on=by, maintain_order="left_right").filter(pl.col("one") < pl.col("other"))
