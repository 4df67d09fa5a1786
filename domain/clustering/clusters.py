"""Which wallets belong to one owner, from links that say so of two: stated ones, which win, and weighed ones, which have to add up."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import graspologic_native as leiden
import networkx as nx
import numpy as np
from scipy.sparse import coo_array

from domain.clustering.meetings import Floats, Ints, components
from domain.ids import row_id

SEED = 20_240_401


@dataclass(frozen=True, slots=True)
class CommunityPolicy:
    """Two parts of a community are linked by at least this weight a pair on average (the resolution of the constant Potts model)."""

    min_weight: float = 0.1
    iterations: int = 3


def joined(links: Iterable[tuple[str, str]], groups: Iterable[Collection[str]]) -> list[list[str]]:
    """Groups of two or more after the links: groups that a link connects are one. A link between strangers is a group."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(pair for pair in links if pair[0] != pair[1])
    whole = [sorted(group) for group in groups]
    for group in whole:
        if any(wallet in graph for wallet in group):
            nx.add_path(graph, group)
    untouched = [group for group in whole if len(group) > 1 and group[0] not in graph]
    return sorted(untouched + [sorted(group) for group in nx.connected_components(graph)])


def members_of(owners: Mapping[str, str]) -> dict[str, list[str]]:
    """Wallet → cluster id, the other way round."""
    members: dict[str, list[str]] = defaultdict(list)
    for wallet, cluster_id in sorted(owners.items()):
        members[cluster_id].append(wallet)
    return dict(members)


def communities(one: Ints, other: Ints, weight: Floats, size: int, policy: CommunityPolicy) -> Ints:
    """For each of `size` nodes the smallest node of its community. Leiden, with a fixed seed; every community is connected.

    Source: Traag, Waltman, van Eck, From Louvain to Leiden: guaranteeing well-connected communities, Scientific Reports 2019. Not by
    modularity, which joins small groups that one false link connects once the whole graph is large (its resolution limit).
    """
    if not one.size:
        return np.arange(size)
    ends = np.concatenate((one, other)), np.concatenate((other, one))
    graph = coo_array((np.concatenate((weight, weight)), ends), shape=(size, size)).tocsr()
    _, found = leiden.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        size,
        resolution=policy.min_weight,
        iterations=policy.iterations,
        use_modularity=False,
        seed=SEED,
    )
    label = np.fromiter((found.get(node, size + node) for node in range(size)), np.int64, size)
    inside = label[one] == label[other]
    return components(one[inside], other[inside], size)  # what the promise is worth: a community in two pieces would be two


def name_clusters(groups: Iterable[Collection[str]], before: Mapping[str, str]) -> dict[str, list[str]]:
    """Cluster id → its wallets. A group keeps the id that most of its known members had, if it holds most of those who had it.

    So that a cluster is the same one after a wallet joined or left it. A new id is a function of the members.
    """
    had = members_of(before)
    names: dict[str, list[str]] = {}
    for group in sorted(map(sorted, groups)):
        counts = Counter(before[wallet] for wallet in group if wallet in before)
        kept = max(counts, key=lambda cluster_id: (counts[cluster_id], cluster_id), default=None)
        keeps = kept is not None and 2 * counts[kept] > len(had[kept])
        names[kept if keeps and kept is not None else _new_id(group, had)] = group
    return names


def _new_id(group: Collection[str], taken: Collection[str]) -> str:
    """A cluster may still have the name these wallets once had alone: then they need another."""
    return next(name for count in range(len(taken) + 1) if (name := row_id("cluster", *group, *[count] * (count > 0))) not in taken)
