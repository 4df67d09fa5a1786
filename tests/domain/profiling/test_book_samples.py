"""A book as a row: what buying and selling at once would have cost, by hand."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from data_contracts import BookSample
from data_contracts.frames import frame_of
from domain.copying.book import Book, Level
from domain.profiling.book_costs import THIN
from domain.profiling.book_samples import costs_of, samples_of
from tasks.fast_check import breaches
from tests.markets import AS_OF, an_instrument


def levels(*pairs: tuple[str, float]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), Decimal(str(shares))) for price, shares in pairs)


YES = Book("yes", bids=levels(("0.38", 100), ("0.30", 300)), asks=levels(("0.42", 50), ("0.50", 1000)))
OPEN = replace(an_instrument(category="Sports/MLB"), ends_at=AS_OF + timedelta(hours=2))


def test_a_book_says_what_ten_a_hundred_and_a_thousand_usd_cost_on_either_side_of_the_middle() -> None:
    """The middle is 0.40. 10 USD buy at 0.42. 100 buy 50 shares for 21 and 158 for 79: 100 / 208. 100 sell for 38 and 62: 100 / 306.67."""
    (row,) = samples_of({"yes": YES}, {"yes": OPEN}, AS_OF)
    assert (row.bid, row.ask, row.price) == (Decimal("0.38"), Decimal("0.42"), Decimal("0.40"))
    assert (row.category, row.market_id, row.to_end_s) == ("sports", "market", 7200)
    assert (row.bid_depth, row.ask_depth) == pytest.approx((38 + 90, 21 + 500))
    assert (row.buy_10, row.sell_10) == pytest.approx((0.02, 0.02))
    assert (row.buy_100, row.sell_100) == pytest.approx((100 / 208 - 0.40, 0.40 - 100 / (100 + 62 / 0.30)))
    assert (row.buy_1000, row.sell_1000) == (None, None)
    assert list(breaches(frame_of([row], BookSample), BookSample)) == []


@pytest.mark.parametrize(
    "book",
    [
        Book("yes", (), YES.asks),
        Book("yes", YES.bids, ()),
        Book("yes", YES.bids, levels(("0.38", 10))),
        Book("yes", YES.bids, levels(("0.37", 10))),
        Book("other", YES.bids, YES.asks),
    ],
    ids=["nobody bids", "nobody offers", "locked", "crossed", "unknown"],
)
def test_a_book_without_a_middle_is_no_sample(book: Book) -> None:
    assert samples_of({book.token_id: book}, {"yes": OPEN}, AS_OF) == []


def test_a_price_that_may_be_above_one_is_no_outcomes() -> None:
    """A venue whose prices have no bound: 4 p (1 - p) says nothing there."""
    assert samples_of({"yes": YES}, {"yes": replace(OPEN, highest_price=None)}, AS_OF) == []


@pytest.mark.parametrize("ends_at", [None, AS_OF, AS_OF - timedelta(hours=1)])
def test_an_end_that_is_unknown_or_past_is_none(ends_at: object) -> None:
    (row,) = samples_of({"yes": YES}, {"yes": replace(OPEN, ends_at=ends_at)}, AS_OF)
    assert row.to_end_s is None


def test_a_size_that_the_book_cannot_fill_costs_as_a_thin_one_does() -> None:
    """Half of the spread of 0.04, and half a USD; who sells at 0.40 can lose no more than that."""
    costs = costs_of(frame_of(samples_of({"yes": YES}, {"yes": OPEN}, AS_OF), BookSample))
    assert costs.filter(notional=1000)["cost"].to_list() == pytest.approx([0.02 + THIN, 0.40])
    assert costs.filter(notional=10)["cost"].to_list() == pytest.approx([0.02] * 2)
    assert costs.select("category", "market", "to_end_s").unique().rows() == [("sports", "market", 7200.0)]
