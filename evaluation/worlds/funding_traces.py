"""A recording of real payments whose groups somebody worked out by hand: the first buyers of 22 Solana tokens, and who had paid them."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl

from data_contracts import Funding
from data_contracts.frames import schema_of

NAME = "sol_funding_traces"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FundingTraces:
    """Payments, and pairs of early buyers of one token: `groups` had one owner, `exchanges` only an exchange in common."""

    fundings: pl.DataFrame
    groups: frozenset[Pair]
    exchanges: frozenset[Pair]
    buyers: tuple[frozenset[str], ...]

    def among(self, clusters: Iterable[Iterable[str]]) -> frozenset[Pair]:
        """The pairs of these clusters that the recording can judge: both bought one of its tokens early."""
        members = [set(cluster) for cluster in clusters]
        return frozenset(pair for token in self.buyers for cluster in members for pair in pairs(cluster & token))

    def half(self, second: bool) -> "FundingTraces":
        """Every other token, with the payments of its buyers. A pair that bought tokens of both halves is in the first."""
        own, first = self.buyers[int(second) :: 2], self._pairs_of(self.buyers[::2])
        kept = self._pairs_of(own) - (first if second else frozenset())
        wallets = frozenset[str]().union(*own)
        paid = self.fundings.filter(pl.col("wallet").is_in(sorted(wallets)))
        return FundingTraces(paid, self.groups & kept, self.exchanges & kept, own)

    def _pairs_of(self, tokens: Iterable[frozenset[str]]) -> frozenset[Pair]:
        return frozenset(pair for token in tokens for pair in pairs(token))


def funding_traces(directory: Path) -> FundingTraces:
    """Reads the recording. A group's purse belongs to it where it bought early as well: it is the owner's own wallet."""
    inflows = pl.read_parquet(directory / "inflows.parquet").filter(pl.col("nature") == "financement", pl.col("source").is_not_null())
    splits = pl.read_parquet(directory / "splits.parquet")
    buyers: dict[str, set[str]] = defaultdict(set)
    for label, wallet in inflows.select("label", "wallet").iter_rows():
        buyers[label].add(wallet)
    groups, exchanges = set[Pair](), set[Pair]()
    for row in splits.select("label", "kind", "wallets", "funder", "source").to_dicts():
        wallets = set(json.loads(row["wallets"]))
        purse = {row["funder"], row["source"]} & buyers[row["label"]]
        if "infrastructure" in row["kind"]:
            exchanges |= pairs(wallets)
        else:
            groups |= pairs(wallets | purse)
    return FundingTraces(
        _fundings(inflows), frozenset(groups), frozenset(exchanges - groups), tuple(frozenset(buyers[label]) for label in sorted(buyers))
    )


def unnamed(fundings: pl.DataFrame) -> pl.DataFrame:
    """The same payments, when nobody has told us which funders are exchanges."""
    return fundings.with_columns(pl.lit(None, pl.String).alias("source_known"))


def pairs(wallets: Iterable[str]) -> set[Pair]:
    return set(combinations(sorted(wallets), 2))


def _fundings(inflows: pl.DataFrame) -> pl.DataFrame:
    """As Funding rows: what a wallet got for a sale is no payment by an owner, and is left out above."""
    amount = pl.col("amount_sol").round(9).cast(schema_of(Funding)["amount"])
    columns = {"funder": "source", "funded_at": "ts", "tx": "signature"}
    rows = inflows.select("wallet", amount.alias("amount"), "source_known", **{name: pl.col(column) for name, column in columns.items()})
    paid = rows.filter(pl.col("amount") > 0)
    return paid.with_columns(pl.lit(None, kind).alias(name) for name, kind in schema_of(Funding).items() if name not in paid.columns)
