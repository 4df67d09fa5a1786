"""Which venues a cycle asks: each for its own tokens only, and one that is away takes no other's answers away."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from adapters.connect import VENUES, feed_of, open_results
from adapters.feeds.feed import TradeSource, VenueFeed, Wider
from adapters.settings import Settings
from data_contracts import Strategy, Venue
from data_contracts.errors import Unsafe
from domain.copying.book import Book
from domain.operating.alerts import unsafe_finding
from tasks.operating.alerting import raise_alert
from tasks.together import each_by_itself

HOME = Venue.POLYMARKET  # watched with or without a strategy: wallets are found there before anybody follows them
PATIENCE_S = 15.0  # of the others, where several are asked: half of what lies between two cycles
A = TypeVar("A")
Tokens = Mapping[str, Venue]  # token → where it is traded


class Traded(Protocol):
    """A row about a token of a venue."""

    @property
    def venue(self) -> Venue: ...
    @property
    def token_id(self) -> str: ...


def tokens_of(rows: Iterable[Traded]) -> dict[str, Venue]:
    """The tokens these rows are about, and where each is traded."""
    return {row.token_id: row.venue for row in rows}


def by_venue(tokens: Tokens) -> dict[Venue, set[str]]:
    """The tokens of each venue."""
    grouped: dict[Venue, set[str]] = defaultdict(set)
    for token_id, venue in tokens.items():
        grouped[venue].add(token_id)
    return dict(grouped)


def venues_in_use(settings: Settings) -> list[Venue]:
    """Where strategies trade; one that is not enabled any more is still led out of what it holds."""
    used = open_results(settings).grouped(Strategy, "venue", "strategy_id")
    return [venue for venue in VENUES if venue is HOME or venue in used]


def sources_in_use(settings: Settings) -> dict[Venue, VenueFeed]:
    """The source of trades of every venue in use that can be reached by these settings, each with a watermark of its own."""
    return each_by_itself({venue: partial(feed_of, venue, settings) for venue in venues_in_use(settings)})[0]


def wider_sources(settings: Settings) -> list[TradeSource]:
    """Of the venues in use, what is watched beyond what a look asks about, as sources of their own."""
    feeds = sources_in_use(settings).values()
    return [source for feed in feeds if isinstance(feed, Wider) and (source := feed.beyond()) is not None]


def sources_by_name(settings: Settings) -> dict[str, TradeSource]:
    """All that a gap may be of."""
    feeds = sources_in_use(settings).values()
    patient = [feed.unhurried() if isinstance(feed, Wider) else feed for feed in feeds]
    return {source.source: source for source in [*patient, *wider_sources(settings)]}


def ask_each(
    questions: Mapping[Venue, Callable[[], A]], settings: Settings, as_of: datetime, patience_s: float | None = None, about: str = ""
) -> dict[Venue, A]:
    """The answers of the venues that give one; of one that is unsafe the operator is told.

    Raises the first error where none does and no other venue is in use either.
    """
    try:
        answers, errors = each_by_itself(questions, patience_s, about)
    except Exception as error:
        if len(venues_in_use(settings)) == 1:
            raise
        answers, errors = {}, dict.fromkeys(questions, error)
    tell_of_unsafe(errors, settings, as_of)
    return answers


def tell_of_unsafe(errors: Mapping[Venue, Exception], settings: Settings, as_of: datetime) -> frozenset[Venue]:
    """The venues that cannot be dealt with safely, each told as an alert: what trades there stands still, and nothing else."""
    unsafe = {venue: error for venue, error in errors.items() if isinstance(error, Unsafe)}
    for venue, error in unsafe.items():
        raise_alert(unsafe_finding(venue, str(error).splitlines()[0][:200]), settings, as_of)
    return frozenset(unsafe)


def books_of(tokens: Tokens, settings: Settings, as_of: datetime) -> dict[Venue, dict[str, Book]]:
    """By venue that answers in time, its visible books by token. A token without a book is left out."""
    asks = {venue: partial(_books, venue, ids, settings, as_of) for venue, ids in by_venue(tokens).items()}
    return ask_each(asks, settings, as_of, PATIENCE_S, "books")


def _books(venue: Venue, token_ids: Collection[str], settings: Settings, as_of: datetime) -> dict[str, Book]:
    return feed_of(venue, settings).books(token_ids, as_of)


def together_in_one(books: Mapping[Venue, Mapping[str, Book]]) -> dict[str, Book]:
    """The books of all venues by token: a token is traded at one venue only."""
    return {token_id: book for shown in books.values() for token_id, book in shown.items()}
