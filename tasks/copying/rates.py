"""What the currencies of our strategies are worth in USD: asked of whoever knows it, and kept on record. USD is 1 by definition."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from adapters.connect import open_results, rates_of
from adapters.feeds.feed import RateSource
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Rate, Venue
from data_contracts.frames import frame_of
from data_contracts.words import STAKE_OF
from domain.copying.account import USD_ONLY
from tasks.copying.strategy_rows import StrategyRows
from tasks.quality import sorted_out
from tasks.steps import step
from tasks.together import within

GOOD_FOR = timedelta(minutes=1)  # a younger one is not asked for again
PATIENCE_S = 5.0  # nothing that leaves or enters waits longer for a rate
log = logging.getLogger("walletflow.rates")


def record_rates(strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime) -> None:
    """Whatever is not known younger than a minute is asked for. Where all strategies count in USD there is no step."""
    due = _due({own.strategy.venue for own in strategies}, settings, as_of)
    if due:
        store_rates(due, settings, as_of)


@step
def store_rates(sources: Mapping[Venue, RateSource], settings: Settings, as_of: datetime) -> None:
    """As each of them says it now; one that does not answer is asked again by the next cycle, and what is on record stands."""
    for venue, source in sources.items():
        rates = sorted_out(_asked(venue, source, as_of), Rate, settings, as_of)
        open_results(settings).write([Write(Rate, rates)])


def _due(venues: set[Venue], settings: Settings, as_of: datetime) -> dict[Venue, RateSource]:
    others = {venue for venue in venues if STAKE_OF[venue] not in USD_ONLY}
    if not others:
        return {}
    known = open_results(settings).since(Rate, "seen_at", as_of - GOOD_FOR, only=["currency", "seen_at"]).filter(pl.col("seen_at") <= as_of)
    wanted = [venue for venue in sorted(others) if STAKE_OF[venue] not in set(known["currency"])]
    return {venue: source for venue in wanted if (source := rates_of(venue, settings)) is not None}


def _asked(venue: Venue, source: RateSource, as_of: datetime) -> pl.DataFrame:
    try:
        return within(PATIENCE_S, partial(source.rates, as_of))
    except Exception as error:  # noqa: BLE001 (whatever is wrong with it, it is no reason not to follow a leader out)
        log.warning("nobody at %s says what %s is worth: %s", venue, STAKE_OF[venue], error)
        return frame_of([], Rate)
