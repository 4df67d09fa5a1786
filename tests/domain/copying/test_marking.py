"""What a share is worth, and how long we believe it before a book says otherwise."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Doubt, Mark
from domain.copying.book import Book, Level
from domain.copying.marking import PATIENCE, SECOND_LOOK, MarkedPosition, Scale, mark_token, next_look, peak_of, quote_of, with_marks

CENT = Scale(Decimal("0.01"), Decimal(1), Decimal(1))  # of an outcome
T0 = datetime.fromisoformat("2026-11-03T12:00:00+00:00")
GOOD, GHOST = ("0.49", "0.51"), ("0.01", "0.99")


def book(bid: str | None, ask: str | None, shares: str = "1000") -> Book:
    def side(price: str | None) -> tuple[Level, ...]:
        return () if price is None else (Level(Decimal(price), Decimal(shares)),)

    return Book("yes", side(bid), side(ask))


def looks(*books: tuple[float, str | None, str | None], before: Mark | None = None) -> list[Decimal | None]:
    """The price believed after each look: (seconds, bid, ask)."""
    mark, prices = before, []
    for at_s, bid, ask in books:
        mark = mark_token(mark, "yes", book(bid, ask), CENT, T0 + timedelta(seconds=at_s))
        prices.append(mark.price)
    return prices


@pytest.mark.parametrize(
    ("bid", "ask", "shares", "price", "doubt"),
    [
        ("0.49", "0.51", "1000", "0.50", None),
        ("0.40", "0.50", "1000", "0.45", None),  # up to 0.10
        ("0.40", "0.51", "1000", "0.40", Doubt.WIDE),
        ("0.01", "0.02", "1000", "0.015", None),  # two ticks are no spread
        ("0.01", "0.03", "1000", "0.02", None),
        ("0.01", "0.04", "1000", "0.01", Doubt.WIDE),  # more than half of the middle
        ("0.01", "0.99", "1000", "0.01", Doubt.WIDE),
        ("0.49", None, "1000", "0.49", Doubt.WIDE),
        (None, "0.51", "1000", "0", Doubt.NO_BIDS),
        (None, None, "1000", "0", Doubt.NO_BIDS),
        ("0.51", "0.49", "1000", "0.51", Doubt.CROSSED),
        ("0.50", "0.50", "1000", "0.50", None),  # a recording's last trade, as a book
        ("0.50", "0.52", "2", "0.51", None),  # a dollar of bids
        ("0.50", "0.52", "1.99", "0.50", Doubt.THIN),
        ("172.4", "172.6", "1", "172.5", None),
        ("150", "190", "1", "150", Doubt.WIDE),
    ],
)
def test_a_book_that_can_be_traded_on_is_worth_its_middle_and_another_its_bid(
    bid: str | None, ask: str | None, shares: str, price: str, doubt: Doubt | None
) -> None:
    assert quote_of(book(bid, ask, shares), None, CENT) == (Decimal(price), doubt)


LAMPORT = Scale(Decimal("1e-18"), whole=Decimal(0), smallest_order=Decimal("0.001"))  # a mint: SOL a token, no bound


@pytest.mark.parametrize(
    ("bid", "ask", "shares", "doubt"),
    [
        ("1.90e-9", "2.10e-9", "500000000", None),  # 0.2 of 2: a tenth of the price; and 0.95 SOL of bids
        ("1.89e-9", "2.11e-9", "500000000", Doubt.WIDE),
        ("1.90e-9", "2.10e-9", "526316", None),  # 526,316 x 1.90e-9 = 0.0010000004 SOL
        ("1.90e-9", "2.10e-9", "526315", Doubt.THIN),  # 0.0009999985
    ],
)
def test_where_nothing_bounds_a_price_a_books_width_is_a_part_of_it(bid: str, ask: str, shares: str, doubt: Doubt | None) -> None:
    """An outcome's 0.10 of a dollar would find no spread of a memecoin wide, and its dollar of bids would find 1 SOL of them thin."""
    assert quote_of(book(bid, ask, shares), None, LAMPORT)[1] is doubt


@pytest.mark.parametrize(("now", "doubt"), [("1.20e-9", None), ("1.21e-9", Doubt.JUMP), ("0.80e-9", None), ("0.79e-9", Doubt.JUMP)])
def test_where_nothing_bounds_a_price_a_jump_is_a_fifth_of_the_last(now: str, doubt: Doubt | None) -> None:
    assert quote_of(book(now, now, "10000000"), Decimal("1e-9"), LAMPORT)[1] is doubt


@pytest.mark.parametrize(
    ("last", "now", "doubt"),
    [
        ("0.50", "0.70", None),
        ("0.50", "0.71", Doubt.JUMP),
        ("0.50", "0.30", None),
        ("0.50", "0.29", Doubt.JUMP),
        ("0.10", "0.05", None),
        ("0.10", "0.04", Doubt.JUMP),  # less than half, and six ticks
        ("0.04", "0.01", None),  # less than half, but three ticks
        ("0.05", "0.11", Doubt.JUMP),
        (None, "0.01", None),
    ],
)
def test_a_good_book_far_from_the_last_is_looked_at_twice(last: str | None, now: str, doubt: Doubt | None) -> None:
    assert quote_of(book(now, now), last and Decimal(last), CENT)[1] is doubt  # type: ignore[arg-type]


def test_one_snapshot_of_ghosts_moves_nothing() -> None:
    """0.01/0.99 for one look, normal thirty seconds later: equity fell from 10,000 to 6,266, and the halt stayed."""
    assert looks((0, *GOOD), (30, *GHOST), (60, *GOOD)) == [Decimal("0.50")] * 3


@pytest.mark.parametrize("ghost", [("0.01", "0.02"), ("0.98", "0.99"), (None, None), (None, "0.02"), ("0.01", None), ("0.60", "0.40")])
def test_whatever_one_snapshot_says_of_ghosts_it_moves_nothing(ghost: tuple[str | None, str | None]) -> None:
    assert looks((0, *GOOD), (30, *ghost), (60, *GOOD), (90, *ghost), (120, *GOOD)) == [Decimal("0.50")] * 5


def test_ghosts_of_a_minute_move_nothing_either() -> None:
    assert looks((0, *GOOD), (30, *GHOST), (60, *GHOST), (90, *GHOST), (120, *GOOD)) == [Decimal("0.50")] * 5


def test_a_market_that_crashes_is_believed_one_look_later() -> None:
    """0.50, then 0.20, 0.10, 0.03, each in a good book: what two looks agree on at least."""
    prices = looks((0, *GOOD), (30, "0.19", "0.21"), (60, "0.09", "0.11"), (90, "0.02", "0.04"), (120, "0.02", "0.04"))
    assert prices == [Decimal(price) for price in ("0.50", "0.50", "0.20", "0.10", "0.03")]


def test_bids_that_vanish_for_good_leave_nothing_to_sell_at() -> None:
    """The last mark stood for ever: equity too high, and the stop silent."""
    at_s = [30, 60, 90, 120, 149, 150]
    prices = looks((0, *GOOD), *[(at, None, "0.51") for at in at_s])
    assert prices == [Decimal("0.50")] * 6 + [0]  # two minutes after they were first missed


def test_bids_that_come_back_are_believed_again() -> None:
    gone = Mark(token_id="yes", price=Decimal(0), marked_at=T0, doubt=Doubt.NO_BIDS, doubted_price=Decimal(0), doubted_at=T0)
    assert looks((180, *GOOD), (210, *GOOD), before=gone) == [0, Decimal("0.50")]


def test_a_market_that_is_always_wide_has_its_bid_for_a_price_and_follows_it() -> None:
    wide = [(at_s, "0.30", "0.60") for at_s in (0, 60, 120, 150)]
    assert looks(*wide) == [None, None, Decimal("0.30"), Decimal("0.30")]
    falls = [(at_s, "0.28", "0.60") for at_s in (180, 300)]
    assert looks(*wide, *falls)[-2:] == [Decimal("0.30"), Decimal("0.28")]


def test_looking_again_at_the_same_instant_believes_nothing() -> None:
    """A step that is tried again is no second look."""
    assert looks((0, *GOOD), (30, "0.02", "0.04"), (30, "0.02", "0.04")) == [Decimal("0.50")] * 3


def test_a_mark_that_nothing_moved_is_the_very_same_row() -> None:
    mark = mark_token(None, "yes", book(*GOOD), CENT, T0)
    assert mark_token(mark, "yes", book(*GOOD), CENT, T0 + timedelta(seconds=30)) == mark
    doubted = mark_token(mark, "yes", book(*GHOST), CENT, T0 + timedelta(seconds=60))
    assert mark_token(doubted, "yes", book(*GHOST), CENT, T0 + timedelta(seconds=90)) == doubted


@pytest.mark.parametrize(("bid", "ask", "patience"), [("0.01", "0.02", SECOND_LOOK), (*GHOST, PATIENCE), ("0.50", "0.50", None)])
def test_the_next_look_that_may_believe_it_is_known(bid: str, ask: str, patience: timedelta | None) -> None:
    """A replay leaves out cycles in which nothing happens; this one it must not."""
    mark = mark_token(mark_token(None, "yes", book(*GOOD), CENT, T0), "yes", book(bid, ask), CENT, T0)
    assert next_look(mark) == (None if patience is None else T0 + patience)


PRICES = st.one_of(st.none(), st.integers(1, 99).map(lambda cents: str(Decimal(cents) / 100)))


@given(st.lists(st.tuples(PRICES, PRICES), min_size=1, max_size=12), st.lists(st.integers(11, 300), min_size=12, max_size=12))
def test_a_mark_is_always_between_nothing_and_the_highest_that_was_ever_asked_or_bid(books: list[Any], gaps: list[int]) -> None:
    times = [sum(gaps[:number]) for number in range(len(books))]
    prices = looks(*[(at_s, *pair) for at_s, pair in zip(times, books, strict=True)])
    highest = max((Decimal(price) for pair in books for price in pair if price), default=Decimal(0))
    assert all(price is None or 0 <= price <= highest for price in prices)


@given(PRICES, PRICES)
def test_whatever_stands_for_five_minutes_is_believed(bid: str | None, ask: str | None) -> None:
    prices = looks((0, *GOOD), *[(at_s, bid, ask) for at_s in range(30, 331, 30)])
    assert prices[-1] == quote_of(book(bid, ask), prices[-1], CENT)[0]


def test_the_same_mark_values_a_position_everywhere(a_position: Any) -> None:
    """100 shares that cost 40, at 0.55: worth 55, 15 gained. Without a mark they are worth what they cost."""
    mark = Mark(token_id="yes", price=Decimal("0.55"), marked_at=T0, doubt=None, doubted_price=None, doubted_at=None)
    known, unknown = with_marks([a_position()], {"yes": mark}, {}, {})[0], with_marks([a_position()], {}, {}, {})[0]
    assert (known.worth, known.unrealized_pnl, unknown.worth, unknown.unrealized_pnl) == (55, 15, 40, None)


def test_a_peak_is_of_this_opening(a_position: Any) -> None:
    """It rose to 0.80, was sold, and bought again: what it was before is not what it fell from."""
    first = peak_of(a_position(), Decimal("0.80"), None)
    assert first is not None
    assert peak_of(a_position(), Decimal("0.70"), first) == first
    again = a_position(opened_at=T0 + timedelta(days=1))
    assert with_marks([again], {}, {("strategy", again.leader, "yes"): first}, {})[0].peak_price is None
    second = peak_of(again, Decimal("0.30"), first)
    assert second is not None
    assert (second.price, second.opened_at) == (Decimal("0.30"), again.opened_at)
    assert isinstance(with_marks([again], {}, {}, {})[0], MarkedPosition)
