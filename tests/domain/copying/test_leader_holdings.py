"""What a leader held before a sale, from one answer and what happened around it. The world of these tests knows the truth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import Activity, LeaderHolding, Side, Trade, Venue
from domain.copying.exits.leader import sold_fraction
from domain.copying.leader_holdings import held_before, moves_of
from domain.ids import row_id

SIDES = ("BUY", "SELL")
EVENTS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["BUY", "SELL", "SPLIT", "MERGE"]), st.integers(1, 500)), max_size=12)


@dataclass(frozen=True)
class World:
    """A wallet's doings in one token, oldest first. `holding(at)` is what a venue says of an instant."""

    begins_with: int
    trades: list[Trade]
    activities: list[Activity]
    held: list[tuple[datetime, Decimal]]  # after each event
    before: dict[str, Decimal]

    def holding(self, known_at: datetime, wallet: str) -> LeaderHolding:
        shares = next((held for at, held in reversed(self.held) if at <= known_at), Decimal(self.begins_with))
        return LeaderHolding(wallet=wallet, token_id="yes", market_id="market", shares=shares, known_at=known_at, asked_at=known_at)


@pytest.fixture(scope="session")
def a_world(a_trade: Any, as_of: datetime, leader: str) -> Any:
    """Of (second, what, shares); sets come before trades of a second. To sell more than it has does not happen."""

    def build(begins_with: int, events: list[tuple[int, str, int]]) -> World:
        world, holds = World(begins_with, [], [], [], {}), Decimal(begins_with)
        for number, (second, what, shares) in enumerate(sorted(events, key=lambda one: (one[0], one[1] in SIDES))):
            at = as_of + timedelta(seconds=second)
            if what in ("SELL", "MERGE") and shares > holds:
                continue
            if what in SIDES:
                name = f"{number}"
                trade = a_trade(name, side=Side(what), shares=Decimal(shares), traded_at=at, sequence=number)
                world.trades.append(trade)
                world.before[trade.trade_id] = holds
            else:
                world.activities.append(a_set(number, what, shares, at, leader))
            holds += shares if what in ("BUY", "SPLIT") else -shares
            world.held.append((at, holds))
        return world

    return build


def a_set(number: int, kind: str, usd: int, at: datetime, wallet: str) -> Activity:
    return Activity(
        activity_id=row_id("set", number), source="test", venue=Venue.POLYMARKET, wallet=wallet, type=kind, market_id="market",
        token_id="", outcome="",
        outcome_index=None, side="", price=None, shares=Decimal(usd), usd=Decimal(usd), happened_at=at, tx_hash="", ordinal=0,
    )  # fmt: skip


@given(begins_with=st.integers(0, 10_000), events=EVENTS, known_s=st.integers(-5, 45))
@settings(max_examples=200)
def test_whenever_the_answer_is_from_it_says_what_was_held_before_every_sale(
    a_world: Any, as_of: datetime, leader: str, begins_with: int, events: Any, known_s: int
) -> None:
    """An answer that lags behind all of it, one from between two sales, one that knows of all of it."""
    world = a_world(begins_with, events)
    holding = world.holding(as_of + timedelta(seconds=known_s), leader)
    moves = moves_of(world.trades, world.activities, holding)
    for trade in world.trades:
        assert held_before(trade, holding, moves) == world.before[trade.trade_id]


@given(begins_with=st.integers(1, 10_000), events=EVENTS)
@settings(max_examples=100)
def test_what_all_sales_of_a_look_come_to_is_the_part_that_is_gone(
    a_world: Any, as_of: datetime, leader: str, begins_with: int, events: Any
) -> None:
    """Of sales alone: all they sold of what was there at first, however many they are."""
    world = a_world(begins_with, [event for event in events if event[1] == "SELL"])
    holding = world.holding(as_of + timedelta(seconds=20), leader)
    moves = moves_of(world.trades, world.activities, holding)
    held = {trade.trade_id: held_before(trade, holding, moves) for trade in world.trades}
    sold = sum((trade.shares for trade in world.trades), Decimal(0))
    assert sold_fraction(world.trades, held) == pytest.approx(sold / begins_with, abs=Decimal("1e-10"))


def test_a_trade_that_the_feed_and_the_account_both_tell_moves_once(a_trade: Any, as_of: datetime, leader: str) -> None:
    sale = a_trade("sale", side=Side.SELL, shares=Decimal(100))
    told = Activity(
        activity_id=sale.trade_id, source="test", venue=Venue.POLYMARKET, wallet=leader, type="TRADE", market_id="market",
        token_id="yes", outcome="Yes",
        outcome_index=0, side="SELL", price=sale.price, shares=sale.shares, usd=sale.notional, happened_at=sale.traded_at, tx_hash="",
        ordinal=0,
    )  # fmt: skip
    holding = LeaderHolding(wallet=leader, token_id="yes", market_id="market", shares=Decimal(9_900), known_at=as_of, asked_at=as_of)
    assert held_before(sale, holding, moves_of([sale], [told], holding)) == 10_000


def test_what_others_do_or_in_another_market_moves_nothing(a_trade: Any, as_of: datetime, leader: str) -> None:
    sale = a_trade("sale", side=Side.SELL, shares=Decimal(100))
    others = [a_trade("a", wallet="0x" + "b" * 40), a_trade("b", token_id="no")]
    elsewhere = a_set(1, "MERGE", 50, sale.traded_at, leader)
    holding = LeaderHolding(wallet=leader, token_id="yes", market_id="another", shares=Decimal(9_900), known_at=as_of, asked_at=as_of)
    assert held_before(sale, holding, moves_of([sale, *others], [elsewhere], holding)) == 10_000
