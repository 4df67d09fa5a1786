"""What ranks are compared with: log-returns against the mean of the others in the same minutes, capped, because their tails are heavy."""

from dataclasses import replace

import numpy as np

from domain.profiling.peers import Purchases, cohorts, peer_bets, peer_null, peers_of
from domain.profiling.skill import Expected, Floats, Skill, skill_of

CAP = np.log(4.0)  # either way: more counts as this


def skill_by_capped_returns(bought: Purchases) -> Skill:
    """The same machinery on other payoffs: 0 for a quarter or less of what the others got, 1 for four times as much or more."""
    peers = peers_of(bought)
    capped = replace(peers, rank=np.where(peers.count > 0, _against_the_mean(bought), 0.5))
    learned = peer_null(bought, capped)

    def null(innocence: Floats) -> Expected:
        expected = learned(innocence)
        left = capped.rank - 0.5 - (expected.payoff - 0.5) / np.maximum(peers.reliability, 1e-9)
        spread = float(np.mean(left[peers.count > 0] ** 2)) if (peers.count > 0).any() else 1 / 12
        return replace(expected, variance=np.maximum(peers.reliability, 1e-9) ** 2 * spread)

    return skill_of(peer_bets(bought, capped), null)


def _against_the_mean(bought: Purchases) -> Floats:
    cohort, order = cohorts(bought)
    gain = np.log(np.maximum(bought.got[order], 1e-12))
    count, total = np.bincount(cohort)[cohort], np.bincount(cohort, gain)[cohort]
    others = np.divide(total - gain, count - 1, out=np.zeros_like(gain), where=count > 1)
    payoff = np.empty_like(gain)
    payoff[order] = 0.5 + np.clip(gain - others, -CAP, CAP) / (2 * CAP)
    return payoff
