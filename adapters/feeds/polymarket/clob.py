"""Polymarket's order books in bulk, through py-clob-client. It reads only: its orders have been rejected by the venue since 2026-04-28."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from py_clob_client.endpoints import GET_ORDER_BOOKS
from py_clob_client.exceptions import PolyApiException
from py_clob_client.http_helpers.helpers import post

from adapters.batches import batches
from adapters.feeds.json_api import TRY_AGAIN
from data_contracts.errors import Refused, Unavailable
from domain.copying.book import Book, Level, book_of

BOOKS_A_CALL = 500
WHOLE = Decimal(1)  # USD: an outcome share is worth less while anybody trades it


class ClobBooks:
    """Reads; needs no key."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def books(self, token_ids: Collection[str]) -> dict[str, Book]:
        """Best price first. The venue drops tokens without a book and answers in any order."""
        books: dict[str, Book] = {}
        for batch in batches(sorted(token_ids), BOOKS_A_CALL):
            try:
                # The client's own get_order_books insists on fields we do not read: a book without its last price would lose 499 others.
                answer = post(f"{self._url}{GET_ORDER_BOOKS}", data=[{"token_id": token_id} for token_id in batch])
            except PolyApiException as error:
                refused = 400 <= (error.status_code or 0) < 500 and error.status_code not in TRY_AGAIN
                raise (Refused if refused else Unavailable)(f"clob: {error}") from error
            found = dict(filter(None, map(_book, answer))) if isinstance(answer, list) else {}
            if answer != [] and not found:  # the client hands on whatever came, a page of the front door too
                raise Unavailable(f"clob: its answer is no list of books: {str(answer)[:200]!r}")
            books |= found
        return books


def _book(told: Any) -> tuple[str, Book] | None:
    """None for what is no book: that token has none to trade against. One side of it is enough: who sells needs no asks."""
    try:
        token_id, bids, asks = str(told["asset_id"]), told.get("bids"), told.get("asks")
    except (KeyError, TypeError, AttributeError):
        return None
    return (token_id, book_of(token_id, _levels(bids), _levels(asks), price_below=WHOLE)) if _is_told(bids) or _is_told(asks) else None


def _is_told(side: Any) -> bool:
    return isinstance(side, list)


def _levels(told: Any) -> list[Level]:
    """A level that cannot be read is none, and costs the others nothing."""
    return [level for level in map(_level, told) if level is not None] if _is_told(told) else []


def _level(told: Any) -> Level | None:
    try:
        return Level(Decimal(str(told["price"])), Decimal(str(told["size"])))
    except (KeyError, TypeError, ArithmeticError):
        return None
