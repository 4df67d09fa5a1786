"""Finds links between wallets in trades and payments, takes those an operator states, and derives the clusters from all of them."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from adapters.connect import open_graph, open_history
from adapters.settings import Settings
from data_contracts import WalletLabel
from data_contracts.errors import Unsafe
from domain.clustering.bundles import bundled
from domain.clustering.clusters import joined, members_of, name_clusters
from domain.clustering.wallet_clustering import Discovery, DiscoveryPolicy, discover
from tasks.steps import step

MOST_WALLETS = 500
log = logging.getLogger("walletflow.owning")


@step
def link_wallets(wallets: Sequence[str], why: str, settings: Settings, as_of: datetime) -> dict[str, list[str]]:
    """All clusters after these wallets were stated to have one owner. Clusters that they are in become one."""
    graph = open_graph(settings)
    graph.link(pairwise(wallets), why)
    before = graph.owners()
    clusters = name_clusters(joined(graph.links(), members_of(before).values()), before)
    graph.put_clusters(clusters, as_of.isoformat())
    return clusters


@step
def read_fundings(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Who paid whom, as far as somebody has written it down, unchecked."""
    return open_history(settings).fundings(as_of)


@step
def discover_owners(fundings: pl.DataFrame, settings: Settings, as_of: datetime, days: int) -> Discovery:
    """Owners behind the trades of the last days, all payments and labels. Raises Unsafe when a cluster is too large to be an owner."""
    history, graph = open_history(settings), open_graph(settings)
    markets = history.markets().select("token_id", pl.col("category").alias("topic"))
    trades = history.trades(as_of - timedelta(days=days), as_of).select("wallet", "token_id", "side", "traded_at", "sequence")
    together = bundled(trades, history.tokens().select("token_id", "launch_slot"))
    trades = trades.join(markets, on="token_id", how="left").with_columns(pl.col("topic").fill_null(""))
    labels = history.of_wallets(WalletLabel).filter(pl.col("loaded_at") <= as_of)
    found = discover(trades, fundings, graph.links(), graph.owners(), DiscoveryPolicy(), labels, together)
    largest = max(map(len, found.clusters.values()), default=0)
    if largest > MOST_WALLETS:
        raise Unsafe(f"a cluster of {largest} wallets is no owner: some funder in it serves the public. The clusters stay as they were")
    log.info("%d trades, %d payments: %d clusters, the largest of %d", trades.height, fundings.height, len(found.clusters), largest)
    return found


@step
def keep_owners(found: Discovery, settings: Settings, as_of: datetime) -> dict[str, list[str]]:
    """The evidence, then the clusters: with the links that an operator stated while we were looking."""
    graph, at = open_graph(settings), as_of.isoformat()
    graph.put_co_traded(found.co_traded.to_dicts(), at)
    graph.put_funded_by(
        found.funded_by.with_columns(pl.col("amount").cast(pl.Float64), pl.col("funded_at").dt.to_string("iso:strict")).to_dicts()
    )
    clusters = name_clusters(joined(graph.links(), found.clusters.values()), graph.owners())
    graph.put_clusters(clusters, at)
    return clusters
