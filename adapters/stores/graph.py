"""Who belongs to whom, in Neo4j or anything that speaks Bolt and Cypher."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from data_contracts.errors import Unavailable

CONSTRAINTS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT wallet_address IF NOT EXISTS FOR (w:Wallet) REQUIRE w.address IS UNIQUE",
    "CREATE CONSTRAINT cluster_id IF NOT EXISTS FOR (c:Cluster) REQUIRE c.cluster_id IS UNIQUE",
)

PUT_CLUSTERS: tuple[LiteralString, ...] = (
    "MATCH (:Wallet)-[member:MEMBER_OF]->(:Cluster) DELETE member",
    "MATCH (c:Cluster) WHERE NOT c.cluster_id IN $ids AND c.retired_at IS NULL SET c.retired_at = $as_of",
    "UNWIND $rows AS row MERGE (w:Wallet {address: row.address}) MERGE (c:Cluster {cluster_id: row.cluster_id}) "
    "SET c.retired_at = null MERGE (w)-[:MEMBER_OF]->(c)",
)


@cache
def driver_of(url: str, user: str, password: str) -> neo4j.Driver:
    """One pool a process and address. The driver's own patience with a server that is down is 61 s, two whole cycles."""
    return neo4j.GraphDatabase.driver(
        url, auth=(user, password), notifications_min_severity="OFF", connection_timeout=2.0, max_transaction_retry_time=2.0
    )


class OwnerGraph:
    """(:Wallet)-[:SAME_OWNER {why}]-(:Wallet)-[:MEMBER_OF]->(:Cluster). A cluster that no longer holds is retired, not deleted."""

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

    def put_clusters(self, members: Mapping[str, Collection[str]], as_of: str) -> None:
        """Replaces all memberships by these: cluster id → wallets. A cluster that is not among them is retired.

        All of it or nothing: a cycle that asks meanwhile would count the wallets of one owner as many voters.
        """
        rows = [{"cluster_id": cluster_id, "address": wallet} for cluster_id, wallets in members.items() for wallet in wallets]
        parameters = {"rows": rows, "ids": list(members), "as_of": as_of}
        try:
            with self._driver.session() as session:
                session.execute_write(lambda work: [work.run(query, parameters).consume() for query in PUT_CLUSTERS])
        except (DriverError, Neo4jError) as error:
            raise Unavailable(f"graph: {error}") from error

    def owners(self) -> dict[str, str]:
        """Wallet → cluster id, for every wallet that is in one."""
        records = self._run("MATCH (w:Wallet)-[:MEMBER_OF]->(c:Cluster) RETURN w.address AS wallet, c.cluster_id AS owner")
        return {record["wallet"]: record["owner"] for record in records}

    def _run(self, query: LiteralString, **parameters: Any) -> list[neo4j.Record]:
        try:
            return self._driver.execute_query(query, parameters_=parameters).records
        except (DriverError, Neo4jError) as error:
            raise Unavailable(f"graph: {error}") from error
