"""The simulated venue: what is in the book is all there is, and what one order took the next does not find."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.venues.simulated import SimulatedVenue
from adapters.venues.venue import Answer
from data_contracts import Instrument, Order, OrderStatus, Side, Venue
from domain.copying.book import Book, Level
from domain.ids import row_id
from tests.markets import an_instrument

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
LEADER = "0x" + "a" * 40
Post = Callable[..., list[Answer]]


class BooksOnly:
    """A feed that has these books and is asked for nothing else."""

    def __init__(self, *books: Book) -> None:
        self._books = {book.token_id: book for book in books}
        self.asked: list[tuple[set[str], datetime]] = []

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        self.asked.append((set(token_ids), as_of))
        return {token_id: self._books[token_id] for token_id in token_ids if token_id in self._books}


def levels(*pairs: tuple[str, float]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), Decimal(str(shares))) for price, shares in pairs)


YES = Book("yes", bids=levels(("0.39", 50), ("0.38", 100)), asks=levels(("0.41", 50), ("0.42", 100), ("0.50", 1000)))


def an_order(name: str = "order", **changes: Any) -> Order:
    """Buy 100 YES at 0.42 or better."""
    fields: dict[str, Any] = {
        "order_id": row_id(name),
        "signal_id": row_id("signal", name),
        "strategy_id": "strategy",
        "venue": Venue.POLYMARKET,
        "leader": LEADER,
        "market_id": "market",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.BUY,
        "shares": Decimal(100),
        "limit_price": Decimal("0.42"),
        "observed_price": Decimal("0.41"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": True,
        "order_hash": "",
        "created_at": AS_OF,
        "updated_at": AS_OF,
    }
    return Order(**(fields | changes))


def a_market(token_id: str = "yes", fee_rate: str = "0") -> Instrument:  # noqa: S107 (an outcome token, not a secret)
    return an_instrument(token_id=token_id, fee_rate=Decimal(fee_rate))


def post(*orders: Order, books: Collection[Book] = (YES,), fee_rate: str = "0") -> list[Answer]:
    markets = {order.token_id: a_market(order.token_id, fee_rate) for order in orders}
    return SimulatedVenue(BooksOnly(*books)).post(orders, markets, AS_OF)  # type: ignore[arg-type]


def got(answer: Answer) -> list[tuple[str, float]]:
    return [(str(fill.price), float(fill.shares)) for fill in answer.fills]


def test_a_buy_takes_the_asks_from_the_best_on_up_to_its_size() -> None:
    (answer,) = post(an_order())
    assert answer.status is OrderStatus.FILLED
    assert got(answer) == [("0.41", 50), ("0.42", 50)]


def test_a_sell_takes_the_bids_from_the_best_on() -> None:
    (answer,) = post(an_order(side=Side.SELL, limit_price=Decimal("0.38")))
    assert answer.status is OrderStatus.FILLED
    assert got(answer) == [("0.39", 50), ("0.38", 50)]


@pytest.mark.parametrize(
    ("side", "limit", "filled"),
    [
        (Side.BUY, "0.41", [("0.41", 50)]),
        (Side.BUY, "0.4199", [("0.41", 50)]),
        (Side.BUY, "0.42", [("0.41", 50), ("0.42", 100)]),
        (Side.SELL, "0.39", [("0.39", 50)]),
        (Side.SELL, "0.3801", [("0.39", 50)]),
        (Side.SELL, "0.38", [("0.39", 50), ("0.38", 100)]),
    ],
)
def test_nothing_is_filled_past_the_limit_and_no_more_than_is_there(side: Side, limit: str, filled: list[tuple[str, float]]) -> None:
    """500 are asked for: the rest is gone, not waiting."""
    (answer,) = post(an_order(side=side, limit_price=Decimal(limit), shares=Decimal(500)))
    assert answer.status is OrderStatus.PARTIAL
    assert got(answer) == filled


@pytest.mark.parametrize(
    "order",
    [
        an_order(limit_price=Decimal("0.40")),
        an_order(side=Side.SELL, limit_price=Decimal("0.40")),
        an_order(token_id="no"),
    ],
    ids=["below the best ask", "above the best bid", "no book"],
)
def test_an_order_that_meets_nobody_is_unfilled(order: Order) -> None:
    assert post(order) == [Answer(order.order_id, OrderStatus.UNFILLED)]


def test_an_empty_book_fills_nothing() -> None:
    assert post(an_order(), books=[Book("yes", (), ())])[0].status is OrderStatus.UNFILLED


def test_two_orders_of_one_call_do_not_get_the_same_shares() -> None:
    """50 at 0.41 and 100 at 0.42: the first takes 50 + 50, the second finds 50 and no more within its limit."""
    first, second, third = post(an_order("first"), an_order("second"), an_order("third"))
    assert got(first) == [("0.41", 50), ("0.42", 50)]
    assert got(second) == [("0.42", 50)]
    assert second.status is OrderStatus.PARTIAL
    assert third.status is OrderStatus.UNFILLED


def test_a_buy_and_a_sell_of_one_call_do_not_stand_in_each_others_way() -> None:
    buy, sell = post(an_order("buy"), an_order("sell", side=Side.SELL, limit_price=Decimal("0.38")))
    assert got(buy) == [("0.41", 50), ("0.42", 50)]
    assert got(sell) == [("0.39", 50), ("0.38", 50)]


def test_the_next_call_meets_the_book_as_the_feed_has_it_then() -> None:
    venue = SimulatedVenue(BooksOnly(YES))  # type: ignore[arg-type]
    for _ in range(2):
        assert got(venue.post([an_order()], {"yes": a_market()}, AS_OF)[0]) == [("0.41", 50), ("0.42", 50)]


def test_answers_come_one_an_order_and_in_their_order() -> None:
    orders = [an_order("c"), an_order("a", token_id="no"), an_order("b", side=Side.SELL)]
    assert [answer.order_id for answer in post(*orders)] == [order.order_id for order in orders]
    assert post() == []


def test_the_books_are_asked_for_once_for_all_orders_as_of_the_cycle() -> None:
    feed = BooksOnly(YES)
    orders = [an_order("a"), an_order("b"), an_order("c", token_id="no")]
    SimulatedVenue(feed).post(orders, {token: a_market(token) for token in ("yes", "no")}, AS_OF)  # type: ignore[arg-type]
    assert feed.asked == [({"yes", "no"}, AS_OF)]


def test_the_fee_is_the_markets_own_on_every_level() -> None:
    """Rate 0.05: 50 x 0.05 x 0.41 x 0.59 = 0.60475 and 50 x 0.05 x 0.42 x 0.58 = 0.609."""
    (answer,) = post(an_order(), fee_rate="0.05")
    assert [fill.fee for fill in answer.fills] == [Decimal("0.60475"), Decimal("0.60900")]
    assert [fill.fee for fill in post(an_order())[0].fills] == [0, 0]


def test_a_fill_says_whose_it_is_and_what_it_cost() -> None:
    order = an_order()
    (answer,) = post(order)
    for fill in answer.fills:
        assert (fill.order_id, fill.strategy_id, fill.leader) == (order.order_id, "strategy", LEADER)
        assert (fill.market_id, fill.token_id, fill.outcome, fill.side) == ("market", "yes", "Yes", Side.BUY)
        assert fill.notional == fill.price * fill.shares
        assert fill.filled_at == AS_OF
    assert len({fill.fill_id for fill in answer.fills}) == 2
    assert post(order)[0] == answer  # the same again, to the id


def test_the_hash_of_an_order_is_a_function_of_the_order_alone() -> None:
    venue = SimulatedVenue(BooksOnly())  # type: ignore[arg-type]
    assert venue.sign(an_order(), a_market()) == venue.sign(an_order(status=OrderStatus.UNKNOWN, order_hash="x"), a_market())
    changes: list[dict[str, Any]] = [
        {"order_id": row_id("other")},
        {"token_id": "no"},
        {"side": Side.SELL},
        {"shares": Decimal(101)},
        {"limit_price": Decimal("0.43")},
    ]
    assert len({venue.sign(an_order(**change), a_market()) for change in [{}, *changes]}) == 6


def test_no_order_is_found_that_was_never_on_record() -> None:
    venue = SimulatedVenue(BooksOnly(YES))  # type: ignore[arg-type]
    order = an_order()
    venue.post([order], {"yes": a_market()}, AS_OF)
    assert venue.find(order, a_market(), AS_OF) is None


prices = st.integers(1, 99).map(lambda cents: Decimal(cents) / 100)
sizes = st.integers(0, 10**9).map(lambda millionths: Decimal(millionths) / 10**6)
sides = st.sampled_from(list(Side))


@given(
    depth=st.dictionaries(prices, sizes, max_size=6),
    asked=st.lists(st.tuples(sides, sizes.filter(bool), prices), max_size=5),
)
def test_no_call_fills_more_than_the_book_or_the_order_or_past_a_limit(depth: dict[Decimal, Decimal], asked: list[Any]) -> None:
    rising = [Level(price, depth[price]) for price in sorted(depth)]
    book = Book("yes", bids=tuple(reversed(rising)), asks=tuple(rising))
    orders = [an_order(f"{n}", side=side, shares=shares, limit_price=limit) for n, (side, shares, limit) in enumerate(asked)]
    answers = post(*orders, books=[book])
    for side in Side:
        for price, there in depth.items():
            taken = [fill.shares for answer in answers for fill in answer.fills if fill.side is side and fill.price == price]
            assert sum(taken) <= there
    for order, answer in zip(orders, answers, strict=True):
        filled = sum(fill.shares for fill in answer.fills)
        status = OrderStatus.FILLED if filled == order.shares else OrderStatus.PARTIAL if filled else OrderStatus.UNFILLED
        assert filled <= order.shares
        assert answer.status is status
        assert all(fill.shares > 0 for fill in answer.fills)
        for fill in answer.fills:
            assert fill.price <= order.limit_price if order.side is Side.BUY else fill.price >= order.limit_price
