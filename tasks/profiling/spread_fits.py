"""What buying at once costs, by all books we know: the shipped fit, moved towards those our own feed saw, kept in Postgres."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import SpreadFit
from data_contracts.errors import WalletflowError
from data_contracts.frames import frame_of
from domain.profiling.book_samples import costs_of
from domain.profiling.spread_refit import Foreseen, foreseen, refit
from domain.profiling.spread_texts import text_of
from domain.profiling.spreads import FITTED, Ending, Spread, Spreads
from tasks.copying.sound_rows import readable_rows
from tasks.steps import step

DAYS = 60
NOBODY = Foreseen(None, 0)
log = logging.getLogger("walletflow.spreads")


@step
def fit_own_spreads(settings: Settings, as_of: datetime, days: int = DAYS) -> pl.DataFrame:
    """SpreadFit rows, unchecked, from the books of the last `days` days. The fit before is held against the markets that came after it."""
    books = costs_of(open_history(settings).book_samples(as_of - timedelta(days=days), as_of))
    first = pl.col("taken_at").min().over("market")
    before = read_fits(settings)
    later = books.filter(first > max((row.as_of for row in before), default=as_of))
    seen = foreseen(later, spreads_of(before)) if before else {}
    markets = dict(books.group_by("category").agg(pl.col("market").n_unique()).iter_rows())
    return frame_of(rows_of_spreads(refit(books), markets, seen, as_of), SpreadFit)


@step
def keep_spreads(fits: pl.DataFrame, settings: Settings) -> None:
    """Into Postgres, in place of the fit before."""
    open_results(settings).write([Write(SpreadFit, fits, "put")])
    log.info("spreads fitted to %d markets of our own feed", fits.filter(pl.col("notional") == 100)["own_markets"].sum())


def read_fits(settings: Settings) -> list[SpreadFit]:
    """SpreadFit rows; none before the first fit."""
    return open_results(settings).rows(SpreadFit)


def own_fit(settings: Settings) -> str:
    """The fit of a house whose own feed saw books, as text; empty where there is none, or nobody can say."""
    try:
        fits = readable_rows(open_results(settings), SpreadFit)
    except WalletflowError as error:
        log.info("the shipped fit of spreads is charged: %s", str(error).splitlines()[0])
        return ""
    return text_of(spreads_of(fits)) if any(fit.own_markets for fit in fits) else ""


def known_spreads(settings: Settings) -> Spreads:
    """The fit on record; the shipped one before there is any."""
    return spreads_of(read_fits(settings))


def spreads_of(fits: list[SpreadFit]) -> Spreads:
    """By category and USD."""
    found: dict[str, dict[float, Spread]] = {category: dict(sizes) for category, sizes in FITTED.items()}
    for fit in fits:
        found.setdefault(fit.category, {})[float(fit.notional)] = _spread(fit)
    return found


def rows_of_spreads(spreads: Spreads, markets: Mapping[str, int], seen: Mapping[str, Foreseen], as_of: datetime) -> list[SpreadFit]:
    """`markets`: how many of a category our feed saw. `seen`: how well the fit before foresaw them."""
    return [
        _row(category, size, spread, markets.get(category, 0), seen.get(category, NOBODY), as_of)
        for category, sizes in sorted(spreads.items())
        for size, spread in sorted(sizes.items())
    ]


def _row(category: str, size: float, spread: Spread, own_markets: int, seen: Foreseen, as_of: datetime) -> SpreadFit:
    ending = spread.ending
    return SpreadFit(
        category=category,
        notional=int(size),
        even=spread.even,
        bend=spread.bend,
        mean=spread.mean,
        low=spread.low,
        high=spread.high,
        tilt=spread.tilt,
        ending_power=ending.power if ending else None,
        usual_s=ending.usual_s if ending else None,
        nearest_s=ending.nearest_s if ending else None,
        farthest_s=ending.farthest_s if ending else None,
        from_0h=spread.hours[0],
        from_6h=spread.hours[1],
        from_12h=spread.hours[2],
        from_18h=spread.hours[3],
        rests_on=spread.rests_on,
        unsure=spread.unsure,
        own_markets=own_markets,
        covered=seen.covered,
        new_markets=seen.markets,
        as_of=as_of,
    )


def _spread(fit: SpreadFit) -> Spread:
    ending = None
    if fit.ending_power is not None and fit.usual_s is not None and fit.nearest_s is not None and fit.farthest_s is not None:
        ending = Ending(fit.ending_power, fit.usual_s, fit.nearest_s, fit.farthest_s)
    hours = (fit.from_0h, fit.from_6h, fit.from_12h, fit.from_18h)
    return Spread(fit.even, fit.bend, fit.mean, fit.low, fit.high, fit.tilt, ending, hours, fit.rests_on, fit.unsure)
