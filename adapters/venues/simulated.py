"""A venue that fills at the prices of the visible book and only up to its depth, with the instrument's fee. It needs no key."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.feeds.feed import Books
from adapters.venues.venue import Answer, Signed
from data_contracts import Fill, Instrument, Order, OrderStatus, Reason, Side
from domain.copying.amounts import in_units
from domain.copying.book import Book, Level, takes, without
from domain.copying.fees import taker_fee
from domain.copying.fills import fill_from
from domain.ids import row_id


class SimulatedVenue:
    """Stands in for the last call only: everything before and after it is what live runs."""

    is_simulated = True

    def __init__(self, books: Books) -> None:
        self._books = books

    def sign(self, order: Order, instrument: Instrument) -> Signed | Reason:
        return Signed(row_id("simulated", order.order_id, order.token_id, order.side, order.shares, order.limit_price))

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        books = self._books.books({order.token_id for order in orders}, as_of) if orders else {}
        answers = []
        for order in orders:
            book = books.get(order.token_id)
            taken = takes(book.facing(order.side), order.side, order.shares, order.limit_price) if book else []
            if book:  # what one order took, the next one of this cycle does not find
                books[order.token_id] = _after(book, order.side, taken)
            answers.append(_answer(order, taken, instruments[order.token_id], as_of))
        return answers

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        return None


def _after(book: Book, side: Side, taken: Sequence[Level]) -> Book:
    if side is Side.BUY:
        return Book(book.token_id, book.bids, without(book.asks, taken))
    return Book(book.token_id, without(book.bids, taken), book.asks)


def _answer(order: Order, taken: Sequence[Level], instrument: Instrument, as_of: datetime) -> Answer:
    fills = tuple(_fill(order, number, level, instrument, as_of) for number, level in enumerate(taken))
    filled = sum((fill.shares for fill in fills), start=order.shares * 0)
    if not fills:
        return Answer(order.order_id, OrderStatus.UNFILLED)
    return Answer(order.order_id, OrderStatus.FILLED if filled >= order.shares else OrderStatus.PARTIAL, fills)


def _fill(order: Order, number: int, level: Level, instrument: Instrument, as_of: datetime) -> Fill:
    return fill_from(
        order,
        number,
        price=level.price,
        shares=level.shares,
        notional=in_units(level.price * level.shares, order.venue),
        fee=taker_fee(level.shares, level.price, instrument),
        filled_at=as_of,
        level=number,
    )
