"""When a held market is asked about, and what a cycle writes of positions that nothing happened to."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.connect import open_results
from adapters.stores.memory import MemoryResults
from adapters.stores.results import Write
from data_contracts import KnownRow, Position, Venue
from domain.copying.book import Book, Level
from tasks.copying.booking import settle_positions
from tests.markets import told

pytestmark = pytest.mark.usefixtures("bare")


@dataclass
class OneMarket:
    """Knows one market, and the second it was asked for it; `bid` is the best price in its book."""

    t0: datetime
    ends_at: datetime | None = None
    bid: str = "0.50"
    asked_s: list[float] = field(default_factory=list)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        self.asked_s.append((as_of - self.t0).total_seconds())
        return told(*({"token_id": token_id, "ends_at": self.ends_at, "updated_at": as_of} for token_id in token_ids))

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        return {token_id: Book(token_id, (Level(Decimal(self.bid), Decimal(100)),), ()) for token_id in token_ids}


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch, t0: datetime) -> OneMarket:
    venue = OneMarket(t0)
    for place in ("tasks.copying.instruments.open_feed", "tasks.copying.booking.open_feed"):
        monkeypatch.setattr(place, lambda settings: venue)
    return venue


@pytest.fixture
def home(rooms: Any, t0: datetime) -> Any:
    """Two strategies hold the same token."""
    home = rooms()
    home.put(held("one", t0), held("two", t0))
    return home


def held(strategy_id: str, at: datetime) -> Position:
    """100 shares that cost 40 USD."""
    return Position(
        strategy_id=strategy_id,
        venue=Venue.POLYMARKET,
        leader="0x" + "a" * 40,
        market_id="m",
        token_id="yes",
        outcome="Yes",
        category="politics",
        shares=Decimal(100),
        cost=Decimal(40),
        realized_pnl=Decimal(0),
        fees=Decimal(0),
        lots='[["100", "40"]]',
        mark_price=None,
        unrealized_pnl=None,
        opened_at=at,
        updated_at=at,
        closed_at=None,
    )


def settle(home: Any, t0: datetime, *seconds: float) -> list[list[Position]]:
    return [settle_positions(home.settings, t0 + timedelta(seconds=at_s)) for at_s in seconds]


def test_a_held_market_is_asked_for_every_two_minutes_and_in_each_cycle_from_its_end_on(home: Any, venue: OneMarket, t0: datetime) -> None:
    """It ends after 300 s. Cycles are 30 s apart: 0 is the first look, 120 and 240 are two minutes after the last."""
    venue.ends_at = t0 + timedelta(seconds=300)
    settle(home, t0, *range(0, 361, 30))
    assert venue.asked_s == [0, 120, 240, 300, 330, 360]


def test_a_held_market_that_tells_no_end_is_asked_for_in_each_cycle_and_once(home: Any, venue: OneMarket, t0: datetime) -> None:
    settle(home, t0, 0, 30, 60)
    assert venue.asked_s == [0, 30, 60]


def test_a_mark_that_did_not_move_is_not_written_again(home: Any, venue: OneMarket, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bid is 0.50 twice and 0.45 then: 100 x 0.50 - 40 = 10 USD, 100 x 0.45 - 40 = 5 USD. What a person sees has them all."""
    written: list[int] = []
    really = MemoryResults.write

    def write(store: MemoryResults, writes: list[Write]) -> None:
        if any(write.row_class is not KnownRow for write in writes):
            written.append(sum(write.frame.height for write in writes))
        really(store, writes)

    monkeypatch.setattr(MemoryResults, "write", write)
    first, second = settle(home, t0, 0, 30)
    venue.bid = "0.45"
    (third,) = settle(home, t0, 60)
    assert [sum(written[at : at + 2]) for at in (0, 2, 4)] == [2, 0, 2]
    assert [[position.unrealized_pnl for position in held] for held in (first, second, third)] == [[10, 10], [10, 10], [5, 5]]
    assert open_results(home.settings).read(Position)["unrealized_pnl"].to_list() == [5, 5]
