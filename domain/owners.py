"""Which wallets belong to one owner, from links that say so of two."""

from collections.abc import Iterable

import networkx as nx

from domain.ids import row_id


def clusters(links: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Cluster id → its wallets, sorted. Whoever is linked to a member is a member; the id follows from the first wallet."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(pair for pair in links if pair[0] != pair[1])
    groups = sorted(sorted(group) for group in nx.connected_components(graph))
    return {row_id("cluster", group[0]): group for group in groups}
