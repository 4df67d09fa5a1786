"""What it would take to know: how many bets tell a wallet that knows something from one that does not. Most wallets never make so many."""

import numpy as np
import numpy.typing as npt

from domain.profiling.fair_prices import SURE

Floats = npt.NDArray[np.float64]
USUAL_EDGE = 0.5  # log-odds: wins 62 of 100 bets at 0.50; in the middle of what is believed of those who know
USUAL_PREVALENCE, USUAL_LUCK = 0.03, 0.10
RAREST, COMMONEST = 0.01, 0.5  # of those who know: no crowd of ours shows that they are rarer, and none is believed to be mostly wise


def bets_needed(price: Floats, edge: float = USUAL_EDGE, prevalence: float = USUAL_PREVALENCE, luck: float = USUAL_LUCK) -> Floats:
    """Bets at these prices until a wallet with this edge is, in the mean, taken for luck with no more than this probability.

    Each in an event of its own. Infinite without an edge.
    """
    return _until(wanted(prevalence, luck), bet_says(price, edge))


def bets_needed_by(wallet: npt.NDArray[np.int64], price: Floats, weight: Floats, wallets: int, prevalence: float) -> Floats:
    """Per wallet: how many bets like those it made it takes until a usual edge is known, given how many wallets know something.

    `weight`: how much of a bet counts beside the others of its event. NaN for a wallet without bets.
    """
    count = np.bincount(wallet, minlength=wallets)
    says = np.bincount(wallet, weight * bet_says(price, USUAL_EDGE), wallets) / np.where(count, count, np.nan)
    return _until(wanted(float(np.clip(prevalence, RAREST, COMMONEST)), USUAL_LUCK), says)


def bet_says(price: Floats, edge: float) -> Floats:
    """Log-likelihood ratio that one bet at this price adds in the mean, when its wallet has this edge: chance to win x edge - cumulant."""
    chance = np.clip(price, SURE, 1 - SURE)
    spread = np.log1p(chance * np.expm1(edge))
    wins = chance * np.exp(edge - spread)
    return np.asarray(wins * edge - spread)


def wanted(prevalence: float, luck: float) -> float:
    """Log-likelihood ratio from the odds of anybody to know something to the odds that leave this much luck."""
    return max(0.0, float(np.log((1 - prevalence) / prevalence) + np.log((1 - luck) / luck)))


def _until(wanted: float, says: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.ceil(wanted / np.maximum(says, 0)))
