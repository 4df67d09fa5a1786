"""What a replay assumes beyond its recording: a delay, a fee, a depth; and nothing by default."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.feeds.recorded import RecordedFeed
from adapters.feeds.recorded_conditions import AS_RECORDED, CHARGED, Conditions
from adapters.feeds.recorded_spread import ladder
from data_contracts import Side
from data_contracts.errors import Refused
from domain.copying.book import Book
from domain.profiling.spread_texts import spreads_from, text_of
from domain.profiling.spreads import FITTED, SIZES, cost_of

T0 = datetime(2022, 11, 8, 12, tzinfo=UTC)
TOKEN = "m:Yes"
OWN = replace(CHARGED, fit=text_of(FITTED))


@pytest.fixture
def feed(tmp_path: Path) -> Callable[[Conditions], RecordedFeed]:
    """100 shares at 0.40, a minute later 50 at 0.50; the market is over after ten minutes."""
    rows = [
        {"traded_at": T0, "wallet": "a", "market_id": "m", "outcome": "Yes", "side": "BUY", "shares": 100.0, "price": 0.40},
        {
            "traded_at": T0 + timedelta(minutes=1),
            "wallet": "b",
            "market_id": "m",
            "outcome": "Yes",
            "side": "BUY",
            "shares": 50.0,
            "price": 0.5,
        },
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "trades.parquet")
    over = {"market_id": ["m"], "winner": ["Yes"], "resolved_at": [T0 + timedelta(minutes=10)], "category": ["politics/midterms"]}
    pl.DataFrame(over).write_parquet(tmp_path / "markets.parquet")
    return lambda conditions: RecordedFeed(tmp_path, conditions)


def asked(feed: RecordedFeed, at: datetime) -> tuple[Decimal, Decimal] | None:
    book = feed.books([TOKEN], at).get(TOKEN)
    return (book.facing(Side.BUY)[0].price, book.facing(Side.BUY)[0].shares) if book else None


@pytest.mark.parametrize(("delay_s", "price"), [(0, "0.40"), (29, "0.40"), (30, "0.50")])
def test_an_order_meets_the_market_as_it_is_when_it_gets_there(
    feed: Callable[[Conditions], RecordedFeed], delay_s: float, price: str
) -> None:
    found = asked(feed(Conditions(delay_s=delay_s)), T0 + timedelta(seconds=30))
    assert found is not None
    assert found[0] == Decimal(price)


@pytest.mark.parametrize(("delay_s", "there"), [(59, True), (60, False)])
def test_an_order_that_gets_there_after_the_end_meets_nobody(
    feed: Callable[[Conditions], RecordedFeed], delay_s: float, there: bool
) -> None:
    assert (asked(feed(Conditions(delay_s=delay_s)), T0 + timedelta(minutes=9)) is not None) == there


def test_a_depth_in_usd_stands_in_place_of_the_trades_shares(feed: Callable[[Conditions], RecordedFeed]) -> None:
    """60 USD at 0.40 are 150 shares."""
    assert asked(feed(Conditions(depth_usd=60)), T0) == (Decimal("0.40"), Decimal(150))
    assert asked(feed(AS_RECORDED), T0) == (Decimal("0.40"), Decimal(100))


@pytest.mark.parametrize(("multiplier", "rate"), [(0, "0"), (1, "0.04"), (2, "0.08")])
def test_the_fee_is_that_of_the_category_today_times_the_multiplier(
    feed: Callable[[Conditions], RecordedFeed], multiplier: float, rate: str
) -> None:
    """politics/midterms pays what politics pays."""
    assert feed(Conditions(fee_multiplier=multiplier)).all_markets["fee_rate"].to_list() == [Decimal(rate)]


def spent(book: Book, side: Side, usd: str) -> float:
    """The average price of so many USD."""
    left, shares = Decimal(usd), Decimal(0)
    for level in book.facing(side):
        part = min(left, level.price * level.shares)
        left, shares = left - part, shares + part / level.price
    assert left == 0
    return float(Decimal(usd) / shares)


@pytest.mark.parametrize("usd", ["10", "100", "1000"])
def test_where_trades_are_the_books_buying_and_selling_cost_what_recorded_books_cost(
    feed: Callable[[Conditions], RecordedFeed], usd: str
) -> None:
    """A copy was filled at the leader's own price, as if nobody stood between. Politics was not recorded: all together stand."""
    book = feed(Conditions(depth_usd=2_000, spread="fitted")).books([TOKEN], T0)[TOKEN]
    cost = cost_of(np.array(["politics"], object), np.array([0.40]), float(usd)).mean[0]
    assert spent(book, Side.BUY, usd) == pytest.approx(0.40 + cost, abs=2e-4)  # levels lie on a tick of 0.0001
    assert spent(book, Side.SELL, usd) == pytest.approx(0.40 - cost, abs=2e-4)


def test_a_fit_of_our_own_is_charged_in_place_of_the_shipped_one(feed: Callable[[Conditions], RecordedFeed]) -> None:
    """Everything twice as dear: the asks lie twice as far above the price of 0.40, up to a tick. Replays knew the shipped fit only."""
    dearer = {name: {size: replace(one, even=2 * one.even) for size, one in sizes.items()} for name, sizes in FITTED.items()}
    shipped, own = CHARGED, replace(CHARGED, fit=text_of(dearer))
    above = [feed(one).books([TOKEN], T0)[TOKEN].asks[0].price - Decimal("0.40") for one in (shipped, own)]
    assert above[0] > Decimal("0.001")
    assert abs(above[1] - 2 * above[0]) <= Decimal("0.0002")


@given(st.sampled_from(sorted(FITTED)), st.sampled_from(SIZES), st.floats(0.0001, 1), st.floats(0.5, 2))
def test_a_fit_comes_back_from_its_text_to_the_last_digit(name: str, size: float, even: float, hour: float) -> None:
    changed = {name: dict(FITTED[name]) | {size: replace(FITTED[name][size], even=even, hours=(hour, 1.0, 1.0, 1.0))}}
    assert spreads_from(text_of(dict(FITTED) | changed)) == {key: dict(sizes) for key, sizes in FITTED.items()} | changed


def test_the_middle_of_what_is_charged_is_the_price_that_was_traded_at(feed: Callable[[Conditions], RecordedFeed]) -> None:
    """So a mark stays what it was."""
    book = feed(CHARGED).books([TOKEN], T0)[TOKEN]
    bid, ask = book.best(Side.SELL), book.best(Side.BUY)
    assert bid is not None is not ask
    assert (bid + ask) / 2 == Decimal("0.40")
    assert sum(level.shares for level in book.asks) == sum(level.shares for level in book.bids) == 100


prices = st.integers(1, 10_000).map(lambda units: Decimal(units) / 10_000)


@given(prices, st.integers(1, 10**12).map(lambda units: Decimal(units) / 10**6), st.lists(st.floats(1e-6, 0.7), min_size=3, max_size=3))
def test_no_level_is_better_than_the_middle_nor_than_the_one_before_and_no_share_is_there_twice(
    price: Decimal, shares: Decimal, costs: list[float]
) -> None:
    book = ladder(TOKEN, price, shares, sorted(costs))
    for side, sign in ((Side.BUY, 1), (Side.SELL, -1)):
        levels = book.facing(side)
        assert [sign * level.price for level in levels] == sorted(sign * level.price for level in levels)
        assert all(sign * (level.price - price) >= 0 and 0 < level.price <= 1 and level.shares > 0 for level in levels)
        assert sum(level.shares for level in levels) <= shares


def test_what_is_charged_hangs_on_the_end_and_the_recording_says_when_that_is(tmp_path: Path) -> None:
    """Crypto, whose books were recorded to their ends: 100 USD two minutes before it cost 1.6 times what they cost twenty before."""
    rows = [
        {
            "traded_at": T0 + timedelta(minutes=at),
            "wallet": "a",
            "market_id": "m",
            "outcome": "Yes",
            "side": "BUY",
            "shares": 9e3,
            "price": 0.5,
        }
        for at in (0, 18)
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "trades.parquet")
    market = {"market_id": ["m"], "winner": [""], "ends_at": [T0 + timedelta(minutes=20)], "category": ["crypto"]}
    pl.DataFrame(market).write_parquet(tmp_path / "markets.parquet")
    feed = RecordedFeed(tmp_path, CHARGED)
    early, late = (spent(feed.books([TOKEN], T0 + timedelta(minutes=at))[TOKEN], Side.BUY, "100") - 0.5 for at in (0, 18))
    assert late / early == pytest.approx(1.58, abs=0.05)


def test_a_spread_that_is_none_of_them_is_refused() -> None:
    with pytest.raises(Refused, match="write fitted or none"):
        AS_RECORDED.changed({"spread": "wide"})


@pytest.mark.parametrize("conditions", [AS_RECORDED, Conditions(30.0, 1.0, 500.0), OWN, Conditions(delay_s=0.5), CHARGED])
def test_an_address_carries_the_conditions(conditions: Conditions) -> None:
    assert Conditions.of(f"/a/recording{conditions.address}") == (Path("/a/recording"), conditions)
    assert (conditions.address == "") == (conditions == AS_RECORDED)
