"""The tab Clusters: who belongs to whom, a graph one can move, and the evidence of each of its lines."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path

from data_contracts.errors import WalletflowError
from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Choice, Filter
from notebooks.pages.html import Column
from notebooks.pages.view import View
from notebooks.queries import clusters
from notebooks.queries.house import House

GRAPH = Path(__file__).with_name("graph.html")
KINDS = {"co_traded": "They trade together", "payment": "A purse paid", "payments": "A purse paid", "stated": "Stated"}
MOST, MOST_EDGES = 100, 200


def filters(house: House, given: Mapping[str, str]) -> dict[str, Filter]:
    """The largest are to be chosen from; the address may name any."""
    try:
        rows = clusters.clusters(house).head(MOST).to_dicts()
    except WalletflowError:
        return {}
    names = {f"{row['wallets']} wallets · {words.short(row['cluster'])}": row["cluster"] for row in rows}
    if given.get("cluster") and given["cluster"] not in names.values():
        names = {words.short(given["cluster"]): given["cluster"]} | names
    first = next((name for name, one in names.items() if one == given.get("cluster")), next(iter(names), None))
    return {"cluster": Choice("Owner", names, first)} if names else {}


def show(house: House, view: View, asked: Asked) -> str:
    """The chosen owner, then all of them."""
    rows = clusters.clusters(house)
    if not rows.height:
        said = "No owner is known yet: the flow <code>wallet-clustering</code> looks for wallets that trade together or were paid by one purse. Run it in the Prefect UI."
        return html.section("Clusters", html.quiet(said))
    chosen = asked.text("cluster") or str(rows["cluster"][0])
    return _one(clusters.cluster(house, chosen), view) + _all(rows.head(MOST).to_dicts(), rows.height, view)


def _one(one: clusters.Cluster, view: View) -> str:
    if not one.wallets:
        return html.section("Owner", html.quiet(f"There is no owner {html.text(one.cluster_id)} any more: choose one below."))
    columns = [
        Column("Wallet", lambda row: view.wallet(row["one"])),
        Column("Joined to", lambda row: view.wallet(row["other"])),
        Column("How", lambda row: KINDS[row["kind"]]),
        Column("Evidence", lambda row: html.text(row["says"]), "wide"),
    ]
    edges = one.edges.head(MOST_EDGES).to_dicts()
    evidence = (
        html.table(edges, columns)
        if edges
        else html.quiet("No line joins them now: they were put together when there was one, or by an operator.")
    )
    legend = "A dot is a wallet, a square a purse. A line: they trade together; dashed: a purse paid; thick: an operator said so."
    return html.section(f"Owner {words.short(one.cluster_id)}: {len(one.wallets)} wallets", picture(one), note=legend) + html.section(
        "Evidence", evidence
    )


def _all(rows: list[dict[str, object]], count: int, view: View) -> str:
    columns = [
        Column("Owner", lambda row: view.owner(row["cluster"])),
        Column("Wallets", lambda row: words.count(row["wallets"]), "number"),
        Column(
            "Followed", lambda row: words.count(row["followed"]), "number", "Of its wallets, those we follow: they have one vote together"
        ),
        Column("Open behind it", lambda row: words.usd(row["open_usd"] or 0), "number", "At cost, in USD"),
    ]
    return html.section(f"All owners: {count:,}", html.table(rows, columns))


def picture(one: clusters.Cluster) -> str:
    """The graph, in a frame of its own that can reach nothing."""
    known = set(one.wallets)
    nodes = [{"id": name, "label": words.short(name), "is_purse": name not in known} for name in one.nodes]
    names = {node["id"] for node in nodes}
    edges = [
        {
            "one": row["one"],
            "other": row["other"],
            "kind": row["kind"].removesuffix("s"),
            "says": f"{words.short(row['one'])} – {words.short(row['other'])}: {row['says']}",
        }
        for row in one.edges.head(MOST_EDGES).to_dicts()
        if row["one"] in names and row["other"] in names
    ]
    data = json.dumps({"nodes": nodes, "edges": edges}).replace("<", "\\u003c")
    document = GRAPH.read_text().replace("DATA", data)
    return f"<iframe class='wf-graph' sandbox='allow-scripts' title='Who belongs to whom' srcdoc='{escape(document, quote=True)}'></iframe>"
