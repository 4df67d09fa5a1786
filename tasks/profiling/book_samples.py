"""The books our feed shows, kept as rows that spreads are fitted to: of what we hold, what our leaders trade, and what is traded most."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain

import polars as pl

from adapters.connect import open_history, open_results, shows_books
from adapters.settings import Settings
from data_contracts import BookSample, Instrument, Leader, Position
from data_contracts.errors import WalletflowError
from data_contracts.frames import frame_of
from domain.profiling.book_samples import samples_of
from domain.profiling.spreads import topic_of
from tasks.copying.instruments import instruments_of
from tasks.copying.venues import HOME, books_of, together_in_one
from tasks.quality import sorted_out
from tasks.steps import step

MOST = 200  # books a run: one request to the venue's books
MOST_LOOKED_AT = 2 * MOST  # instruments a run may have to ask for, so that no category crowds out the others
MOST_A_CATEGORY = 60
LEADERS_TRADED = timedelta(days=1)
OTHERS_TRADED = timedelta(hours=1)
log = logging.getLogger("walletflow.spreads")


@step
def take_books(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """BookSample rows, unchecked: one token a market, so many of a category at most, and in all."""
    chosen = choose(_tokens(settings, as_of), settings, as_of)
    books = together_in_one(books_of(dict.fromkeys(chosen, HOME), settings, as_of)) if chosen else {}
    rows = samples_of(books, chosen, as_of)
    log.info("%d of %d books have a middle", len(rows), len(chosen))
    return frame_of(rows, BookSample)


@step
def keep_books(samples: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse."""
    open_history(settings).append(samples, BookSample)


def keep_seen_books(samples: Sequence[BookSample], settings: Settings, as_of: datetime) -> None:
    """Books a cycle asked for anyway. It is done by then, and its trades matter more: what cannot be kept is let go."""
    if samples:
        keep_cycle_books(samples, settings, as_of)


@step
def keep_cycle_books(samples: Sequence[BookSample], settings: Settings, as_of: datetime) -> None:
    """Checked, into ClickHouse, if it is there."""
    try:
        open_history(settings).append(sorted_out(frame_of(samples, BookSample), BookSample, settings, as_of), BookSample)
    except WalletflowError as error:
        log.warning("%d books are not kept: %s", len(samples), error)


def choose(tokens: Iterable[str], settings: Settings, as_of: datetime) -> dict[str, Instrument]:
    """Of the tokens, first come first: open ones, one a market, so many of a category at most."""
    looked_at = list(dict.fromkeys(tokens))[:MOST_LOOKED_AT]
    known = instruments_of(dict.fromkeys(looked_at, HOME), settings, as_of) if looked_at else {}
    chosen: dict[str, Instrument] = {}
    for token_id in looked_at:
        instrument = known.get(token_id)
        if instrument is not None and instrument.payout is None and _has_room(instrument, chosen):
            chosen[token_id] = instrument
    return chosen


def _has_room(instrument: Instrument, chosen: dict[str, Instrument]) -> bool:
    others = chosen.values()
    alike = sum(topic_of(other.category) == topic_of(instrument.category) for other in others)
    return len(chosen) < MOST and alike < MOST_A_CATEGORY and all(other.market_id != instrument.market_id for other in others)


def _tokens(settings: Settings, as_of: datetime) -> Iterable[str]:
    """What we hold, what our leaders traded last, and what most USD went into in the last hour."""
    if not shows_books(settings):
        return ()
    results, history = open_results(settings), open_history(settings)
    held = results.read(Position, only=["venue", "token_id"], closed_at=None).filter(pl.col("venue") == HOME)["token_id"]
    leaders = results.read(Leader, only=["wallet"], dropped_at=None)["wallet"].unique().to_list()
    theirs = history.trades(as_of - LEADERS_TRADED, as_of, leaders, only=["venue", "token_id", "traded_at"]) if leaders else None
    recent = theirs.filter(pl.col("venue") == HOME).sort("traded_at", descending=True)["token_id"] if theirs is not None else ()
    traded = history.trades(as_of - OTHERS_TRADED, as_of, only=["venue", "token_id", "notional"]).filter(pl.col("venue") == HOME)
    usd = traded.group_by("token_id").agg(pl.col("notional").cast(pl.Float64).sum()).sort("notional", "token_id", descending=[True, False])
    return chain(held, recent, usd["token_id"])
