"""Links between wallets come in, and the clusters follow from all of them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from adapters.connect import open_graph
from adapters.settings import Settings
from domain.owners import clusters
from tasks.steps import step


@step
def link_wallets(wallets: Sequence[str], why: str, settings: Settings, as_of: datetime) -> dict[str, list[str]]:
    """All clusters after these wallets were stated to have one owner."""
    graph = open_graph(settings)
    graph.link(pairwise(wallets), why)
    found = clusters(graph.links())
    graph.put_clusters(found, as_of.isoformat())
    return found
