"""What a person finds under a run that looked for owners: the clusters with what stands behind each, and a picture of the largest."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import networkx as nx
import polars as pl

from domain.clustering.wallet_clustering import Discovery
from tasks.clock import name_run
from tasks.operating.artifacts import show_table
from tasks.operating.charts import BAR, INK, OURS, line, show_chart
from tasks.steps import step

MOST_CLUSTERS = 100
DRAWN_CLUSTERS = 9
MOST_EDGES, MOST_DRAWN = 120, 40  # a picture somebody can read
SIZE, EDGE, HEAD = 300, 45, 20


@step
def report_owners(found: Discovery, clusters: Mapping[str, list[str]]) -> None:
    """A table of the clusters and a picture of the largest ones."""
    rows = evidence_of(found, clusters)
    wallets = sum(map(len, clusters.values()))
    described = f"{len(clusters)} owners with {wallets} wallets, {found.co_traded.height} pairs that trade together"
    show_table(rows[:MOST_CLUSTERS], "owners", described, "Clusters")
    name_run(f"clusters · {len(clusters)} owners of {wallets} wallets")
    if clusters:
        said = "The largest owners. A line: they trade together. Dashed: a purse paid"
        show_chart("owner-graph", said, "Clusters", *pictures(found, clusters))


def evidence_of(found: Discovery, clusters: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """One row per cluster, the largest first. A cluster without edges was stated by an operator."""
    return [_evidence(cluster_id, wallets, found) for cluster_id, wallets in _by_size(clusters)]


def pictures(found: Discovery, clusters: Mapping[str, list[str]]) -> list[str]:
    """One SVG for each of the largest clusters."""
    return [_picture(wallets, found) for _, wallets in _by_size(clusters)[:DRAWN_CLUSTERS]]


def _evidence(cluster_id: str, wallets: Sequence[str], found: Discovery) -> dict[str, Any]:
    together, paid = _inside(wallets, found)
    return {
        "cluster": cluster_id,
        "wallets": len(wallets),
        "members": ", ".join(map(short, wallets[:6])) + (" …" if len(wallets) > 6 else ""),
        "pairs that trade together": together.height,
        "least p-value": together["p_value"].min() if together.height else None,
        "most tokens in common": together["tokens"].max() if together.height else None,
        "purses": paid["funder"].n_unique(),
    }


def _inside(wallets: Collection[str], found: Discovery) -> tuple[pl.DataFrame, pl.DataFrame]:
    members = list(wallets)
    return (
        found.co_traded.filter(pl.col("one").is_in(members) & pl.col("other").is_in(members)),
        found.funded_by.filter(pl.col("wallet").is_in(members)),
    )


def _picture(wallets: Sequence[str], found: Discovery) -> str:
    """Wallets as dots, purses as squares. A line: they trade together. A dashed one: the purse paid."""
    together, paid = _inside(wallets, found)
    traded = list(together.select("one", "other").iter_rows())[:MOST_EDGES]
    payments = list(paid.select("funder", "wallet").iter_rows())[:MOST_EDGES]
    graph = nx.Graph([*traded, *payments])
    graph.add_nodes_from(wallets[:MOST_DRAWN])
    place = {node: (_at(x), _at(y) + HEAD) for node, (x, y) in nx.spring_layout(graph, seed=1).items()}
    lines = [line(place[one], place[other]) for one, other in traded]
    lines += [line(place[funder], place[wallet], 'stroke-dasharray="4"') for funder, wallet in payments]
    purses = {funder for funder, _ in payments}
    nodes = [_node(node, *at, is_purse=node in purses) for node, at in place.items()]
    title = f'<text x="{EDGE}" y="16">{len(wallets)} wallets</text>'
    return f'<svg width="{SIZE}" height="{SIZE + HEAD}" font-size="11" fill="{INK}">{title}{"".join(lines + nodes)}</svg>'


def _at(share: float) -> float:
    """From -1 … 1 to the picture."""
    return EDGE + (share + 1) / 2 * (SIZE - 2 * EDGE)


def _node(wallet: str, x: float, y: float, is_purse: bool) -> str:
    square = f'<rect x="{x - 5:.0f}" y="{y - 5:.0f}" width="10" height="10" fill="{BAR}"/>'
    mark = square if is_purse else f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="{OURS}"/>'
    return f'{mark}<text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle">{short(wallet)}</text>'


def _by_size(clusters: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    return sorted(clusters.items(), key=lambda item: (-len(item[1]), item[0]))


def short(wallet: str) -> str:
    """Enough of an address to recognize it. Only letters and digits: a display name is a stranger's text."""
    plain = "".join(letter for letter in wallet if letter.isalnum())
    return plain if len(plain) <= 12 else f"{plain[:6]}…{plain[-4:]}"
