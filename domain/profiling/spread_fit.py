"""From recorded books to a Spread: a line in the logs, drawn towards a wider fit, with an interval for markets that it did not see.

Books of one market are alike, and a copy meets another market each time: each market counts as one and is left out as one, and the interval
is of the errors of what was left out. A line of n markets counts n against the `PRIOR` markets that the wider fit counts as (Bühlmann's
credibility); the interval is wider by one part in n, for few markets do not show how different the next one is. That cost hangs on the time
to the end, or on the hour, is believed where enough markets show it and markets left out are the worse for leaving it out, by two standard
errors.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.profiling.spreads import ANY, EVEN_HOURS, HOURS_A_BAND, LEVEL, SURE, Ending, Floats, Spread, Spreads

PRIOR = 4.0  # markets that the wider fit counts as
FEWEST = 6  # markets that a category, its ending and each of its bands of hours need
DAYS = 3  # that a band of hours needs: books of one day tell of that day
ERRORS = 2.0  # standard errors by which a term must help
NEAREST_S = 1.0
MONTH_S = 30 * 86_400.0
Places = npt.NDArray[np.int64] | slice
EVERY = slice(None)


@dataclass(frozen=True, slots=True)
class Feature:
    """What a book's cost may hang on: a value a book, and where its factor is drawn to, with so many markets' strength."""

    name: str
    values: Floats
    towards: float = 0.0
    pull: float = PRIOR


@dataclass(frozen=True, slots=True)
class Books:
    """What the lines are fitted to; `unit` is what is left out as one, and `weight` makes each market one."""

    log_cost: Floats
    weight: Floats
    unit: npt.NDArray[np.int64]

    def by_unit(self) -> list[npt.NDArray[np.int64]]:
        """The places of the books of each."""
        order = np.argsort(self.unit, kind="stable")
        return list(np.split(order, np.flatnonzero(np.diff(self.unit[order])) + 1))


def fit_spreads(books: pl.DataFrame) -> Spreads:
    """From one row per book and size: category and notional, and what `fit_spread` reads. Each category is drawn to all together."""
    fitted: dict[str, dict[float, Spread]] = {}
    unit = "category" if books["category"].n_unique() > 1 else "market"
    for (size,), rows in books.group_by("notional", maintain_order=True):
        widest = fit_spread(rows, unit=unit)
        fitted.setdefault(ANY, {})[float(str(size))] = widest
        for (category,), own in rows.group_by("category", maintain_order=True):
            if own["market"].n_unique() >= FEWEST:
                fitted.setdefault(str(category), {})[float(str(size))] = fit_spread(own, widest)
    return fitted


def fit_spread(books: pl.DataFrame, towards: Spread | None = None, unit: str = "market") -> Spread:
    """From one row per book of one size: market, price, cost, taken_at, to_end_s (null where unknown), and `unit` if it is another.

    Of categories as units the interval is that of a category that was not recorded, and nothing is said of its endings and hours.
    """
    rows = _books(books, unit)
    features = list(_prices(books, towards))
    errors = _left_out(features, rows)
    ending = _ending(books, rows.weight)
    for terms in ([_endings(books, ending)] if ending else [], list(_bands(books))) if unit == "market" else ():
        tried = _left_out([*features, *terms], rows) if terms else errors
        if terms and _is_better(tried, errors, rows):
            features, errors = [*features, *terms], tried
    return _spread(features, errors, rows, ending)


def _books(books: pl.DataFrame, unit: str) -> Books:
    weight = 1 / books.select(pl.len().over("market")).to_series().cast(pl.Float64).to_numpy()
    number = books[unit].rank("dense").cast(pl.Int64).to_numpy()
    return Books(np.log(books["cost"].to_numpy()), weight, number)


def _prices(books: pl.DataFrame, towards: Spread | None) -> Iterator[Feature]:
    chance = np.clip(books["price"].to_numpy(), SURE, 1 - SURE)
    drawn = (np.log(towards.even), towards.bend, towards.tilt) if towards else (0.0, 0.0, 0.0)
    values = (np.ones(chance.size), np.log(4 * chance * (1 - chance)), -np.log(2 * chance))
    for name, value, to in zip(("even", "bend", "tilt"), values, drawn, strict=True):
        yield Feature(name, value, to, PRIOR if towards else 0.0)


def _ending(books: pl.DataFrame, weight: Floats) -> Ending | None:
    """What is usual, and between what ends were recorded; None where fewer than `FEWEST` markets have any."""
    known = books["to_end_s"].is_not_null().to_numpy()
    if books.filter(known)["market"].n_unique() < FEWEST:
        return None
    to_end = np.maximum(books["to_end_s"].cast(pl.Float64).to_numpy()[known], NEAREST_S)
    usual = float(np.exp(np.average(np.log(to_end), weights=weight[known])))
    nearest, farthest = np.quantile(to_end, (0.01, 0.99))
    return Ending(1.0, usual, float(nearest), float(farthest))


def _endings(books: pl.DataFrame, ending: Ending) -> Feature:
    return Feature("ending", np.log(ending.at(books["to_end_s"].cast(pl.Float64).fill_null(np.nan).to_numpy())))


def _bands(books: pl.DataFrame) -> Iterator[Feature]:
    """One for each band of hours, where at least two of them were recorded on `DAYS` days and in `FEWEST` markets each."""
    band = pl.col("taken_at").dt.hour() // HOURS_A_BAND
    seen = books.group_by(band.alias("band")).agg(pl.col("market").n_unique(), pl.col("taken_at").dt.date().n_unique().alias("days"))
    known = seen.filter((pl.col("market") >= FEWEST) & (pl.col("days") >= DAYS))["band"].sort().to_list()
    bands = books.select(band).to_series().to_numpy()
    for one in known if len(known) > 1 else ():
        yield Feature(str(one), (bands == one).astype(float))


def _design(features: Sequence[Feature]) -> Floats:
    return np.stack([feature.values for feature in features], axis=1)


def _ties(features: Sequence[Feature], rows: Books) -> tuple[Floats, Floats]:
    """How strongly each factor is drawn, and where to."""
    pull = np.array([feature.pull for feature in features])
    ties = pull * np.average(_design(features) ** 2, axis=0, weights=rows.weight)
    return np.diag(ties + 1e-9), ties * np.array([feature.towards for feature in features])


def _sums(features: Sequence[Feature], rows: Books, own: Places) -> tuple[Floats, Floats]:
    """What a line is solved from, of these books alone: such sums add up."""
    design = _design(features)[own]
    weighted = design * rows.weight[own][:, None]
    return weighted.T @ design, weighted.T @ rows.log_cost[own]


def _line(features: Sequence[Feature], rows: Books) -> Floats:
    (normal, right), (ties, drawn) = _sums(features, rows, EVERY), _ties(features, rows)
    return np.asarray(np.linalg.solve(normal + ties, right + drawn))


def _left_out(features: Sequence[Feature], rows: Books) -> Floats:
    """Of each book, by how much its cost misses the line that its own market had no part in: the logarithm of the ratio."""
    design, errors = _design(features), np.empty(rows.unit.size)
    (normal, right), (ties, drawn) = _sums(features, rows, EVERY), _ties(features, rows)
    for own in rows.by_unit():
        weighted = design[own] * rows.weight[own][:, None]
        line = np.linalg.solve(normal - weighted.T @ design[own] + ties, right - weighted.T @ rows.log_cost[own] + drawn)
        errors[own] = rows.log_cost[own] - design[own] @ line
    return errors


def _is_better(tried: Floats, before: Floats, rows: Books) -> bool:
    """In squared errors, market by market."""
    better = before**2 - tried**2
    gains = np.array([np.mean(better[own]) for own in rows.by_unit()])
    return bool(gains.mean() > ERRORS * gains.std(ddof=1) / np.sqrt(gains.size))


def _spread(features: Sequence[Feature], errors: Floats, rows: Books, ending: Ending | None) -> Spread:
    line = _line(features, rows)
    found = {feature.name: float(factor) for feature, factor in zip(features, line, strict=True)}
    units = len(rows.by_unit())
    low, high = (1 + 1 / units) * _quantiles(errors, rows.weight, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    mean = _mean(rows.log_cost - _design(features) @ line, rows.weight)
    return Spread(
        even=float(np.exp(found["even"])),
        bend=found["bend"],
        mean=mean,
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        tilt=found["tilt"],
        ending=replace(ending, power=found["ending"]) if ending and "ending" in found else None,
        hours=tuple(float(np.exp(found.get(str(band), 0.0))) for band in range(len(EVEN_HOURS))),
        rests_on=units,
        unsure=float(np.sqrt(np.average((np.exp(errors) / mean - 1) ** 2, weights=rows.weight))),
    )


def _mean(errors: Floats, weight: Floats) -> float:
    """The mean of what scatters by these logarithms, as a factor; by how far the line was drawn off its own books is no part of it."""
    return float(np.average(np.exp(errors - np.average(errors, weights=weight)), weights=weight))


def _quantiles(values: Floats, weight: Floats, parts: tuple[float, float]) -> Floats:
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / weight.sum()
    return np.asarray(values[order][np.minimum(np.searchsorted(reached, parts), values.size - 1)])
