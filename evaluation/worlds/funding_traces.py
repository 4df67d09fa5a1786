"""A recording of real payments whose groups somebody worked out by hand: the first buyers of 22 Solana tokens, and who had paid them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from adapters.feeds.solana.recorded_rows import Pair, pairs
from adapters.feeds.solana.recorded_traces import groups, payments

NAME = "sol_funding_traces"


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
    """Reads the recording: its payments and groups as a replay reads them."""
    inflows, splits = (pl.read_parquet(directory / f"{name}.parquet") for name in ("inflows", "splits"))
    known = groups(inflows, splits)
    return FundingTraces(payments(inflows), known.pairs, known.apart, known.judged)


def unnamed(fundings: pl.DataFrame) -> pl.DataFrame:
    """The same payments, when nobody has told us which funders are exchanges."""
    return fundings.with_columns(pl.lit(None, pl.String).alias("source_known"))
