"""Who belongs to whom, on a running graph through the neo4j driver."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.stores.graph import OwnerGraph, driver_of
from data_contracts.errors import Unavailable


@pytest.fixture(scope="session", params=["embedded", "neo4j"])
def graph(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    """Every test runs on the graph that `make up` starts and on a real Neo4j."""
    served: tuple[str, str, str] = request.getfixturevalue("embedded_graph" if request.param == "embedded" else "neo4j_graph")
    return served


@pytest.fixture
def owner_graph(graph: tuple[str, str, str]) -> Iterator[OwnerGraph]:
    """Empty, and with its constraints."""
    driver_of(*graph).execute_query("MATCH (n) WHERE n:Wallet OR n:Cluster DETACH DELETE n")
    prepared = OwnerGraph(*graph)
    prepared.prepare()
    yield prepared
    driver_of(*graph).execute_query("MATCH (n) WHERE n:Wallet OR n:Cluster DETACH DELETE n")


def clusters_in(graph: tuple[str, str, str]) -> dict[str, Any]:
    """Cluster id → when it was retired."""
    records = driver_of(*graph).execute_query("MATCH (c:Cluster) RETURN c.cluster_id AS id, c.retired_at AS retired_at").records
    return {record["id"]: record["retired_at"] for record in records}


def test_preparing_twice_is_preparing_once(owner_graph: OwnerGraph) -> None:
    owner_graph.prepare()
    owner_graph.link([("a", "b")], "same funder")
    owner_graph.prepare()
    assert owner_graph.links() == [("a", "b")]


def test_a_link_stated_twice_and_the_other_way_round_is_one_link(owner_graph: OwnerGraph) -> None:
    for pair in (("a", "b"), ("a", "b"), ("b", "a")):
        owner_graph.link([pair], "same funder")
    assert owner_graph.links() == [("a", "b")]


def test_the_last_reason_for_a_link_is_kept(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    owner_graph.link([("a", "b")], "same funder")
    owner_graph.link([("a", "b")], "the operator said so")
    records = driver_of(*graph).execute_query("MATCH (:Wallet)-[link:SAME_OWNER]->(:Wallet) RETURN link.why AS why").records
    assert [record["why"] for record in records] == ["the operator said so"]


def test_a_wallet_is_one_node_however_often_it_is_named(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    owner_graph.link([("a", "b"), ("b", "c"), ("a", "c")], "same funder")
    owner_graph.put_clusters({"one": ["a", "b", "c"]}, "2026-11-03")
    assert driver_of(*graph).execute_query("MATCH (w:Wallet) RETURN count(w) AS n").records[0]["n"] == 3
    assert sorted(owner_graph.links()) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_an_empty_graph_has_no_links_and_no_owners(owner_graph: OwnerGraph) -> None:
    owner_graph.link([], "nothing")
    assert owner_graph.links() == []
    assert owner_graph.owners() == {}


def test_every_member_of_a_cluster_has_it_as_its_owner(owner_graph: OwnerGraph) -> None:
    owner_graph.put_clusters({"one": ["a", "b"], "two": ["c"]}, "2026-11-03")
    assert owner_graph.owners() == {"a": "one", "b": "one", "c": "two"}


def test_new_clusters_replace_all_memberships_and_old_ones_are_retired_not_deleted(
    owner_graph: OwnerGraph, graph: tuple[str, str, str]
) -> None:
    owner_graph.put_clusters({"one": ["a", "b"], "two": ["c", "d"]}, "2026-11-03")
    owner_graph.put_clusters({"two": ["c", "d", "e"]}, "2026-11-04")
    assert owner_graph.owners() == {"c": "two", "d": "two", "e": "two"}
    assert clusters_in(graph) == {"one": "2026-11-04", "two": None}


def test_a_cluster_that_holds_again_is_no_longer_retired(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    for members, on in (({"one": ["a", "b"]}, "2026-11-03"), ({}, "2026-11-04"), ({"one": ["a", "b"]}, "2026-11-05")):
        owner_graph.put_clusters(members, on)
    assert clusters_in(graph) == {"one": None}
    assert owner_graph.owners() == {"a": "one", "b": "one"}


def test_a_retired_cluster_keeps_the_day_it_was_retired_first(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    for members, on in (({"one": ["a", "b"]}, "2026-11-03"), ({}, "2026-11-04"), ({}, "2026-11-05")):
        owner_graph.put_clusters(members, on)
    assert clusters_in(graph) == {"one": "2026-11-04"}


def test_putting_the_same_clusters_twice_changes_nothing(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    for _ in range(2):
        owner_graph.put_clusters({"one": ["a", "b"]}, "2026-11-03")
    assert owner_graph.owners() == {"a": "one", "b": "one"}
    assert driver_of(*graph).execute_query("MATCH ()-[m:MEMBER_OF]->() RETURN count(m) AS n").records[0]["n"] == 2


def test_an_address_is_bound_and_never_pasted(owner_graph: OwnerGraph) -> None:
    owner_graph.link([("' OR 1=1 --", '"}) DETACH DELETE n //')], "same funder")
    assert owner_graph.links() == [('"}) DETACH DELETE n //', "' OR 1=1 --")]


def test_clusters_are_put_all_or_none(owner_graph: OwnerGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second statement is no Cypher; the first had ended the memberships."""
    owner_graph.put_clusters({"one": ["a", "b"]}, "2026-11-03")
    monkeypatch.setattr("adapters.stores.graph.JOIN", "UNWIND $rows AS row MURGE")
    with pytest.raises(Unavailable, match="graph: "):
        owner_graph.put_clusters({"two": ["c", "d"]}, "2026-11-04")
    assert owner_graph.owners() == {"a": "one", "b": "one"}


def test_a_wallet_that_left_was_a_member_from_and_until(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    """What a cluster was when it voted stays readable."""
    for members, on in (({"one": ["a", "b", "c"]}, "2026-11-03"), ({"one": ["a", "b"]}, "2026-11-04"), ({}, "2026-11-05")):
        owner_graph.put_clusters(members, on)
    found = driver_of(*graph).execute_query(
        "MATCH (w:Wallet)-[m:MEMBER_OF]->(:Cluster {cluster_id: 'one'}) RETURN w.address AS wallet, m.since AS since, m.until AS until"
    )
    assert sorted(map(tuple, found.records)) == [
        ("a", "2026-11-03", "2026-11-05"),
        ("b", "2026-11-03", "2026-11-05"),
        ("c", "2026-11-03", "2026-11-04"),
    ]


def co_traded(one: str, other: str, p_value: float) -> dict[str, Any]:
    return {"one": one, "other": other, "tokens": 5, "expected": 0.1, "window_s": 15.0, "p_value": p_value}


def test_an_edge_of_wallets_that_trade_together_is_one_edge_with_its_last_figures(
    owner_graph: OwnerGraph, graph: tuple[str, str, str]
) -> None:
    for p_value, on in ((1e-6, "2026-11-03"), (1e-9, "2026-11-04")):
        owner_graph.put_co_traded([co_traded("a", "b", p_value)], on)
    found = driver_of(*graph).execute_query(
        "MATCH (:Wallet)-[e:CO_TRADED]->(:Wallet) RETURN e.p_value AS p, e.tokens AS n, e.seen_at AS at"
    )
    assert list(map(tuple, found.records)) == [(1e-9, 5, "2026-11-04")]


def test_an_edge_that_is_not_found_again_is_retired_and_comes_back_when_it_is(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    retired = []
    for edges, on in (([co_traded("a", "b", 1e-6)], "2026-11-03"), ([], "2026-11-04"), ([co_traded("a", "b", 1e-7)], "2026-11-05")):
        owner_graph.put_co_traded(edges, on)
        found = driver_of(*graph).execute_query("MATCH (:Wallet)-[e:CO_TRADED]->(:Wallet) RETURN e.retired_at AS at")
        retired += [record["at"] for record in found.records]
    assert retired == [None, "2026-11-04", None]


def test_a_payment_points_from_the_wallet_to_who_paid_it(owner_graph: OwnerGraph, graph: tuple[str, str, str]) -> None:
    payment = {"wallet": "a", "funder": "purse", "amount": 1.5, "funded_at": "2026-11-01", "tx": "0x1"}
    for _ in range(2):
        owner_graph.put_funded_by([payment])
    found = driver_of(*graph).execute_query(
        "MATCH (w:Wallet)-[e:FUNDED_BY]->(f:Wallet) RETURN w.address AS wallet, f.address AS funder, e.amount AS amount, e.tx AS tx"
    )
    assert list(map(tuple, found.records)) == [("a", "purse", 1.5, "0x1")]


def test_the_edges_of_wallets_are_told_with_their_evidence(owner_graph: OwnerGraph) -> None:
    """Those among them; of payments all, whoever paid."""
    owner_graph.put_co_traded([co_traded("a", "b", 1e-6), co_traded("b", "c", 1e-3)], "t1")
    owner_graph.put_funded_by([{"wallet": "a", "funder": "purse", "amount": 5.0, "funded_at": "t0", "tx": "0x1"}])
    owner_graph.link([("a", "b")], "his own word")
    edges = owner_graph.edges(["a", "b"])
    (together,), (paid,), (stated,) = edges["co_traded"], edges["payments"], edges["stated"]
    assert (together["one"], together["other"], together["p_value"]) == ("a", "b", 1e-6)
    assert (paid["other"], paid["amount"], stated["why"]) == ("purse", 5.0, "his own word")
    owner_graph.put_co_traded([], "t2")
    assert owner_graph.edges(["a", "b"])["co_traded"] == []  # it is retired


def test_more_rows_than_one_batch_are_all_stored(owner_graph: OwnerGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven members in batches of three: two full ones and one with a single row."""
    monkeypatch.setattr("adapters.stores.graph.BATCH", 3)
    owner_graph.put_clusters({"one": list("abcdefg")}, "2026-11-03")
    assert owner_graph.owners() == dict.fromkeys("abcdefg", "one")


def test_a_wrong_password_is_unavailable_and_not_repeated_in_the_message(graph: tuple[str, str, str]) -> None:
    url, user, _ = graph
    with pytest.raises(Unavailable, match="graph: ") as caught:
        OwnerGraph(url, user, "hidden-word").owners()
    assert "hidden-word" not in str(caught.value)


def test_a_graph_that_is_down_is_unavailable_and_says_where_it_was_looked_for() -> None:
    """By itself the driver tries for a minute: in a run of these tests it took 61 s to say so."""
    with pytest.raises(Unavailable, match=r"graph: .*127\.0\.0\.1:1"):
        OwnerGraph("bolt://127.0.0.1:1", "nobody", "hidden-word").owners()
