"""What a leader held before a sale, from one answer and what happened around it. The world of these tests knows the truth."""

from dataclasses import dataclass, replace
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
TURNED = ("GIVEN", "TAKEN")  # by a conversion, which says neither
SENT = ("TRANSFER_OUT", "TRANSFER_IN")  # to and from another wallet
COUNTED = ["BUY", "SELL", "SPLIT", "MERGE", *SENT]
KINDS = [*COUNTED, *TURNED]
ANY_EVENTS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(KINDS), st.integers(1, 500)), max_size=12)
EVENTS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(COUNTED), st.integers(1, 500)), max_size=12)


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
    """Of (second, what, shares); sets and what is sent come before trades of a second, and what is received after them.

    To sell more than it has does not happen.
    """

    def build(begins_with: int, events: list[tuple[int, str, int]], outcome: str = "Yes") -> World:
        world, holds = World(begins_with, [], [], [], {}), Decimal(begins_with)
        for number, (second, what, shares) in enumerate(
            sorted(events, key=lambda one: (one[0], 2 if one[1] == "TRANSFER_IN" else one[1] in SIDES))
        ):
            at = as_of + timedelta(seconds=second)
            if what in ("SELL", "MERGE", "TAKEN", "TRANSFER_OUT") and shares > holds:
                continue
            if what in SIDES:
                name = f"{number}"
                trade = a_trade(name, side=Side(what), shares=Decimal(shares), traded_at=at, sequence=number, outcome=outcome)
                world.trades.append(trade)
                world.before[trade.trade_id] = holds
            elif what in SENT:
                world.activities.append(a_transfer(number, what, shares, at, leader))
            else:
                told = "CONVERSION" if what in TURNED else what
                world.activities.append(a_set(number, told, shares, at, leader, "another" if what == "GIVEN" else "market"))
            holds += shares if what in ("BUY", "SPLIT", "GIVEN", "TRANSFER_IN") else -shares
            world.held.append((at, holds))
        return world

    return build


def a_set(number: int, kind: str, usd: int, at: datetime, wallet: str, market: str = "market") -> Activity:
    return Activity(
        activity_id=row_id("set", number), source="test", venue=Venue.POLYMARKET, wallet=wallet, type=kind, market_id=market,
        token_id="", outcome="",
        outcome_index=None, side="", price=None, shares=Decimal(usd), usd=Decimal(usd), happened_at=at, tx_hash="", ordinal=0,
    )  # fmt: skip


def a_transfer(number: int, kind: str, shares: int, at: datetime, wallet: str) -> Activity:
    return replace(a_set(number, kind, 0, at, wallet), token_id="yes", shares=Decimal(shares))


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


@given(begins_with=st.integers(0, 10_000), events=ANY_EVENTS, known_s=st.integers(-5, 45), outcome=st.sampled_from(["Yes", "No", "Red"]))
@settings(max_examples=300)
def test_across_a_conversion_a_sale_waits_or_sells_too_much_rather_than_too_little(
    a_world: Any, as_of: datetime, leader: str, begins_with: int, events: Any, known_s: int, outcome: str
) -> None:
    """YES is only given, NO only taken. It was counted across one as if nothing had happened."""
    possible = {"Yes": "TAKEN", "No": "GIVEN"}.get(outcome)
    world = a_world(begins_with, [event for event in events if event[1] != possible], outcome)
    known_at = as_of + timedelta(seconds=known_s)
    moves = moves_of(world.trades, world.activities, holding := world.holding(known_at, leader))
    turned = [one.happened_at for one in world.activities if one.type == "CONVERSION"]
    for sale in (trade for trade in world.trades if trade.side is Side.SELL):
        held, truth = held_before(sale, holding, moves), world.before[sale.trade_id]
        if not any(min(sale.traded_at, known_at) <= at <= max(sale.traded_at, known_at) for at in turned):
            assert held == truth
        elif sale.traded_at > known_at:
            assert held is None or held == truth
        else:
            assert held is not None
            assert sale.shares <= held <= truth


@pytest.mark.parametrize(
    ("outcome", "left", "held"),
    [
        ("No", 9_400, 9_500),  # the least: that no NO of this market was turned in
        ("Yes", 10_400, 10_000),  # the least: that all 500 were given to this one
        ("Yes", 300, 100),  # never less than it sold
        ("Red", 9_400, 9_000),
    ],
)
def test_back_across_a_conversion_the_least_is_taken_that_can_have_been_held(
    a_trade: Any, as_of: datetime, leader: str, outcome: str, left: int, held: int
) -> None:
    """It sold 100 and turned 500, of which the account does not say what. `left` is what the venue says of the time after both."""
    sale = a_trade("sale", side=Side.SELL, shares=Decimal(100), outcome=outcome)
    later = sale.traded_at + timedelta(seconds=5)
    turned = a_set(1, "CONVERSION", 500, later, leader, "another")
    holding = LeaderHolding(wallet=leader, token_id="yes", market_id="market", shares=Decimal(left), known_at=later, asked_at=later)
    assert held_before(sale, holding, moves_of([sale], [turned], holding)) == held


def test_an_answer_from_before_a_conversion_and_a_sale_says_nothing_of_it(a_trade: Any, as_of: datetime, leader: str) -> None:
    """The sale waits: the next answer knows of both. What others turn is nothing to it."""
    sale = a_trade("sale", side=Side.SELL, shares=Decimal(100), outcome="No")
    known_at, between = sale.traded_at - timedelta(seconds=20), sale.traded_at - timedelta(seconds=5)
    holding = LeaderHolding(wallet=leader, token_id="yes", market_id="market", shares=Decimal(900), known_at=known_at, asked_at=known_at)
    own, others = (a_set(1, "CONVERSION", 500, between, wallet) for wallet in (leader, "0x" + "b" * 40))
    assert held_before(sale, holding, moves_of([sale], [own], holding)) is None
    assert held_before(sale, holding, moves_of([sale], [others], holding)) == 900


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


@pytest.mark.parametrize(("kind", "held"), [("TRANSFER_OUT", 100), ("TRANSFER_IN", 19_900)])
@pytest.mark.parametrize("token_id", ["yes", "another"])
def test_what_was_sent_between_the_answer_and_the_sale_counts(
    a_trade: Any, as_of: datetime, leader: str, kind: str, held: int, token_id: str
) -> None:
    """The answer knows of 10,000; then 9,900 went to another wallet and the last 100 were sold: we sold a hundredth of ours."""
    sale = a_trade("sale", side=Side.SELL, shares=Decimal(100))
    known_at = sale.traded_at - timedelta(seconds=20)
    sent = replace(a_transfer(1, kind, 9_900, known_at + timedelta(seconds=5), leader), token_id=token_id)
    holding = LeaderHolding(wallet=leader, token_id="yes", market_id="market", shares=Decimal(10_000), known_at=known_at, asked_at=as_of)
    assert held_before(sale, holding, moves_of([sale], [sent], holding)) == (held if token_id == "yes" else 10_000)


def test_what_others_do_or_in_another_market_moves_nothing(a_trade: Any, as_of: datetime, leader: str) -> None:
    sale = a_trade("sale", side=Side.SELL, shares=Decimal(100))
    others = [a_trade("a", wallet="0x" + "b" * 40), a_trade("b", token_id="no")]
    elsewhere = a_set(1, "MERGE", 50, sale.traded_at, leader)
    holding = LeaderHolding(wallet=leader, token_id="yes", market_id="another", shares=Decimal(9_900), known_at=as_of, asked_at=as_of)
    assert held_before(sale, holding, moves_of([sale, *others], [elsewhere], holding)) == 10_000
