"""How others say that wallets belong together: tokens in common, or buys within five minutes, without asking what chance would do."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, triu
from scipy.stats import hypergeom

from domain.clustering.cotrading import threshold
from domain.clustering.meetings import acts, components, meetings, near
from evaluation.worlds.groups import GroupWorld, Ints

SYNCED_WITHIN_S = 300.0
SYNCED_TWICE = 2
JACCARD = 0.2
FALSE_EDGES = 0.01


def synced(world: GroupWorld) -> Ints:
    """SYNCED_BUY of an earlier wallet tracker: two buys within 300 s make an edge, whoever is connected is one owner."""
    trades = acts(world.wallet, world.token, world.at_s, wallets=world.wallets)
    crowd = trades.wallet.size
    met = meetings(trades, near(trades, SYNCED_WITHIN_S, crowd), np.arange(world.wallets), SYNCED_WITHIN_S, crowd)
    pair, count = np.unique(met.pair, return_counts=True)
    one, other = np.divmod(pair[count >= SYNCED_TWICE], world.wallets)
    return components(one, other, world.wallets)


def co_occurring(world: GroupWorld) -> Ints:
    """CO_OCCURS of the same tracker: at least two tokens in common and a Jaccard index of 0.2."""
    return _linked(world, lambda both, one, other: (both >= SYNCED_TWICE) & (both / (one + other - both) >= JACCARD))


def hypergeometric(world: GroupWorld) -> Ints:
    """Statistically validated network: tokens in common against the hypergeometric null, Benjamini and Hochberg at 1 %, without times."""

    def validated(both: Ints, one: Ints, other: Ints) -> NDArray[np.bool_]:
        cases, case = np.unique(np.stack((both, one, other)), axis=1, return_inverse=True)  # far fewer than pairs
        p_value = hypergeom.sf(cases[0] - 1, int(world.token.max()) + 1, cases[1], cases[2])[case.ravel()]
        return np.asarray(p_value <= threshold(p_value, world.wallets * (world.wallets - 1) // 2, FALSE_EDGES))

    return _linked(world, validated)


def _linked(world: GroupWorld, holds: Callable[[Ints, Ints, Ints], NDArray[np.bool_]]) -> Ints:
    bought = np.unique(np.stack((world.wallet, world.token)), axis=1)
    table = csr_array(coo_array((np.ones(bought.shape[1], np.int64), (bought[0], bought[1])), shape=(world.wallets, bought[1].max() + 1)))
    common = coo_array(triu(table @ table.T, k=1))
    degree = np.asarray(table.sum(axis=1)).ravel()
    one, other = common.coords
    kept = holds(common.data, degree[one], degree[other])
    return components(one[kept].astype(np.int64), other[kept].astype(np.int64), world.wallets)
