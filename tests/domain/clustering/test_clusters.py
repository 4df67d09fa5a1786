"""Communities are connected, names are stable, and what was stated wins."""

from datetime import UTC, datetime
from decimal import Decimal

import networkx as nx
import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Funding, Trade
from data_contracts.frames import empty, frame_of, schema_of
from domain.clustering.clusters import CommunityPolicy, communities, joined, name_clusters
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover

T0 = datetime(2026, 11, 3, tzinfo=UTC)
NO_TRADES = empty(Trade).select("wallet", "token_id", "side", "traded_at").with_columns(pl.lit("").alias("topic"))


def groups_of(edges: list[tuple[int, int, float]], size: int) -> list[list[int]]:
    one, other = (np.array([edge[end] for edge in edges], np.int64) for end in (0, 1))
    label = communities(one, other, np.array([edge[2] for edge in edges], float), size, CommunityPolicy())
    return [np.flatnonzero(label == number).tolist() for number in np.unique(label)]


def clique(*nodes: int) -> list[tuple[int, int, float]]:
    return [(one, other, 1.0) for one in nodes for other in nodes if one < other]


def test_two_groups_that_one_false_link_connects_stay_two() -> None:
    """Of 4 x 4 possible links there is one: 0.06 on average, below 0.1."""
    assert groups_of([*clique(0, 1, 2, 3), *clique(4, 5, 6, 7), (3, 4, 1.0)], 8) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_nobody_is_lost_and_nobody_invented() -> None:
    assert groups_of([(1, 2, 1.0)], 4) == [[0], [1, 2], [3]]
    assert groups_of([], 2) == [[0], [1]]


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), st.floats(0.05, 1)).filter(lambda edge: edge[0] != edge[1]), max_size=40))
def test_every_community_is_connected(edges: list[tuple[int, int, float]]) -> None:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(15))
    graph.add_weighted_edges_from(edges)
    assert all(nx.is_connected(graph.subgraph(group)) for group in groups_of(edges, 15))


def test_the_same_graph_has_the_same_communities() -> None:
    chance = np.random.default_rng(1)
    edges = [(int(a), int(b), 1.0) for a, b in chance.integers(0, 60, (150, 2)) if a != b]
    assert groups_of(edges, 60) == groups_of(edges, 60)


def test_groups_that_a_link_connects_are_one() -> None:
    assert joined([("b", "c"), ("x", "y")], [["a", "b"], ["c", "d"], ["e", "f"]]) == [["a", "b", "c", "d"], ["e", "f"], ["x", "y"]]


def test_a_group_keeps_its_id_while_most_of_its_wallets_stay() -> None:
    before = dict.fromkeys("abcd", "old")
    assert name_clusters(["abcx"], before) == {"old": ["a", "b", "c", "x"]}  # three of four stayed
    assert "old" not in name_clusters(["abxy"], before)  # two of four are not most


def test_of_two_halves_the_greater_keeps_the_id() -> None:
    names = name_clusters(["abc", "de"], dict.fromkeys("abcde", "old"))
    assert names["old"] == ["a", "b", "c"]
    assert len(names) == 2


def test_when_two_clusters_become_one_it_is_called_like_the_one_most_came_from() -> None:
    assert name_clusters(["abcde"], dict.fromkeys("abc", "one") | dict.fromkeys("de", "two")) == {"one": list("abcde")}


def test_a_part_that_once_had_the_name_alone_gets_another() -> None:
    """a and b were a cluster and named it; three joined; now the three go on under that name, and a and b need a new one."""
    (first,) = name_clusters(["ab"], {})
    grown = name_clusters(["abcde"], {"a": first, "b": first})
    assert list(grown) == [first]
    parts = name_clusters(["ab", "cde"], dict.fromkeys("abcde", first))
    assert parts[first] == ["c", "d", "e"]
    assert sorted(map(len, parts.values())) == [2, 3]


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=2, max_size=6, unique=True), max_size=6),
    st.dictionaries(st.integers(0, 30), st.sampled_from("xyz")),
)
def test_every_group_has_one_name_and_every_name_one_group(groups: list[list[int]], before: dict[int, str]) -> None:
    seen: set[int] = set()
    apart = [group for group in groups if not seen & set(group) and not seen.update(group)]  # type: ignore[func-returns-value]
    texts = [[f"{wallet:02}" for wallet in group] for group in apart]
    names = name_clusters(texts, {f"{wallet:02}": name for wallet, name in before.items()})
    assert sorted(names.values()) == sorted(map(sorted, texts))


def payment(funder: str, wallet: str) -> Funding:
    return Funding(wallet=wallet, funder=funder, amount=Decimal(1), funded_at=T0, tx=funder + wallet, source_known=None)


def found(fundings: list[Funding], stated: list[tuple[str, str]], before: dict[str, str] | None = None) -> list[list[str]]:
    return sorted(discover(NO_TRADES, frame_of(fundings, Funding), stated, before or {}, DiscoveryPolicy()).clusters.values())


def test_what_an_operator_stated_wins_over_what_was_found() -> None:
    payments = [payment("f", "a"), payment("f", "b"), payment("g", "c"), payment("g", "d")]
    assert found(payments, []) == [["a", "b", "f"], ["c", "d", "g"]]
    assert found(payments, [("a", "c")]) == [["a", "b", "c", "d", "f", "g"]]
    assert found([], [("x", "y")]) == [["x", "y"]]


def test_nothing_seen_is_no_owner() -> None:
    assert found([], []) == []
    assert schema_of(Funding)["amount"] == frame_of([payment("f", "a")], Funding).schema["amount"]
