"""Which venues a cycle asks: each for its own tokens only, and one that is away takes no other's answers away."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from adapters.connect import VENUES, feed_of, open_results
from adapters.feeds.feed import VenueFeed
from adapters.settings import Settings
from data_contracts import Strategy, Venue
from data_contracts.errors import WalletflowError
from domain.copying.book import Book
from tasks.together import each_by_itself

HOME = Venue.POLYMARKET  # watched with or without a strategy: wallets are found there before anybody follows them
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
    used = set(open_results(settings).read(Strategy, only=["venue"])["venue"].unique())
    return [venue for venue in VENUES if venue is HOME or venue in used]


def sources_in_use(settings: Settings) -> dict[Venue, VenueFeed]:
    """The source of trades of every venue in use, each with a watermark of its own."""
    return {venue: feed_of(venue, settings) for venue in venues_in_use(settings)}


def ask_each(questions: Mapping[Venue, Callable[[], A]], settings: Settings) -> dict[Venue, A]:
    """The answers of the venues that give one. Raises the first error where none does and no other venue is in use either."""
    try:
        return each_by_itself(questions)
    except WalletflowError:
        if len(venues_in_use(settings)) == 1:
            raise
        return {}


def books_of(tokens: Tokens, settings: Settings, as_of: datetime) -> dict[Venue, dict[str, Book]]:
    """By venue that answers, its visible books by token. A token without a book is left out."""
    return ask_each({venue: partial(_books, venue, ids, settings, as_of) for venue, ids in by_venue(tokens).items()}, settings)


def _books(venue: Venue, token_ids: Collection[str], settings: Settings, as_of: datetime) -> dict[str, Book]:
    return feed_of(venue, settings).books(token_ids, as_of)


def together_in_one(books: Mapping[Venue, Mapping[str, Book]]) -> dict[str, Book]:
    """The books of all venues by token: a token is traded at one venue only."""
    return {token_id: book for shown in books.values() for token_id, book in shown.items()}
