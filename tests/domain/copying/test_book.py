"""What an order gets from a visible book."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Side, Trade
from data_contracts.frames import frame_of, rows_of
from domain.copying.book import Book, Level, book_of, takes, without

ASKS = (Level(Decimal("0.52"), Decimal(100)), Level(Decimal("0.54"), Decimal(50)))
BIDS = (Level(Decimal("0.48"), Decimal(100)), Level(Decimal("0.46"), Decimal(50)))
BOOK = Book("yes", BIDS, ASKS)

PRICES = st.lists(st.integers(1, 99), unique=True, max_size=8)
AMOUNTS = st.decimals("0.01", 10_000, places=2)


@st.composite
def sides(draw: st.DrawFn) -> tuple[Side, list[Level]]:
    """The asks rising or the bids falling, best first."""
    side = draw(st.sampled_from(Side))
    ticks = sorted(draw(PRICES), reverse=side is Side.SELL)
    return side, [Level(Decimal(tick) / 100, draw(AMOUNTS)) for tick in ticks]


def test_a_buy_meets_the_asks_and_a_sell_the_bids() -> None:
    assert (BOOK.facing(Side.BUY), BOOK.facing(Side.SELL)) == (ASKS, BIDS)
    assert (BOOK.best(Side.BUY), BOOK.best(Side.SELL)) == (Decimal("0.52"), Decimal("0.48"))


def test_nobody_there_is_no_price() -> None:
    assert Book("yes", (), ASKS).best(Side.SELL) is None
    assert Book("yes", BIDS, ()).best(Side.BUY) is None


def test_a_side_that_went_through_a_frame_still_meets_its_own_side_of_the_book(a_trade: Any) -> None:
    """A side read back as text once matched every BUY against the bids: "BUY" is not Side.BUY, so it fell through to the other branch."""
    bought, sold = rows_of(frame_of([a_trade("buy", side=Side.BUY), a_trade("sell", side=Side.SELL)], Trade), Trade)
    assert BOOK.best(bought.side) == Decimal("0.52")
    assert BOOK.best(sold.side) == Decimal("0.48")


@pytest.mark.parametrize(
    ("side", "shares", "limit", "expected"),
    [
        (Side.BUY, 100, "0.52", [("0.52", 100)]),
        (Side.BUY, 100, "0.51", []),
        (Side.BUY, 120, "0.54", [("0.52", 100), ("0.54", 20)]),
        (Side.BUY, 120, "0.53", [("0.52", 100)]),  # the rest is killed
        (Side.BUY, 151, "0.60", [("0.52", 100), ("0.54", 50)]),  # all there is
        (Side.SELL, 100, "0.48", [("0.48", 100)]),
        (Side.SELL, 100, "0.49", []),
        (Side.SELL, 120, "0.46", [("0.48", 100), ("0.46", 20)]),
        (Side.SELL, 120, "0.47", [("0.48", 100)]),
        (Side.BUY, 0, "0.60", []),
    ],
)
def test_an_order_takes_level_by_level_up_to_its_limit(side: Side, shares: int, limit: str, expected: list[tuple[str, int]]) -> None:
    taken = takes(BOOK.facing(side), side, Decimal(shares), Decimal(limit))
    assert [(str(level.price), level.shares) for level in taken] == expected


def test_a_level_with_nothing_on_it_gives_no_fill() -> None:
    """A fill of no shares breaks the contract of fills, and the whole order's booking with it."""
    levels = [Level(Decimal("0.51"), Decimal(0)), *ASKS]
    assert takes(levels, Side.BUY, Decimal(10), Decimal("0.60")) == [Level(Decimal("0.52"), Decimal(10))]


def test_a_level_without_shares_is_no_level() -> None:
    """Bids 0.97 x 0 and 0.48 x 1000: the best bid was 0.97, so were mark and peak, and the next cycle sold what had never risen."""
    book = book_of("yes", [Level(Decimal("0.97"), Decimal(0)), BIDS[0]], [Level(Decimal("0.51"), Decimal(0)), *ASKS])
    assert (book.bids, book.asks) == (BIDS[:1], ASKS)


@pytest.mark.parametrize(
    ("price", "shares"),
    [
        ("0.97", "-1"),
        ("0.97", "NaN"),
        ("0.97", "Infinity"),
        ("NaN", "5"),
        ("Infinity", "5"),
        ("1", "5"),
        ("1.2", "5"),
        ("0", "5"),
        ("-0.1", "5"),
        ("0.97", "1e9999999"),
        ("0.97", "1e20"),
        ("0.97", "1e-19"),
        ("1e-9999999", "5"),
    ],
)
def test_a_level_outside_of_what_can_be_is_no_level_and_costs_the_others_nothing(price: str, shares: str) -> None:
    """1e9999999 shares overflowed the sum of the bids, and ended the look at every position."""
    odd = Level(Decimal(price), Decimal(shares))
    assert book_of("yes", [*BIDS, odd], [odd, *ASKS], price_below=Decimal(1)) == BOOK


def test_a_price_above_one_is_a_price_where_the_venue_has_such() -> None:
    dear = Level(Decimal("172.5"), Decimal(1))
    assert book_of("sol", [dear], []).bids == (dear,)


@given(st.lists(st.tuples(st.decimals(-1, 2, places=2), st.decimals(-5, 5, places=1)), max_size=8))
def test_whatever_comes_in_a_book_has_its_best_price_first_and_shares_at_each(pairs: list[tuple[Decimal, Decimal]]) -> None:
    levels = [Level(price, shares) for price, shares in pairs]
    book = book_of("yes", levels, levels, price_below=Decimal(1))
    assert all(level.shares > 0 and 0 < level.price < 1 for level in (*book.bids, *book.asks))
    assert [level.price for level in book.bids] == sorted((level.price for level in book.bids), reverse=True)
    assert [level.price for level in book.asks] == sorted(level.price for level in book.asks)


@given(sides(), AMOUNTS, st.integers(1, 99))
def test_a_fill_and_kill_never_goes_past_its_limit_its_shares_or_the_depth(
    side_and_levels: tuple[Side, list[Level]], shares: Decimal, limit: int
) -> None:
    side, levels = side_and_levels
    limit_price = Decimal(limit) / 100
    taken = takes(levels, side, shares, limit_price)
    within = [level for level in levels if (level.price <= limit_price if side is Side.BUY else level.price >= limit_price)]
    assert sum(level.shares for level in taken) == min(shares, sum(level.shares for level in within))
    assert [level.price for level in taken] == [level.price for level in within[: len(taken)]]
    assert all(0 < level.shares <= there.shares for level, there in zip(taken, levels, strict=False))


@given(sides(), AMOUNTS, AMOUNTS, st.integers(1, 99))
def test_two_orders_after_each_other_get_no_more_than_one_of_both(
    side_and_levels: tuple[Side, list[Level]], first: Decimal, second: Decimal, limit: int
) -> None:
    side, levels = side_and_levels
    limit_price = Decimal(limit) / 100
    taken = takes(levels, side, first, limit_price)
    then = takes(without(levels, taken), side, second, limit_price)
    together = takes(levels, side, first + second, limit_price)
    assert sum(level.price * level.shares for level in [*taken, *then]) == sum(level.price * level.shares for level in together)


def test_two_lines_at_one_price_are_one_level_and_what_was_taken_of_it_is_not_there_twice() -> None:
    """Asks 0.52 x 60 and 0.52 x 40. An order took 70; the next one of that cycle found 80: 50 of the first line, 30 of the second."""
    lines = [Level(Decimal("0.52"), Decimal(60)), Level(Decimal("0.52"), Decimal(40)), ASKS[1]]
    book = book_of("yes", BIDS, lines)
    assert book.asks == ASKS
    taken = takes(book.asks, Side.BUY, Decimal(70), Decimal("0.52"))
    assert without(book.asks, taken) == (Level(Decimal("0.52"), Decimal(30)), ASKS[1])
    assert without(lines, takes(lines, Side.BUY, Decimal(70), Decimal("0.52"))) == (Level(Decimal("0.52"), Decimal(30)), ASKS[1])


@given(sides(), AMOUNTS)
def test_what_is_taken_and_what_is_left_is_what_was_there(side_and_levels: tuple[Side, list[Level]], shares: Decimal) -> None:
    side, levels = side_and_levels
    taken = takes(levels, side, shares, Decimal(1) if side is Side.BUY else Decimal(0))
    left = without(levels, taken)
    assert sum(level.shares for level in [*taken, *left]) == sum(level.shares for level in levels)
    assert all(level.shares > 0 for level in left)
