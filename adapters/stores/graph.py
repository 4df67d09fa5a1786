"""Who belongs to whom, in Neo4j or anything that speaks Bolt and Cypher."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from data_contracts.errors import Unavailable

CONSTRAINTS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT wallet_address IF NOT EXISTS FOR (w:Wallet) REQUIRE w.address IS UNIQUE",
    "CREATE CONSTRAINT cluster_id IF NOT EXISTS FOR (c:Cluster) REQUIRE c.cluster_id IS UNIQUE",
)

MEMBERS: LiteralString = (
    "MATCH (w:Wallet)-[member:MEMBER_OF]->(c:Cluster) WHERE member.until IS NULL AND c.retired_at IS NULL "
    "RETURN w.address AS wallet, c.cluster_id AS owner"
)
LEAVE: LiteralString = (
    "UNWIND $rows AS row MATCH (:Wallet {address: row.address})-[member:MEMBER_OF]->(:Cluster {cluster_id: row.cluster_id}) "
    "SET member.until = $as_of"
)
RETIRE: LiteralString = (
    "MATCH (c:Cluster) WHERE NOT c.cluster_id IN $ids AND c.retired_at IS NULL SET c.retired_at = $as_of "
    "WITH c MATCH (:Wallet)-[member:MEMBER_OF]->(c) WHERE member.until IS NULL SET member.until = $as_of"
)
JOIN: LiteralString = (
    "UNWIND $rows AS row MERGE (w:Wallet {address: row.address}) MERGE (c:Cluster {cluster_id: row.cluster_id}) "
    "SET c.retired_at = null MERGE (w)-[member:MEMBER_OF]->(c) ON CREATE SET member.since = $as_of SET member.until = null"
)
PUT_CO_TRADED: LiteralString = (
    "UNWIND $rows AS row MERGE (a:Wallet {address: row.one}) MERGE (b:Wallet {address: row.other}) MERGE (a)-[edge:CO_TRADED]->(b) "
    "SET edge.p_value = row.p_value, edge.window_s = row.window_s, edge.tokens = row.tokens, edge.expected = row.expected, "
    "edge.seen_at = $as_of, edge.retired_at = null"
)
RETIRE_CO_TRADED: LiteralString = (
    "MATCH (:Wallet)-[edge:CO_TRADED]->(:Wallet) WHERE edge.seen_at <> $as_of AND edge.retired_at IS NULL SET edge.retired_at = $as_of"
)
PUT_FUNDED_BY: LiteralString = (
    "UNWIND $rows AS row MERGE (w:Wallet {address: row.wallet}) MERGE (f:Wallet {address: row.funder}) MERGE (w)-[edge:FUNDED_BY]->(f) "
    "SET edge.amount = row.amount, edge.funded_at = row.funded_at, edge.tx = row.tx"
)
CO_TRADED_AMONG: LiteralString = (
    "MATCH (a:Wallet)-[edge:CO_TRADED]->(b:Wallet) WHERE a.address IN $wallets AND b.address IN $wallets AND edge.retired_at IS NULL "
    "RETURN a.address AS one, b.address AS other, edge.p_value AS p_value, edge.tokens AS tokens, edge.expected AS expected, "
    "edge.window_s AS window_s ORDER BY one, other"
)
PAYMENTS_TO: LiteralString = (
    "MATCH (w:Wallet)-[edge:FUNDED_BY]->(f:Wallet) WHERE w.address IN $wallets "
    "RETURN w.address AS one, f.address AS other, edge.amount AS amount, edge.funded_at AS funded_at, edge.tx AS tx ORDER BY one, other"
)
STATED_AMONG: LiteralString = (
    "MATCH (a:Wallet)-[edge:SAME_OWNER]->(b:Wallet) WHERE a.address IN $wallets AND b.address IN $wallets "
    "RETURN a.address AS one, b.address AS other, edge.why AS why ORDER BY one, other"
)
BATCH = 5_000  # rows a statement: a transaction stays small


@cache
def driver_of(url: str, user: str, password: str) -> neo4j.Driver:
    """One pool a process and address. The driver's own patience with a server that is down is 61 s, two whole cycles."""
    return neo4j.GraphDatabase.driver(
        url, auth=(user, password), notifications_min_severity="OFF", connection_timeout=2.0, max_transaction_retry_time=2.0
    )


class OwnerGraph:
    """(:Wallet)-[:SAME_OWNER | :FUNDED_BY | :CO_TRADED]-(:Wallet)-[:MEMBER_OF {since, until}]->(:Cluster).

    What no longer holds is retired or ended, not deleted: what a cluster was when it voted stays readable.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._driver = driver_of(url, user, password)

    def prepare(self) -> None:
        """Constraints, so that a wallet is one node whoever writes it."""
        for constraint in CONSTRAINTS:
            self._run(constraint)

    def link(self, pairs: Iterable[tuple[str, str]], why: str) -> None:
        """States that two wallets have one owner. Saying it again changes nothing."""
        rows = [{"one": min(pair), "other": max(pair)} for pair in pairs]
        self._run(
            "UNWIND $rows AS row MERGE (a:Wallet {address: row.one}) MERGE (b:Wallet {address: row.other}) "
            "MERGE (a)-[link:SAME_OWNER]->(b) SET link.why = $why",
            rows=rows,
            why=why,
        )

    def links(self) -> list[tuple[str, str]]:
        """All pairs of wallets with one owner."""
        records = self._run("MATCH (a:Wallet)-[:SAME_OWNER]->(b:Wallet) RETURN a.address AS one, b.address AS other")
        return [(record["one"], record["other"]) for record in records]

    def put_co_traded(self, edges: Sequence[Mapping[str, Any]], as_of: str) -> None:
        """Pairs that trade together (one, other, tokens, expected, window_s, p_value). The pairs that are not among them are retired."""
        for part in _parts(edges):
            self._run(PUT_CO_TRADED, rows=part, as_of=as_of)
        self._run(RETIRE_CO_TRADED, as_of=as_of)

    def put_funded_by(self, payments: Sequence[Mapping[str, Any]]) -> None:
        """Payments (wallet, funder, amount, funded_at, tx), the last one of each two. They happened, so none is ever retired."""
        for part in _parts(payments):
            self._run(PUT_FUNDED_BY, rows=part)

    def put_clusters(self, members: Mapping[str, Collection[str]], as_of: str) -> None:
        """Replaces all memberships by these: cluster id → wallets. A cluster that is not among them is retired.

        All of it or nothing: a cycle that asks meanwhile would count the wallets of one owner as many voters.
        """
        wanted = {(wallet, cluster_id) for cluster_id, wallets in members.items() for wallet in wallets}
        try:
            with self._driver.session() as session:
                session.execute_write(_replace_members, wanted, list(members), as_of)
        except (DriverError, Neo4jError) as error:
            raise Unavailable(f"graph: {error}") from error

    def owners(self) -> dict[str, str]:
        """Wallet → cluster id, for every wallet that is in a live one."""
        return {record["wallet"]: record["owner"] for record in self._run(MEMBERS)}

    def edges(self, wallets: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """What joins these wallets, `one` and `other`: `co_traded` (with what was counted), `payments` of any purse, and `stated` (why)."""
        queries = {"co_traded": CO_TRADED_AMONG, "payments": PAYMENTS_TO, "stated": STATED_AMONG}
        return {kind: [dict(record) for record in self._run(query, wallets=list(wallets))] for kind, query in queries.items()}

    def ask(self, query: LiteralString, **parameters: Any) -> list[neo4j.Record]:
        """Any statement of Cypher, its answer row by row. Raises Unavailable."""
        return self._run(query, **parameters)

    def _run(self, query: LiteralString, **parameters: Any) -> list[neo4j.Record]:
        try:
            return self._driver.execute_query(query, parameters_=parameters).records
        except (DriverError, Neo4jError) as error:
            raise Unavailable(f"graph: {error}") from error


def _replace_members(work: neo4j.ManagedTransaction, wanted: set[tuple[str, str]], ids: Sequence[str], as_of: str) -> None:
    """Only what changed is written."""
    live = {(record["wallet"], record["owner"]) for record in work.run(MEMBERS)}
    for query, changed in ((LEAVE, live - wanted), (JOIN, wanted - live)):
        rows = [{"address": wallet, "cluster_id": cluster_id} for wallet, cluster_id in sorted(changed)]
        for part in _parts(rows):
            work.run(query, rows=part, as_of=as_of).consume()
    work.run(RETIRE, ids=ids, as_of=as_of).consume()


def _parts(rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    return (rows[begin : begin + BATCH] for begin in range(0, len(rows), BATCH))
