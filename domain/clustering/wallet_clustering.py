"""From trades and payments to owners: edges, communities, names. What was stated by an operator wins."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, fields, replace

import numpy as np
import polars as pl

from domain.clustering.bundles import PAIRS
from domain.clustering.clusters import CommunityPolicy, communities, joined, name_clusters
from domain.clustering.cotrading import CoTrades, CoTradingPolicy, co_trades, joiners
from domain.clustering.funding import FundingPolicy, Purses, purses
from domain.clustering.labels import NO_LABELS, of_somebody, owner_links
from domain.clustering.meetings import Acts, Ints, acts, components

NO_BUNDLES = pl.DataFrame(schema=PAIRS)


@dataclass(frozen=True, slots=True)
class DiscoveryPolicy:
    """How owners are found."""

    co_trading: CoTradingPolicy = field(default_factory=CoTradingPolicy)
    funding: FundingPolicy = field(default_factory=FundingPolicy)
    communities: CommunityPolicy = field(default_factory=CommunityPolicy)
    joining_rounds: int = 3


@dataclass(frozen=True, slots=True)
class Discovery:
    """Cluster id → wallets, and what stands behind it: one row per pair that trades together, one per payment by a purse."""

    clusters: dict[str, list[str]]
    co_traded: pl.DataFrame
    funded_by: pl.DataFrame


def discover(
    trades: pl.DataFrame,
    fundings: pl.DataFrame,
    stated: Iterable[tuple[str, str]],
    before: Mapping[str, str],
    policy: DiscoveryPolicy,
    labels: pl.DataFrame = NO_LABELS,
    bundles: pl.DataFrame = NO_BUNDLES,
) -> Discovery:
    """Owners behind these trades (wallet, token_id, side, traded_at, topic) and payments. `before`: wallet → cluster id until now.

    `labels`: WalletLabel rows, who addresses are. `bundles`: pairs that bought launches in one bundle (`bundles.bundled`).
    """
    stated = [*stated, *owner_links(labels)]
    trades = of_somebody(trades, labels)
    paid = purses(fundings, policy.funding, trades, labels)
    paid = replace(paid, links=pl.concat([paid.links, _sent_together(bundles, labels)]))
    ends = [frame[end] for frame in (paid.links, paid.whole) for end in ("one", "other")]
    named_in = [trades["wallet"], *ends, pl.Series([end for pair in stated for end in pair], dtype=pl.String)]
    wallets = pl.concat([column.cast(pl.String) for column in named_in]).unique().sort()
    code = pl.Enum(wallets)
    seen = acts_of(trades, code)
    edges = co_trades(seen, policy.co_trading)
    group = _grouped(edges, paid, stated, code, policy.communities)
    for _ in range(policy.joining_rounds):
        joining = joiners(seen, group, policy.co_trading)
        if not joining.one.size:
            break
        edges = CoTrades(*(np.concatenate(columns) for columns in zip(astuple(edges), astuple(joining), strict=True)))
        group = components(np.append(np.arange(group.size), joining.one), np.append(group, joining.other), group.size)
    known = name_clusters(joined(stated, _members(group, wallets)), before)
    return Discovery(known, _named_edges(edges, wallets), _payments(paid.telling, known))


def acts_of(trades: pl.DataFrame, code: pl.Enum) -> Acts:
    """Buys and sells of a token are two things to do together."""
    what = pl.struct("token_id", "side").rank("dense") if trades.height else pl.lit(0)
    columns = trades.select(
        pl.col("wallet").cast(code).to_physical().cast(pl.Int64),
        what.cast(pl.Int64).alias("token"),
        (pl.col("traded_at").dt.epoch("us") / 1e6).alias("at_s"),
        pl.col("topic").rank("dense").cast(pl.Int64),
    )
    wallet, token, at_s, topic = (columns[name].to_numpy() for name in columns.columns)
    return acts(wallet, token, at_s, topic, wallets=len(code.categories))


def _sent_together(bundles: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Links as sure as a split of one transaction, but for the ends that serve the public."""
    ours = of_somebody(of_somebody(bundles.rename({"one": "wallet"}), labels).rename({"wallet": "one", "other": "wallet"}), labels)
    return ours.select("one", pl.col("wallet").alias("other"), pl.lit(1.0).alias("weight"))


def _grouped(edges: CoTrades, paid: Purses, stated: Iterable[tuple[str, str]], code: pl.Enum, policy: CommunityPolicy) -> Ints:
    """The community of each wallet. Wallets that were stated to have one owner, or have a purse that says so, go in as one.

    A link of one of them is a link of one among many: it weighs as many times less as there are pairs between the two ends.
    """
    size, links = len(code.categories), paid.links
    pairs = pl.DataFrame(list(stated), schema={"one": pl.String, "other": pl.String}, orient="row")
    pairs = pl.concat([pairs, paid.whole])
    same = components(_places(pairs["one"], code), _places(pairs["other"], code), size)
    one = same[np.concatenate((edges.one, _places(links["one"], code)))]
    other = same[np.concatenate((edges.other, _places(links["other"], code)))]
    weight = np.concatenate((np.ones(edges.one.size), links["weight"].to_numpy()))
    sizes = np.bincount(same, minlength=size)
    weight = weight / (sizes[one] * sizes[other])
    apart = one != other
    return communities(one[apart], other[apart], weight[apart], size, policy)[same]


def _places(wallets: pl.Series, code: pl.Enum) -> Ints:
    return wallets.cast(code).to_physical().cast(pl.Int64).to_numpy()


def _members(group: Ints, wallets: pl.Series) -> list[list[str]]:
    """The wallets of each group of two or more."""
    placed = np.flatnonzero(np.bincount(group)[group] > 1)
    placed = placed[np.argsort(group[placed], kind="stable")]
    parts = np.split(placed, np.flatnonzero(np.diff(group[placed])) + 1)
    names = wallets.to_list()
    return [[names[place] for place in part] for part in parts if part.size]


def _named_edges(edges: CoTrades, wallets: pl.Series) -> pl.DataFrame:
    columns = {item.name: getattr(edges, item.name) for item in fields(CoTrades)}
    return pl.DataFrame(columns | {end: wallets.gather(columns[end]) for end in ("one", "other")})


def _payments(telling: pl.DataFrame, clusters: Mapping[str, list[str]]) -> pl.DataFrame:
    """The last payment of each funder to each wallet, where the funder is in the wallet's cluster or paid another one of it."""
    home = {wallet: cluster_id for cluster_id, wallets in clusters.items() for wallet in wallets}
    at_home = [pl.col(end).replace_strict(home, default=None, return_dtype=pl.String).alias(f"{end}_home") for end in ("wallet", "funder")]
    paid = telling.with_columns(*at_home).filter(pl.col("wallet_home").is_not_null())
    paid_another = pl.col("wallet").n_unique().over("funder", "wallet_home") > 1
    last = paid.filter(paid_another | (pl.col("wallet_home") == pl.col("funder_home"))).sort("funded_at", "tx")
    last = last.unique(["wallet", "funder"], keep="last", maintain_order=True)
    return last.select("wallet", "funder", "amount", "funded_at", "tx").sort("wallet", "funder")
