"""Meetings: how often two wallets trade the same token within some seconds of each other, and how often chance alone would make them.

The null is degree-corrected: a wallet meets others as often as it does, but whom it meets is chance. In a stratum of moments (a topic, and
how old the token is), one wallet takes part in `m` of the `e` meetings and another in `n`, so that chance lets them meet `m n / 2e` times.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST_AGES = 64


@dataclass(frozen=True, slots=True)
class Acts:
    """Trades as columns, sorted by token and time; one row per wallet, token and burst. `stratum`: moments of one kind."""

    wallet: Ints
    token: Ints
    at_s: Floats
    stratum: Ints
    wallets: int


@dataclass(frozen=True, slots=True)
class Near:
    """Rows of `Acts`, earlier and later: different wallets in one token, not far apart."""

    earlier: Ints
    later: Ints


@dataclass(frozen=True, slots=True)
class Meetings:
    """Each pair and token once, by pair. `pair` is one number for two: the smaller times `wallets`, plus the greater."""

    pair: Ints
    stratum: Ints
    wallets: int

    def often(self, tokens: int) -> tuple[Ints, Ints]:
        """The pairs that met in at least so many tokens, and in how many."""
        begins = np.flatnonzero(np.append(True, np.diff(self.pair) != 0)) if self.pair.size else self.pair
        counts = np.diff(np.append(begins, self.pair.size))
        return self.pair[begins][counts >= tokens], counts[counts >= tokens]

    @property
    def sides(self) -> tuple[Ints, Ints]:
        return np.divmod(self.pair, self.wallets)


def acts(wallet: Ints, token: Ints, at_s: Floats, topic: Ints | None = None, wallets: int = 0, burst_s: float = 60.0) -> Acts:
    """Trades that follow the same wallet's last one in the token within `burst_s` are one act with it."""
    order = np.lexsort((at_s, wallet, token))
    new = np.ones(order.size, bool)
    same = (np.diff(token[order]) == 0) & (np.diff(wallet[order]) == 0)
    new[1:] = ~(same & (np.diff(at_s[order]) <= burst_s))
    first = order[new]
    first = first[np.lexsort((wallet[first], at_s[first], token[first]))]
    topics = np.zeros(first.size, np.int64) if topic is None else topic[first]
    age = _age(token[first], at_s[first])
    return Acts(wallet[first], token[first], at_s[first], topics * MOST_AGES + age, max(wallets, int(wallet.max(initial=-1)) + 1))


def _age(token: Ints, at_s: Floats) -> Ints:
    """Doublings of the seconds since the token's first trade: whoever buys in the first seconds meets whoever else always does."""
    begins = at_s[np.searchsorted(token, token, side="left")]
    return np.minimum(np.floor(np.log2(1 + at_s - begins) / 2), 3).astype(np.int64)


def near(trades: Acts, window_s: float, crowd: int) -> Near:
    """All rows within the window and at most `crowd` rows apart."""
    earlier, later = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    row = np.arange(trades.wallet.size)
    for lag in range(1, crowd + 1):
        row = row[row + lag < trades.wallet.size]
        row = row[(trades.token[row] == trades.token[row + lag]) & (trades.at_s[row + lag] - trades.at_s[row] <= window_s)]
        if not row.size:
            break
        strangers = row[trades.wallet[row] != trades.wallet[row + lag]]
        earlier.append(strangers)
        later.append(strangers + lag)
    return Near(np.concatenate(earlier), np.concatenate(later))


def meetings(trades: Acts, rows: Near, group: Ints, window_s: float, crowd: int) -> Meetings:
    """Meetings of the groups (a wallet alone is one). A moment with more than `crowd` others beside it says nothing and costs the most."""
    quiet = _company(trades, window_s) <= crowd
    one, other = group[trades.wallet[rows.earlier]], group[trades.wallet[rows.later]]
    meet = (trades.at_s[rows.later] - trades.at_s[rows.earlier] <= window_s) & quiet[rows.earlier] & quiet[rows.later] & (one != other)
    pair = (np.minimum(one, other) * trades.wallets + np.maximum(one, other))[meet]
    token, stratum = trades.token[rows.earlier][meet], trades.stratum[rows.earlier][meet]
    key = pair * (int(trades.token.max(initial=0)) + 1) + token
    order = np.argsort(key, kind="stable")  # so that a pair's first meeting in a token gives the stratum
    first = np.ones(order.size, bool)
    first[1:] = np.diff(key[order]) != 0
    return Meetings(pair[order][first], stratum[order][first], trades.wallets)


def expected(met: Meetings, pairs: Ints, group: Ints) -> Floats:
    """Meetings that chance explains, for each of these sorted pairs. What happens within a `group` is no chance and left out.

    So is what the two had with each other: it says nothing about how often they meet others. Each wallet gets one meeting on top, at usual
    moments: of a wallet that met nobody else yet, we know little, not that it never meets anybody.
    """
    one, other = met.sides
    first, second = np.divmod(pairs, met.wallets)
    place = np.minimum(np.searchsorted(pairs, met.pair), max(pairs.size - 1, 0))
    asked = pairs[place] == met.pair if pairs.size else np.zeros(met.pair.size, bool)
    total = np.zeros(pairs.size)
    order = np.argsort(met.stratum, kind="stable")
    order = order[group[one[order]] != group[other[order]]]
    for own in np.split(order, np.flatnonzero(np.diff(met.stratum[order])) + 1):
        degree = np.bincount(one[own], minlength=met.wallets) + np.bincount(other[own], minlength=met.wallets)
        between = np.bincount(place[own[asked[own]]], minlength=pairs.size)
        usual = own.size / max(order.size, 1)
        total += (degree[first] - between + usual) * (degree[second] - between + usual) / np.maximum(degree.sum() - 2 * between, 1)
    return total


def components(one: Ints, other: Ints, size: int) -> Ints:
    """For each of `size` nodes the smallest node it is connected with."""
    links = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(size, size))
    label = connected_components(links, directed=False)[1]
    smallest = np.full(size, size)
    np.minimum.at(smallest, label, np.arange(size))
    return np.asarray(smallest[label], np.int64)


def axis(trades: Acts) -> Floats:
    """All tokens on one axis, one well after the other, so that one search serves them all."""
    begins = float(trades.at_s.min(initial=np.inf)) if trades.at_s.size else 0.0
    span = 3 * float(np.ptp(trades.at_s)) + 1_000 if trades.at_s.size else 1.0
    return trades.token * span + (trades.at_s - begins)


def _company(trades: Acts, window_s: float) -> Ints:
    """How many other rows of the same token lie within the window after, or before, whichever are more. The same moment is both."""
    line = axis(trades)
    after: Ints = np.searchsorted(line, line + window_s, side="right") - np.searchsorted(line, line, side="left") - 1
    before: Ints = np.searchsorted(line, line, side="right") - np.searchsorted(line, line - window_s, side="left") - 1
    return np.maximum(before, after)
