"""Who belongs to whom: the owners we know of, and what joins the wallets of one."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from data_contracts import Position
from notebooks.queries.house import House

MOST_WALLETS = 60  # of a picture somebody can read


@dataclass(frozen=True, slots=True)
class Cluster:
    """An owner's wallets, and `edges`: rows of `one`, `other`, `kind` (co_traded, payment, stated) and `says`, the evidence in words."""

    cluster_id: str
    wallets: list[str]
    edges: pl.DataFrame

    @property
    def nodes(self) -> list[str]:
        """Its wallets, then the purses that paid them."""
        ends = [*self.edges["one"].to_list(), *self.edges["other"].to_list()]
        return list(dict.fromkeys([*self.wallets[:MOST_WALLETS], *ends]))


def clusters(house: House) -> pl.DataFrame:
    """A row per owner, the largest first: how many `wallets`, how many of them are `followed`, and what is `open_usd` behind them."""
    owners = house.clusters
    members = pl.DataFrame({"wallet": list(owners), "cluster": list(owners.values())}, schema={"wallet": pl.String, "cluster": pl.String})
    followed = pl.col("wallet").is_in(house.followed["wallet"].to_list()).alias("followed")
    held = house.priced(house.results.read(Position, only=["strategy_id", "leader", "cost"], closed_at=None), ["cost"])
    behind = held.group_by(pl.col("leader").alias("wallet")).agg(pl.col("cost_usd").sum().alias("open_usd"))
    whole = members.join(behind, on="wallet", how="left").with_columns(followed)
    return (
        whole.group_by("cluster")
        .agg(pl.len().alias("wallets"), pl.col("followed").sum(), pl.col("open_usd").sum())
        .sort("wallets", "cluster", descending=[True, False])
    )


def cluster(house: House, cluster_id: str) -> Cluster:
    """One of them, with its evidence."""
    wallets = sorted(wallet for wallet, owner in house.clusters.items() if owner == cluster_id)
    found = house.graph.edges(wallets[:MOST_WALLETS])
    rows = [(*_ends(edge), kind, says(edge)) for kind, says in SAYS.items() for edge in found[kind]]
    schema = {"one": pl.String, "other": pl.String, "kind": pl.String, "says": pl.String}
    return Cluster(cluster_id, wallets, pl.DataFrame(rows, schema=schema, orient="row"))


def _ends(edge: dict[str, Any]) -> tuple[str, str]:
    return str(edge["one"]), str(edge["other"])


def _co_traded(edge: dict[str, Any]) -> str:
    chance = f", by chance {edge['expected']:.2f}" if edge["expected"] is not None else ""
    likely = f"; p = {edge['p_value']:.1e}" if edge["p_value"] is not None else ""
    return f"traded {edge['tokens']} tokens within {edge['window_s']:.0f} s of each other{chance}{likely}"


def _paid(edge: dict[str, Any]) -> str:
    amount = f" {edge['amount']}" if edge["amount"] is not None else ""
    when = f" on {str(edge['funded_at'])[:19]}" if edge["funded_at"] else ""
    return f"was paid{amount} by it{when} ({edge['tx']})"


def _stated(edge: dict[str, Any]) -> str:
    return f"an operator said so: {edge['why'] or 'no reason given'}"


SAYS = {"co_traded": _co_traded, "payments": _paid, "stated": _stated}
