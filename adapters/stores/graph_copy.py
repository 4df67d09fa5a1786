"""All wallets, clusters and what joins them in the graph, as rows of JSON, and back. Writing them again changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, LiteralString

from adapters.stores.graph import BATCH, OwnerGraph

# By kind: what reads its rows, and what writes them.
KINDS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "wallets": ("MATCH (n:Wallet) RETURN properties(n) AS row", "UNWIND $rows AS row MERGE (n:Wallet {address: row.address}) SET n += row"),
    "clusters": (
        "MATCH (n:Cluster) RETURN properties(n) AS row",
        "UNWIND $rows AS row MERGE (n:Cluster {cluster_id: row.cluster_id}) SET n += row",
    ),
    "members": (
        "MATCH (a:Wallet)-[e:MEMBER_OF]->(b:Cluster) RETURN {one: a.address, other: b.cluster_id, own: properties(e)} AS row",
        "UNWIND $rows AS row MATCH (a:Wallet {address: row.one}) MATCH (b:Cluster {cluster_id: row.other}) "
        "MERGE (a)-[e:MEMBER_OF]->(b) SET e += row.own",
    ),
    "same_owner": (
        "MATCH (a:Wallet)-[e:SAME_OWNER]->(b:Wallet) RETURN {one: a.address, other: b.address, own: properties(e)} AS row",
        "UNWIND $rows AS row MATCH (a:Wallet {address: row.one}) MATCH (b:Wallet {address: row.other}) "
        "MERGE (a)-[e:SAME_OWNER]->(b) SET e += row.own",
    ),
    "co_traded": (
        "MATCH (a:Wallet)-[e:CO_TRADED]->(b:Wallet) RETURN {one: a.address, other: b.address, own: properties(e)} AS row",
        "UNWIND $rows AS row MATCH (a:Wallet {address: row.one}) MATCH (b:Wallet {address: row.other}) "
        "MERGE (a)-[e:CO_TRADED]->(b) SET e += row.own",
    ),
    "funded_by": (
        "MATCH (a:Wallet)-[e:FUNDED_BY]->(b:Wallet) RETURN {one: a.address, other: b.address, own: properties(e)} AS row",
        "UNWIND $rows AS row MATCH (a:Wallet {address: row.one}) MATCH (b:Wallet {address: row.other}) "
        "MERGE (a)-[e:FUNDED_BY]->(b) SET e += row.own",
    ),
}


def read_graph(graph: OwnerGraph) -> Iterator[tuple[str, dict[str, Any]]]:
    """(kind, row), nodes before what joins them. Raises Unavailable."""
    for kind, (query, _) in KINDS.items():
        for record in graph.ask(query):
            yield kind, record["row"]


def write_graph(graph: OwnerGraph, rows: Iterable[tuple[str, dict[str, Any]]]) -> int:
    """How many. Raises Unavailable."""
    by_kind: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for kind, row in rows:
        by_kind[kind].append(row)
    for kind, (_, statement) in KINDS.items():
        for begin in range(0, len(by_kind[kind]), BATCH):
            graph.ask(statement, rows=by_kind[kind][begin : begin + BATCH])
    return sum(map(len, by_kind.values()))
