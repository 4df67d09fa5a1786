"""Who knows nothing, who loses, who knows, and how much: the share of each among all wallets, and the odds for each wallet.

An edge is a shift of the log-odds of winning. The wallets that know have edges spread log-normally; their share, middle and spread are
found by expectation maximization. That some know at all has to be paid for: unless it explains the data better by more than its three
numbers would by chance (the Bayesian information criterion), nobody does.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

Floats = npt.NDArray[np.float64]

LOSING = -np.geomspace(0.05, 1.5, 8)[::-1]
KNOWING = np.geomspace(0.05, 2.5, 30)
EDGES: Floats = np.concatenate([LOSING, [0.0], KNOWING])
NOTHING = LOSING.size  # the place of edge zero in EDGES; what comes after it is skill
ROUNDS = 300
# What is believed of edges before looking, and as how many wallets it counts: 0.50 becomes 0.62, give or take a factor of e^0.35.
# Without it edges too small to be told from none creep in, and with them a third more wallets that know.
MIDDLE, SPREAD, BELIEVED = np.log(0.5), 0.35, 15.0
NARROWEST = 0.2
CERTAIN = 1e6  # nats
RAREST = 1e-30  # no edge is rarer: a share of exactly nothing could never come back
KNOW_NOTHING = 10.0  # as many wallets that know nothing are added to those seen: without evidence nobody is skilled


@dataclass(frozen=True)
class Mixture:
    """`shares`: of all wallets, by edge in EDGES. `odds`: one row per wallet, the probability of each edge."""

    shares: Floats
    odds: Floats

    @property
    def prevalence(self) -> float:
        return float(self.shares[NOTHING + 1 :].sum())

    @property
    def luck(self) -> Floats:
        """Per wallet: the probability that it knows nothing."""
        return np.asarray(self.odds[:, : NOTHING + 1].sum(axis=1))


def fit_mixture(evidence: Floats, most: float = np.inf) -> Mixture:
    """`evidence`: one row per wallet, the log-likelihood ratio of each edge in EDGES to none. Raises ValueError where it is no number.

    `most`: nats that all results together can say, however many wallets bet on the same few.
    """
    if not np.isfinite(evidence).all():
        raise ValueError(f"the evidence of {(~np.isfinite(evidence)).any(axis=1).sum()} wallets is not a finite number")
    # Only differences within a row count, and none counts for more than certainty: two that are both numbers may have one that is none.
    with np.errstate(over="ignore"):
        evidence = np.maximum(evidence - evidence.max(axis=1, keepdims=True), -CERTAIN)
    nobody = np.zeros(EDGES.size)
    nobody[: NOTHING + 1] = _shares(evidence[:, : NOTHING + 1], start=0.0)
    somebody = _shares(evidence, start=0.03)
    gain = float((_explained(evidence, somebody) - _explained(evidence, nobody)).sum())
    shares = somebody if min(gain, most) > 1.5 * np.log(max(len(evidence), 2)) else nobody
    return Mixture(shares, np.exp(_weighed(evidence, shares) - _explained(evidence, shares)[:, None]))


def _weighed(evidence: Floats, shares: Floats) -> Floats:
    """The log of share times likelihood. What nobody has stays impossible, whatever the evidence."""
    with np.errstate(divide="ignore"):
        return np.asarray(evidence + np.log(shares))


def _explained(evidence: Floats, shares: Floats) -> Floats:
    """Per wallet: the log-likelihood of its bets. In logs: a wallet may be so sure that its likelihood is no number of its own."""
    return np.asarray(logsumexp(_weighed(evidence, shares), axis=1))


def _shares(evidence: Floats, start: float) -> Floats:
    """The shares of the edges in the columns of `evidence` that explain the wallets best, beginning from `start` who know.

    From none, none ever will, and the columns of who knows are not given. Each row is divided by its own largest likelihood among these
    columns, so one of them is 1, and no share is below RAREST: no row ever adds up to nothing, however sure it is.
    """
    likelihoods = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    log_edges = np.log(KNOWING)
    know, lose, middle, spread = start, 0.02, MIDDLE, SPREAD
    losing = np.full(LOSING.size, 1 / LOSING.size)
    wallets, edges = likelihoods.shape
    shares, counts = np.zeros(edges), np.zeros(EDGES.size)
    for _ in range(ROUNDS):
        bell = np.exp(-(((log_edges - middle) / spread) ** 2) / 2)
        shares = np.maximum(np.concatenate([lose * losing, [1 - know - lose], know * bell / bell.sum()])[:edges], RAREST)
        # Sums over the wallets of their odds for each edge, without a table of those odds.
        counts[:edges] = shares * (likelihoods.T @ (1 / (likelihoods @ shares)))
        below, above = counts[:NOTHING], counts[NOTHING + 1 :]
        know, lose = (float(part.sum()) / (wallets + KNOW_NOTHING) for part in (above, below))
        losing = below / max(float(below.sum()), 1e-12)
        middle = (above @ log_edges + BELIEVED * MIDDLE) / (above.sum() + BELIEVED)
        spread = max(NARROWEST, float(np.sqrt((above @ (log_edges - middle) ** 2 + BELIEVED * SPREAD**2) / (above.sum() + BELIEVED))))
    return shares
