"""Statistics of rows that lie group by group, in numpy: a few passes over a column, where polars would gather every group first."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Runs:
    """The groups of rows that are next to each other. Every statistic is an array with one entry per run, in the order of the rows."""

    def __init__(self, group: Ints) -> None:
        changes = np.ones(group.size, bool)
        np.not_equal(group[1:], group[:-1], out=changes[1:])
        self.starts: Ints = np.flatnonzero(changes)
        self.last: Ints = np.append(self.starts[1:], group.size)[: self.starts.size] - 1
        self.sizes: Ints = self.last - self.starts + 1
        self.group: Ints = group[self.starts]

    def rows(self, per_run: Any) -> Any:
        """One entry per row again."""
        return np.repeat(per_run, self.sizes)

    def sums(self, values: npt.NDArray[Any]) -> Any:
        return np.add.reduceat(values, self.starts) if self.starts.size else values[:0]

    def largest(self, values: Any) -> Any:
        return np.maximum.reduceat(values, self.starts) if self.starts.size else values

    def deviation(self, values: Floats, counted: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Mean and standard deviation (n - 1) of the counted rows; NaN where there are too few for it."""
        count = self.sums(counted.astype(np.int64))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self.sums(np.where(counted, values, 0.0)) / count
            squares = self.sums(np.where(counted, (values - self.rows(mean)) ** 2, 0.0))
            return mean, np.sqrt(np.where(count > 1, squares, np.nan) / (count - 1))

    def quantile(self, ascending: Floats, part: float) -> Floats:
        """Of values in ascending order within each run, with linear interpolation."""
        place = (self.sizes - 1) * part
        below = place.astype(np.int64)
        low = ascending[self.starts + below]
        return np.asarray(low + (place - below) * (ascending[np.minimum(self.starts + below + 1, self.last)] - low))

    def head(self, values: Floats, rows: Ints) -> Floats:
        """The sum of so many first rows of each run, at least one."""
        total = np.cumsum(values)
        return np.asarray(total[self.starts + rows - 1] - total[self.starts] + values[self.starts])

    def cumulated(self, values: Floats) -> Floats:
        """Per row: the sum of its run so far."""
        total = np.cumsum(values)
        return np.asarray(total - self.rows(total[self.starts] - values[self.starts]))

    def peaks(self, values: Floats) -> Floats:
        """Per row: the highest of zero and its run so far.

        Each run is lifted above all that come before it, so that one pass over all rows does.
        """
        if not values.size:
            return values
        low, high = np.minimum(np.minimum.reduceat(values, self.starts), 0), np.maximum(self.largest(values), 0)
        lift = self.rows(np.cumsum(high - low) - high)
        return np.asarray(np.maximum(np.maximum.accumulate(values + lift) - lift, 0))


def by_window(
    group: Ints, at: Ints, windows: Mapping[int, int], tell: Callable[[Runs, npt.NDArray[np.bool_]], Mapping[str, npt.NDArray[Any]]]
) -> pl.DataFrame:
    """One row per group and window: what `tell` says of the runs of the rows within, which it is told as well. NaN becomes null.

    `windows`: days → the microsecond after which a row must have been.
    """
    frames = []
    for days, start in windows.items():
        within = at > start
        runs = Runs(group[within])
        frames.append(pl.DataFrame({"group": runs.group, **tell(runs, within)}).with_columns(pl.lit(days).alias("window_days")))
    return pl.concat(frames).with_columns(pl.selectors.float().fill_nan(None))
