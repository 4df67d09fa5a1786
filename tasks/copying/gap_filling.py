"""Reads the trades an outage or a slow feed left out (gaps), newest gap first, in bounded slices. Killed, it goes on where it stood."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from adapters.connect import open_results
from adapters.feeds.feed import TradeSource, Walk, Wider
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Gap, GapEnd, Trade
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from domain.operating.alerts import gap_finding
from tasks.copying.arrivals import keep_history, keep_new
from tasks.copying.chain_readings import keep_besides
from tasks.copying.open_gaps import read_open_gaps
from tasks.copying.venues import sources_by_name, sources_in_use
from tasks.copying.watermarks import OVERLAP, move_watermark, read_watermark, trades_of
from tasks.operating.alerting import raise_alert
from tasks.quality import sorted_out
from tasks.steps import step
from tasks.together import each_by_itself

ENDS_BELIEVED = 3
ASK_AGAIN = timedelta(minutes=10)  # a feed that ended too early
PAGES_A_SLICE = 50  # 50,000 rows at once in memory
log = logging.getLogger("walletflow.gaps")


@step
def ask_for_history(settings: Settings, as_of: datetime, days: float) -> None:
    """A new house reads the last `days` days of each source, as a gap like any other; once.

    Not of one that tells of chosen wallets only: who is found there later has a history of its own (`wallet-discovery`).
    """
    results = open_results(settings)
    for source in sources_in_use(settings).values():
        name = source.source
        if isinstance(source, Wider):
            continue
        if results.rows(Gap, source=name, is_history=True) or read_watermark(results, f"history:{name}"):
            continue
        until = source.confirmed_until(as_of) or as_of
        mark = read_watermark(results, trades_of(name))  # a cycle that ran first reads on from there
        begin = as_of - timedelta(days=days)
        gap = Gap(source=name, from_at=begin, until_at=until, filled_to_at=until, cursor="", is_history=True, found_at=as_of)
        results.write([Write(Gap, frame_of([gap], Gap)), *([] if mark else [move_watermark(trades_of(name), until)])])


@step
def ask_further_back(settings: Settings, as_of: datetime, days: float, dry_run: bool) -> list[Gap]:
    """Of each source the span from `days` ago to where its history begins, as a gap like any other. Not where nobody began one yet."""
    results, begin, gaps = open_results(settings), as_of - timedelta(days=days), []
    for source in sources_in_use(settings).values():
        known = [gap.from_at for gap in results.rows(Gap, source=source.source, is_history=True)]
        if not isinstance(source, Wider) and known and begin < min(known):
            until = min(known)
            gaps.append(
                Gap(source=source.source, from_at=begin, until_at=until, filled_to_at=until, cursor="", is_history=True, found_at=as_of)
            )
    if not dry_run:
        _write(gaps, results)
    return gaps


def next_gap(settings: Settings, as_of: datetime) -> Gap | None:
    """The newest that its source can fill by now: what it lags behind it does not have yet."""
    sources = sources_by_name(settings)
    confirmed = each_by_itself({name: partial(source.confirmed_until, as_of) for name, source in sources.items()})[0]
    known = [gap for gap in read_open_gaps(open_results(settings))[0] if _is_due(gap, confirmed.get(gap.source), as_of)]
    return max(known, key=lambda gap: gap.until_at, default=None)


def _is_due(gap: Gap, confirmed: datetime | None, as_of: datetime) -> bool:
    waits = gap.ends_met > 0 and not gap.cursor and gap.worked_at is not None and gap.worked_at > as_of - ASK_AGAIN
    return gap.is_history or (not waits and confirmed is not None and gap.until_at <= confirmed)


@step
def fill_slice(gap: Gap, settings: Settings, as_of: datetime) -> Gap:
    """The gap after another slice of it: its rows are in store first."""
    source = sources_by_name(settings)[gap.source]
    walk = _walk(source, gap)
    if walk is None:
        log.warning("%s does not know our place any more: from its newest page again, down to %s", gap.source, gap.filled_to_at)
        return _keep(replace(gap, cursor="", worked_at=as_of), settings)
    at = pl.col("traded_at")
    rows = walk.trades.filter(at.is_null() | (at <= gap.filled_to_at))  # above are rows in store already, seen again on the way down
    good = sorted_out(rows, Trade, settings, as_of)
    new = keep_history(good, settings) if gap.is_history else keep_new(good, settings, as_of)
    keep_besides(walk.besides, settings, as_of)
    after = _move(gap, walk, as_of)
    log.info("%s: %d trades more, filled down to %s", gap.source, new.height, after.filled_to_at)
    if after.closed_by is GapEnd.FEED_ENDED and not gap.is_history:
        raise_alert(gap_finding(after), settings, as_of)
    return _keep(after, settings)


@step
def give_up_gaps(settings: Settings, as_of: datetime) -> list[Gap]:
    """An operator's decision: what is open now stays as it is, on record."""
    gaps = [replace(gap, closed_at=as_of, closed_by=GapEnd.GIVEN_UP) for gap in read_open_gaps(open_results(settings))[0]]
    _write(gaps, open_results(settings))
    return gaps


def _walk(source: TradeSource, gap: Gap) -> Walk | None:
    """None when the source knows the cursor no more. It goes on below the gap: what shows up late there, no look reads any more."""
    try:
        return source.walk(gap.from_at - OVERLAP, gap.filled_to_at, PAGES_A_SLICE, gap.cursor)
    except Refused:
        if not gap.cursor:
            raise
        return None


def _move(gap: Gap, walk: Walk, as_of: datetime) -> Gap:
    """A walk that begins anew passes what is filled already; the mark waits for it."""
    reached_to = max(gap.from_at, min(gap.filled_to_at, walk.complete_from))
    oldest = walk.trades["traded_at"].min()
    begins_before = isinstance(oldest, datetime) and oldest <= gap.from_at + OVERLAP  # of its overlap, which was read before the gap
    if walk.has_ended and not begins_before:
        return _end(gap, oldest, as_of)
    if walk.complete_from <= gap.from_at:
        return replace(gap, filled_to_at=gap.from_at, cursor="", worked_at=as_of, closed_at=as_of, closed_by=GapEnd.FILLED)
    return replace(gap, filled_to_at=reached_to, cursor=walk.cursor, worked_at=as_of)


def _end(gap: Gap, oldest: object, as_of: datetime) -> Gap:
    """A feed that ended too early may have hiccuped; of history it simply has no more."""
    lowest = min(gap.filled_to_at, oldest) if isinstance(oldest, datetime) else gap.filled_to_at
    after = replace(gap, filled_to_at=max(gap.from_at, lowest), cursor="", worked_at=as_of, ends_met=gap.ends_met + 1)
    is_over = gap.is_history or after.ends_met >= ENDS_BELIEVED
    return replace(after, closed_at=as_of, closed_by=GapEnd.FEED_ENDED) if is_over else after


def _keep(gap: Gap, settings: Settings) -> Gap:
    _write([gap], open_results(settings))
    return gap


def _write(gaps: list[Gap], results: Results) -> None:
    results.write([Write(Gap, frame_of(gaps, Gap), "put")])
