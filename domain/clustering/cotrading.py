"""Which wallets trade together more often, and closer in time, than their activity explains? What they trade stays out.

A pair's p-value is the tail of the Poisson distribution around the meetings that chance explains (`meetings`), in the most
surprising window, times the number of windows. Benjamini and Hochberg's step-up over **all** pairs of wallets, met or not, keeps the
share of false edges below `false_edges`. Source: Tumminello et al., Statistically validated networks in bipartite complex systems,
PLoS ONE 2011.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, poisson

from domain.clustering.meetings import Acts, Floats, Ints, Meetings, axis, components, expected, meetings, near


@dataclass(frozen=True, slots=True)
class CoTradingPolicy:
    """When two wallets are said to trade together. A moment with more than `crowd` others beside it says nothing."""

    windows_s: tuple[float, ...] = (5.0, 15.0, 60.0)
    false_edges: float = 0.01
    false_timing: float = 0.05
    min_tokens: int = 3
    crowd: int = 64
    suspect_p: float = 1e-4
    rounds: int = 4


@dataclass(frozen=True, slots=True)
class CoTrades:
    """Edges as columns: two wallets (one < other), tokens in which they met, how many chance explains, in which window, how surprising."""

    one: Ints
    other: Ints
    tokens: Ints
    expected: Floats
    window_s: Floats
    p_value: Floats


def co_trades(trades: Acts, policy: CoTradingPolicy) -> CoTrades:
    """The pairs of wallets that trade together, the most surprising first.

    In rounds: what looks like a group leaves the null, or ten who act together would hide each other's surprise. Where nobody acts
    together, next to nothing looks like it (`suspect_p`), and the null stays what it is; whoever is suspect still has to pass the test.
    """
    alone = np.arange(trades.wallets)
    rows = near(trades, max(policy.windows_s), policy.crowd)
    met = {window_s: meetings(trades, rows, alone, window_s, policy.crowd) for window_s in policy.windows_s}
    active = np.unique(trades.wallet).size
    group = alone
    for _ in range(policy.rounds):
        tested = best([_tested(one, group, window_s, policy) for window_s, one in met.items()])
        suspect = tested.p_value <= policy.suspect_p
        before, group = group, components(tested.one[suspect], tested.other[suspect], trades.wallets)
        if np.array_equal(before, group):
            break
    return _close_in_time(accepted(tested, active * (active - 1) // 2, policy.false_edges), trades, policy.false_timing)


def joiners(trades: Acts, group: Ints, policy: CoTradingPolicy) -> CoTrades:
    """Lone wallets that trade together with a whole group, if with no single member often enough.

    Wallets of one group carry the same number, that of one of them. Few groups make few questions, so that less evidence answers one.
    An edge ends at the member that the lone wallet met most often; its figures are those of the meetings with the group.
    """
    size = np.bincount(group, minlength=trades.wallets)
    if size.max(initial=0) < 2:
        return _none()
    rows = near(trades, max(policy.windows_s), policy.crowd)
    groups, loners = int((size > 1).sum()), np.unique(trades.wallet[size[group[trades.wallet]] == 1]).size
    alone = np.arange(trades.wallets)
    windows = []
    for window_s in policy.windows_s:
        tested = _tested(meetings(trades, rows, group, window_s, policy.crowd), alone, window_s, policy)
        windows.append(_rows(tested, np.flatnonzero((size[tested.one] == 1) != (size[tested.other] == 1))))
    found = accepted(best(windows), groups * loners, policy.false_edges)
    lone, host = np.where(size[found.one] == 1, found.one, found.other), np.where(size[found.one] == 1, found.other, found.one)
    _, only = np.unique(lone, return_index=True)  # who fits two groups joins the more surprising one
    only = np.sort(only)
    one, other = meetings(trades, rows, alone, max(policy.windows_s), policy.crowd).sides
    member = np.array([_most_met(one, other, wallet, group == home) for wallet, home in zip(lone[only], host[only], strict=True)], np.int64)
    return replace(_rows(found, only), one=np.minimum(lone[only], member), other=np.maximum(lone[only], member))


def threshold(p_values: Floats, tested: int, false_share: float) -> float:
    """The largest p-value that Benjamini and Hochberg accept of `tested` hypotheses; those not given have p = 1. -1 accepts none."""
    ordered = np.sort(p_values)
    below = np.flatnonzero(ordered <= false_share * np.arange(1, ordered.size + 1) / max(tested, 1))
    return float(ordered[below[-1]]) if below.size else -1.0


def accepted(tested: CoTrades, hypotheses: int, false_share: float) -> CoTrades:
    """The edges that the step-up keeps, the most surprising first."""
    kept = np.flatnonzero(tested.p_value <= threshold(tested.p_value, hypotheses, false_share))
    return _rows(tested, kept[np.argsort(tested.p_value[kept], kind="stable")])


def best(windows: Sequence[CoTrades]) -> CoTrades:
    """Each pair in the window in which it is most surprising; having tried several costs their number."""
    every = CoTrades(*(np.concatenate([getattr(one, field.name) for one in windows]) for field in fields(CoTrades)))
    every = _rows(every, np.lexsort((every.window_s, every.p_value, every.other, every.one)))
    first = np.ones(every.one.size, bool)
    first[1:] = (np.diff(every.one) != 0) | (np.diff(every.other) != 0)
    chosen = _rows(every, np.flatnonzero(first))
    return replace(chosen, p_value=np.minimum(1.0, chosen.p_value * len(windows)))


def _most_met(one: Ints, other: Ints, wallet: int, members: NDArray[np.bool_]) -> int:
    met = np.concatenate((other[one == wallet], one[other == wallet]))
    return int(np.bincount(met[members[met]], minlength=1).argmax())


def _none() -> CoTrades:
    nothing: Ints = np.empty(0, np.int64)
    return CoTrades(nothing, nothing, nothing, np.empty(0), np.empty(0), np.empty(0))


def _rows(edges: CoTrades, rows: Ints) -> CoTrades:
    return CoTrades(*(getattr(edges, field.name)[rows] for field in fields(CoTrades)))


def _tested(met: Meetings, group: Ints, window_s: float, policy: CoTradingPolicy) -> CoTrades:
    """Pairs that met in enough tokens, in one window."""
    pair, tokens = met.often(policy.min_tokens)
    chance = expected(met, pair, group)
    one, other = np.divmod(pair, met.wallets)
    return CoTrades(one, other, tokens, chance, np.full(pair.size, window_s), poisson.sf(tokens - 1, chance))


def _close_in_time(edges: CoTrades, trades: Acts, false_share: float) -> CoTrades:
    """Those closer in time than two wallets are who trade the same tokens, each in its own time: two fans of one topic share tokens.

    In each shared token, the share of its other trades that are no farther away than the partner's is uniform by chance; Fisher's sum
    of their logarithms makes one p-value of them.
    """
    line = axis(trades)
    order = np.lexsort((line, trades.wallet))
    token, line_of = trades.token[order], line[order]
    begins = np.searchsorted(trades.wallet[order], np.arange(trades.wallets + 1))
    size = np.bincount(trades.token)
    p_value = np.ones(edges.one.size)
    for row, (one, other) in enumerate(zip(edges.one, edges.other, strict=True)):
        first, second = slice(begins[one], begins[one + 1]), slice(begins[other], begins[other + 1])
        shared, ours, theirs = np.intersect1d(token[first], token[second], return_indices=True)
        here, there = line_of[first][ours], line_of[second][theirs]
        nearer = (_within(line, here, np.abs(here - there)) + _within(line, there, np.abs(here - there))) / 2
        share = np.clip(nearer / np.maximum(size[shared] - 1, 1), 1e-12, 1)
        p_value[row] = chi2.sf(-2 * np.log(share).sum(), 2 * shared.size)
    return _rows(edges, np.flatnonzero(p_value <= threshold(p_value, p_value.size, false_share)))


def _within(line: Floats, at: Floats, gap: Floats) -> Floats:
    """How many others are no farther than the gap. The partner is the last of them: half of its own place counts."""
    within = np.searchsorted(line, at + gap, side="right") - np.searchsorted(line, at - gap, side="left")
    return np.asarray(within - 1.5, np.float64)
