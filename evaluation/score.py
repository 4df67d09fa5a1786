"""What an evaluation says: one figure of one method in one case, its interval over the seeds, and whether it is what we claim."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1.96  # standard errors to each side: 95 %


@dataclass(frozen=True, slots=True)
class Score:
    """`wanted` is the claim in words; `held` is None for a figure that is only shown, such as a rival's."""

    topic: str
    method: str
    case: str
    figure: str
    value: float
    low: float
    high: float
    wanted: str = ""
    held: bool | None = None


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and its 95 % interval over the seeds, by their standard error. NaNs are left out; of nothing all three are NaN."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan, math.nan, math.nan
    mean = statistics.fmean(known)
    error = statistics.stdev(known) / math.sqrt(len(known)) if len(known) > 1 else 0.0
    return mean, mean - WIDTH * error, mean + WIDTH * error
