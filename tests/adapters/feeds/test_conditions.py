"""What a replay assumes beyond its recording: a delay, a fee, a depth; and nothing by default."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.recorded import AS_RECORDED, Conditions, RecordedFeed
from data_contracts import Side

T0 = datetime(2022, 11, 8, 12, tzinfo=UTC)
TOKEN = "m:Yes"


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


@pytest.mark.parametrize("conditions", [AS_RECORDED, Conditions(30.0, 1.0, 500.0), Conditions(delay_s=0.5)])
def test_an_address_carries_the_conditions(conditions: Conditions) -> None:
    assert Conditions.of(f"/a/recording{conditions.address}") == (Path("/a/recording"), conditions)
    assert (conditions.address == "") == (conditions == AS_RECORDED)
