"""How likely a token bought at a price truly was: the market's favourite-longshot bias, as all who bought show it.

The log-odds of winning are a line in the log-odds of the price, one line for makers and one for takers (who pay the spread). Without
evidence the line is the price itself.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SURE = 0.005  # nothing is surer than this: a price of 0.999 is a price at which somebody still sold
CELLS = 400  # prices are sums over cells of a quarter cent
STEPS = 12  # of Newton's method; it stands still after six
# How firmly we believe, before we look, that a price is a chance: as firmly as one who saw the results of 100 even tokens (100 x 1/4).
TRUST = 25.0


def fair_chances(price: Floats, payoff: Floats, maker: npt.NDArray[np.bool_], weight: Floats) -> Floats:
    """What a share bought at `price` pays in expectation to one who knows nothing. `weight`: how far a bet counts as such a one's."""
    at = np.clip(price, SURE, 1 - SURE)
    chances = np.empty_like(at)
    for role in (maker, ~maker):
        if role.any():
            line = _line(at[role], payoff[role], weight[role])
            chances[role] = np.clip(_chance(line[0] + line[1] * log_odds(at[role])), SURE, 1 - SURE)
    return chances


def log_odds(chance: Any) -> Any:
    return np.log(chance / (1 - chance))


def _chance(odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-odds))


def _line(price: Floats, payoff: Floats, weight: Floats) -> Floats:
    """Intercept and slope by penalized logistic regression on cells of price."""
    cell = np.minimum((price * CELLS).astype(np.int64), CELLS - 1)
    bets, won = np.bincount(cell, weight, CELLS), np.bincount(cell, weight * payoff, CELLS)
    used = bets > 0
    middle = np.bincount(cell, weight * log_odds(price), CELLS)[used] / bets[used]
    design = np.stack([np.ones_like(middle), middle], axis=1)
    line = unbiased = np.array([0.0, 1.0])
    for _ in range(STEPS):
        chance = _chance(design @ line)
        slope = design.T @ (won[used] - bets[used] * chance) - TRUST * (line - unbiased)
        curvature = (design.T * (bets[used] * chance * (1 - chance))) @ design + TRUST * np.eye(2)
        line = line + np.linalg.solve(curvature, slope)
    return line
