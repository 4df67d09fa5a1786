"""What a person finds under a run that looked for owners: the clusters with what stands behind each, and a picture of the largest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from domain.owner_discovery import Discovery
from tasks.steps import step

MOST_CLUSTERS = 100
DRAWN_CLUSTERS = 8
MOST_EDGES = 120  # a picture somebody can read


@step
def report_owners(found: Discovery, clusters: Mapping[str, list[str]]) -> None:
    """A table of the clusters and a graph of the largest ones, which the Prefect UI draws."""
    rows = evidence_of(found, clusters)
    wallets = sum(map(len, clusters.values()))
    described = f"{len(clusters)} owners with {wallets} wallets, {found.co_traded.height} pairs that trade together"
    create_table_artifact(rows[:MOST_CLUSTERS], key="owners", description=described)
    create_markdown_artifact(picture(found, clusters), key="owner-graph", description="The largest clusters and what links them")


def evidence_of(found: Discovery, clusters: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """One row per cluster, the largest first. A cluster without edges was stated by an operator."""
    return [_evidence(cluster_id, wallets, found) for cluster_id, wallets in _by_size(clusters)]


def picture(found: Discovery, clusters: Mapping[str, list[str]]) -> str:
    """Markdown with a mermaid graph: a solid line trades together, an arrow paid."""
    drawn = dict(_by_size(clusters)[:DRAWN_CLUSTERS])
    if not drawn:
        return "No two wallets are known to have one owner."
    edges = [line for cluster_id, wallets in drawn.items() for line in _edges(wallets, found)]
    boxes = [line for cluster_id, wallets in drawn.items() for line in _box(cluster_id, wallets)]
    return "\n".join(
        ["```mermaid", "graph LR", *boxes, *edges[:MOST_EDGES], "```", "", "A line: they trade together. An arrow: one paid the other."]
    )


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


def _edges(wallets: Collection[str], found: Discovery) -> Iterator[str]:
    together, paid = _inside(wallets, found)
    for one, other in together.select("one", "other").iter_rows():
        yield f"  {_node(one)} --- {_node(other)}"
    for wallet, funder in paid.select("wallet", "funder").iter_rows():
        yield f'  {_node(funder)}["{short(funder)}"] --> {_node(wallet)}'


def _box(cluster_id: str, wallets: Sequence[str]) -> Iterator[str]:
    yield f'  subgraph c{cluster_id[:8]}["{len(wallets)} wallets"]'
    yield from (f'    {_node(wallet)}["{short(wallet)}"]' for wallet in wallets[:40])
    yield "  end"


def _by_size(clusters: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    return sorted(clusters.items(), key=lambda item: (-len(item[1]), item[0]))


def short(wallet: str) -> str:
    """Enough of an address to recognize it. Only letters and digits: a display name is a stranger's text."""
    plain = "".join(letter for letter in wallet if letter.isalnum())
    return plain if len(plain) <= 12 else f"{plain[:6]}…{plain[-4:]}"


def _node(wallet: str) -> str:
    return "w" + wallet.encode().hex()[:80]
