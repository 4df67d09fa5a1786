"""What it would take to know: how many bets tell a wallet that knows something from one that does not. Most wallets never make so many."""

import numpy as np
import numpy.typing as npt

from domain.profiling.fair_prices import SURE

Floats = npt.NDArray[np.float64]
USUAL_EDGE = 0.5  # log-odds: wins 62 of 100 bets at 0.50; in the middle of what is believed of those who know


def bets_needed(price: Floats, edge: float = USUAL_EDGE, prevalence: float = 0.03, luck: float = 0.10) -> Floats:
    """Bets at these prices until a wallet with this edge is, in the mean, taken for luck with no more than this probability.

    A bet at fair chance c of a wallet that wins with chance q says q x edge - log(1 - c + c e^edge) on average. It begins at the odds of
    anybody to know something, and has to end at those of `luck`. Infinite without an edge.
    """
    chance = np.clip(price, SURE, 1 - SURE)
    spread = np.log1p(chance * np.expm1(edge))
    wins = chance * np.exp(edge - spread)
    says = wins * edge - spread
    wanted = np.log((1 - prevalence) / prevalence) + np.log((1 - luck) / luck)
    with np.errstate(divide="ignore"):
        return np.asarray(np.ceil(np.maximum(wanted, 0) / np.maximum(says, 0)))
