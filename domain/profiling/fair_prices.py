"""How likely a token bought at a price truly was: the market's favourite-longshot bias, as all who bought show it.

The log-odds of winning are a line in the log-odds of the price, one line for makers and one for takers (who pay the spread). Without
evidence the line is the price itself.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SURE = 0.005  # nothing is surer than this: a price of 0.999 is a price at which somebody still sold
CELLS = 400  # prices are sums over cells of a quarter cent
STEPS = 30  # of Newton's method; it stands still after six, but for results nobody would believe
CUTS = 40  # of a step, in halves
UNBIASED = np.array([0.0, 1.0])  # intercept and slope: the price is the chance
# How firmly we believe, before we look, that a price is a chance: as firmly as one who saw the results of 100 even tokens (100 x 1/4).
TRUST = 25.0


def fair_chances(price: Floats, payoff: Floats, maker: npt.NDArray[np.bool_], weight: Floats) -> Floats:
    """What a share bought at `price` pays in expectation to one who knows nothing. `weight`: how far a bet counts as such a one's."""
    at = np.clip(price, SURE, 1 - SURE)
    chances = np.empty_like(at)
    for role in (maker, ~maker):
        if role.any():
            line = _line(at[role], payoff[role], weight[role])
            chances[role] = np.clip(expit(line[0] + line[1] * log_odds(at[role])), SURE, 1 - SURE)
    return chances


def log_odds(chance: Any) -> Any:
    return np.log(chance / (1 - chance))


def _line(price: Floats, payoff: Floats, weight: Floats) -> Floats:
    """Intercept and slope by penalized logistic regression on cells of price."""
    cell = np.minimum((price * CELLS).astype(np.int64), CELLS - 1)
    bets, won = (np.bincount(cell, counted, CELLS).astype(float) for counted in (weight, weight * payoff))
    used = bets > 0
    middle = np.bincount(cell, weight * log_odds(price), CELLS)[used] / bets[used]
    design = np.stack([np.ones_like(middle), middle], axis=1)
    line = UNBIASED
    for _ in range(STEPS):
        chance = expit(design @ line)
        slope = design.T @ (won[used] - bets[used] * chance) - TRUST * (line - UNBIASED)
        curvature = (design.T * (bets[used] * chance * (1 - chance))) @ design + TRUST * np.eye(2)
        line = _uphill(line, np.linalg.solve(curvature, slope), design, bets[used], won[used])
    return line


def _uphill(line: Floats, step: Floats, design: Floats, bets: Floats, won: Floats) -> Floats:
    """A step of Newton's method, cut until it explains the results better: whole, it goes astray where prices and results are far apart.

    Then one bettor at one price, sure enough, would have made every price worth nothing or everything.
    """

    def explained(line: Floats) -> float:
        odds = design @ line
        return float(won @ odds - bets @ np.logaddexp(0, odds) - TRUST / 2 * ((line - UNBIASED) ** 2).sum())

    before = explained(line)
    for _ in range(CUTS):
        if explained(line + step) >= before:
            return line + step
        step = step / 2
    return line
