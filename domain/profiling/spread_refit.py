"""The shipped fit of spreads, moved towards the books that our own feed sees, and how well a fit foresaw the books that came after it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from domain.profiling.spread_fit import FEWEST, PRIOR, fit_spread
from domain.profiling.spreads import ANY, FITTED, Cost, Ending, Spread, Spreads, cost_of, spread_of

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of books in markets that a fit had not seen: the share in its interval, each market and size counting alike; None without any."""

    covered: float | None
    markets: int


def refit(books: pl.DataFrame, shipped: Spreads = FITTED) -> Spreads:
    """From the rows of `costs_of`. A category of which our feed saw fewer than `FEWEST` markets stays as it was shipped.

    All together are fitted anew where that many categories are: the interval of a category unseen is learnt from categories.
    """
    fitted: dict[str, dict[float, Spread]] = {category: dict(sizes) for category, sizes in shipped.items()}
    known = books.filter(pl.col("category") != ANY, pl.col("market").n_unique().over("category") >= FEWEST)
    for (size,), rows in known.group_by("notional", maintain_order=True):
        notional = float(str(size))
        if rows["category"].n_unique() >= FEWEST:
            fitted[ANY][notional] = _blended(fit_spread(rows, shipped[ANY][notional], "category"), shipped[ANY][notional])
        for (category,), own in rows.group_by("category", maintain_order=True):
            before = spread_of(str(category), shipped)[notional] if category in shipped else fitted[ANY][notional]
            fitted.setdefault(str(category), {})[notional] = _moved(own, before, is_new=category not in shipped)
    return fitted


def _moved(own: pl.DataFrame, before: Spread, *, is_new: bool) -> Spread:
    """Of a new category its own interval: that of a category unseen is no word on it. What its own books do not tell of ends stays."""
    found = fit_spread(own, before)
    if found.ending is None and before.ending is not None:
        found = replace(fit_spread(_without(own, before.ending), before), ending=before.ending)
    return found if is_new else _blended(found, before)


def _without(books: pl.DataFrame, ending: Ending) -> pl.DataFrame:
    """As if all stood at the usual time to their end."""
    times = ending.at(books["to_end_s"].cast(pl.Float64).fill_null(np.nan).to_numpy())
    return books.with_columns(pl.col("cost") / pl.Series(times), pl.lit(None, pl.Float64).alias("to_end_s"))


def _blended(own: Spread, before: Spread) -> Spread:
    """What is not known by both, by the markets that each counts for; bounds on the logarithm."""
    share = own.rests_on / (own.rests_on + PRIOR)
    low, high = (float(np.exp(share * np.log(mine) + (1 - share) * np.log(theirs))) for mine, theirs in _bounds(own, before))
    unsure = float(np.sqrt(share * own.unsure**2 + (1 - share) * before.unsure**2))
    return replace(own, low=low, high=high, rests_on=own.rests_on + before.rests_on, unsure=unsure)


def _bounds(own: Spread, before: Spread) -> tuple[tuple[float, float], tuple[float, float]]:
    return (own.low, before.low), (own.high, before.high)


def foreseen(books: pl.DataFrame, spreads: Spreads) -> Mapping[str, Foreseen]:
    """By category, from the rows of `costs_of`: books of markets that the fit had not seen."""
    return {str(category): _foreseen(own, spreads) for (category,), own in books.group_by("category", maintain_order=True)}


def _foreseen(books: pl.DataFrame, spreads: Spreads) -> Foreseen:
    shares = [_covered(own, float(str(size)), spreads) for (size,), own in books.group_by("notional", maintain_order=True)]
    return Foreseen(float(np.mean(shares)) if shares else None, books["market"].n_unique())


def _covered(books: pl.DataFrame, size: float, spreads: Spreads) -> float:
    weight = 1 / books.select(pl.len().over("market")).to_series().to_numpy()
    real, said = books["cost"].to_numpy(), charged(books, size, spreads)
    return float(np.average((real >= said.low * (1 - ROUNDING)) & (real <= said.high * (1 + ROUNDING)), weights=weight))


def charged(books: pl.DataFrame, size: float, spreads: Spreads) -> Cost:
    """What a fit says of these books."""
    to_end_s = books["to_end_s"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    hour = books["taken_at"].dt.hour().cast(pl.Float64).to_numpy()
    return cost_of(books["category"].to_numpy(), books["price"].to_numpy(), size, spreads, to_end_s, hour)
