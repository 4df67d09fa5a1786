"""Polymarket's order books in bulk, through py-clob-client. It reads only: its orders have been rejected by the venue since 2026-04-28."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from py_clob_client.clob_types import BookParams, OrderSummary
from py_clob_client.exceptions import PolyApiException

from adapters.batches import batches
from adapters.feeds.json_api import TRY_AGAIN
from adapters.venues.first_client import ReadingClient
from data_contracts.errors import Refused, Unavailable
from domain.book import Book, Level

BOOKS_A_CALL = 500


class ClobBooks:
    """Reads; needs no key."""

    def __init__(self, url: str) -> None:
        self._client: Any = ReadingClient(url.rstrip("/"))

    def books(self, token_ids: Collection[str]) -> dict[str, Book]:
        """Best price first. The venue drops tokens without a book and answers in any order."""
        books: dict[str, Book] = {}
        for batch in batches(sorted(token_ids), BOOKS_A_CALL):
            try:
                summaries = self._client.get_order_books([BookParams(token_id=token_id) for token_id in batch])
            except PolyApiException as error:
                refused = 400 <= (error.status_code or 0) < 500 and error.status_code not in TRY_AGAIN
                raise (Refused if refused else Unavailable)(f"clob: {error}") from error
            except (KeyError, TypeError) as error:  # the client hands on whatever came, a page of the front door too
                raise Unavailable(f"clob: its answer is no list of books: {error!r}") from error
            books |= {summary.asset_id: Book(summary.asset_id, _levels(summary.bids), _levels(summary.asks)) for summary in summaries}
        return books


def _levels(summaries: Iterable[OrderSummary]) -> tuple[Level, ...]:
    """The wire has the best price last."""
    return tuple(Level(Decimal(level.price), Decimal(level.size)) for level in reversed(list(summaries)))
