"""When a held market is asked about, what our holdings are marked at, and how they end."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.stores.memory import MemoryResults
from adapters.stores.results import Write
from data_contracts import Fill, Mark, OrderStatus, Peak, Position, Settlement, Side
from domain.copying.book import Book, Level
from domain.copying.marking import MarkedPosition
from domain.ids import row_id
from tasks.copying.settling import resolved_positions, settle_positions
from tests.ledger_rows import a_fill, a_position, an_order
from tests.markets import told

pytestmark = pytest.mark.usefixtures("bare")


@dataclass
class OneMarket:
    """Knows one market, and the second it was asked for it; `bid` and `ask` are the prices in its book, without both there is none."""

    t0: datetime
    ends_at: datetime | None = None
    bid: str | None = "0.50"
    ask: str | None = "0.50"
    payout: Decimal | None = None
    asked_s: list[float] = field(default_factory=list)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        self.asked_s.append((as_of - self.t0).total_seconds())
        end = {"ended_at": None if self.payout is None else self.t0, "payout": self.payout}
        return told(*({"token_id": token_id, "ends_at": self.ends_at, "updated_at": as_of} | end for token_id in token_ids))

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        sides = [(Level(Decimal(price), Decimal(1000)),) if price else () for price in (self.bid, self.ask)]
        return {token_id: Book(token_id, *sides) for token_id in token_ids} if self.bid or self.ask else {}


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch, t0: datetime) -> OneMarket:
    venue = OneMarket(t0)
    for place in ("tasks.copying.instruments.feed_of", "tasks.copying.venues.feed_of"):
        monkeypatch.setattr(place, lambda name, settings: venue)
    return venue


@pytest.fixture
def home(rooms: Any, t0: datetime) -> Any:
    """Two strategies hold the same token."""
    home = rooms()
    for name in ("one", "two"):
        home.put(bought(t0, name), held(t0, name))
    return home


def bought(at: datetime, strategy_id: str) -> Fill:
    """The entry that `held` follows from."""
    return a_fill(an_order(at, strategy_id, strategy_id=strategy_id), category="politics")


def held(at: datetime, strategy_id: str) -> Position:
    """100 shares that cost 40 USD."""
    return a_position(at, strategy_id=strategy_id)


def settle(home: Any, t0: datetime, *seconds: float) -> list[list[MarkedPosition]]:
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
    """It is 0.50 twice and 0.45 then: 100 x 0.50 - 40 = 10 USD, 100 x 0.45 - 40 = 5 USD. What a person sees has them all."""
    written: list[int] = []
    really = MemoryResults.write

    def write(store: MemoryResults, writes: list[Write]) -> None:
        if marks := [write for write in writes if write.row_class in (Mark, Peak)]:
            written.append(sum(write.frame.height for write in marks))
        really(store, writes)

    monkeypatch.setattr(MemoryResults, "write", write)
    first, second = settle(home, t0, 0, 30)
    venue.bid = venue.ask = "0.45"
    (third,) = settle(home, t0, 60)
    assert written == [1 + 2, 0, 1]  # a mark of the token and two peaks; nothing; the mark
    assert [[position.unrealized_pnl for position in held] for held in (first, second, third)] == [[10, 10], [10, 10], [5, 5]]


def worth(found: list[list[MarkedPosition]]) -> list[list[Decimal]]:
    return [[position.worth for position in held] for held in found]


def test_a_snapshot_of_ghosts_is_no_loss(home: Any, venue: OneMarket, t0: datetime) -> None:
    """Every book is 0.01/0.99 for one look, and the next is normal: 50 a position before, meanwhile and after."""
    found = settle(home, t0, 0)
    venue.bid, venue.ask = "0.01", "0.99"
    found += settle(home, t0, 30)
    venue.bid = venue.ask = "0.50"
    found += settle(home, t0, 60)
    assert worth(found) == [[50, 50]] * 3


@pytest.mark.parametrize("ask", ["0.52", None])
def test_bids_that_vanish_for_two_minutes_are_a_loss(home: Any, venue: OneMarket, t0: datetime, ask: str | None) -> None:
    """The last mark stood for ever. A token without any book left has no bids either."""
    found = settle(home, t0, 0)
    venue.bid, venue.ask = None, ask
    found += settle(home, t0, 30, 60, 149, 150)
    assert worth(found) == [[50, 50]] * 4 + [[0, 0]]


def test_a_market_that_ended_keeps_its_last_mark_until_it_is_resolved(home: Any, venue: OneMarket, t0: datetime) -> None:
    """The venue takes its book away: that is no loss, it is waiting."""
    venue.ends_at = t0 + timedelta(seconds=20)
    found = settle(home, t0, 0)
    venue.bid = venue.ask = None
    assert worth(found + settle(home, t0, 30, 600)) == [[50, 50]] * 3


def test_what_resolved_is_settled_once_and_derived_from_its_log(home: Any, venue: OneMarket, t0: datetime) -> None:
    venue.payout = Decimal(1)
    assert settle(home, t0, 30, 60) == [[], []]
    assert [(row.shares, row.realized_pnl) for row in home.rows(Settlement)] == [(100, 60)] * 2
    assert [(row.shares, row.realized_pnl) for row in home.rows(Position)] == [(0, 60)] * 2


def test_what_resolved_is_shown_before_it_is_settled_and_not_after(home: Any, venue: OneMarket, t0: datetime) -> None:
    assert resolved_positions(home.settings, t0) == []
    venue.payout, venue.ends_at = Decimal(1), t0
    shown = resolved_positions(home.settings, t0 + timedelta(seconds=30))
    assert [(one.strategy_id, payout) for one, payout in shown] == [("one", Decimal(1)), ("two", Decimal(1))]
    assert not home.rows(Settlement)
    settle(home, t0, 60)
    assert len(home.rows(Settlement)) == 2
    assert resolved_positions(home.settings, t0 + timedelta(seconds=90)) == []


def test_what_an_order_may_still_change_is_not_settled_before_its_answer(home: Any, venue: OneMarket, t0: datetime) -> None:
    """One of the two strategies has an order without an answer."""
    venue.payout = Decimal(1)
    waiting = an_order(t0, side=Side.SELL, shares=Decimal(10), observed_price=Decimal("0.50"), status=OrderStatus.UNKNOWN)
    home.put(waiting)
    settle(home, t0, 30)
    assert [row.strategy_id for row in home.rows(Settlement)] == ["two"]
    home.put(replace(waiting, status=OrderStatus.UNFILLED))
    settle(home, t0, 60)
    assert [row.strategy_id for row in home.rows(Settlement)] == ["one", "two"]


def test_dust_of_an_older_version_is_written_off(rooms: Any, venue: OneMarket, t0: datetime) -> None:
    """Bought 100, sold 99.99 before what is near nothing was nothing."""
    home = rooms()
    sold = replace(bought(t0, "one"), fill_id=row_id("sold"), side=Side.SELL, shares=Decimal("99.99"), notional=Decimal("39.996"))
    left = replace(held(t0, "one"), shares=Decimal("0.01"), cost=Decimal("0.004"), lots='[["0.010000", "0.004000"]]')
    home.put(bought(t0, "one"), replace(sold, filled_at=t0 + timedelta(seconds=1)), left)
    assert settle(home, t0, 30) == [[]]
    assert [(row.shares, row.closed_at is not None) for row in home.rows(Position)] == [(0, True)]


def test_whoever_does_not_execute_reads_marks_and_writes_none(
    home: Any, venue: OneMarket, t0: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(home, t0, 0)
    monkeypatch.setattr("tasks.copying.settling.executes_here", lambda settings: False)
    venue.bid = venue.ask = "0.45"
    venue.payout = Decimal(1)
    assert worth(settle(home, t0, 30)) == [[50, 50]]
    assert ([row.price for row in home.rows(Mark)], home.rows(Settlement)) == ([Decimal("0.5")], [])
