"""An order that carries its bytes and an expiry: stored before it is posted, posted as stored, and over for certain when it expired."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters import connect
from adapters.connect import Place
from data_contracts import Currency, Fill, Order, OrderStatus, Position, Reason, Side, Venue
from domain.copying.policy import FirewallPolicy, Policy, SizingPolicy
from tests.ledger_rows import a_leader
from tests.second_venue import SecondFeed, SignedOrders, a_mint, quoted

T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
LEADER, GOLD = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "GoLDdear1111111111111111111111111111111111"
# One SOL a copy. Valid for 90 s after the cycle at 10 s: until 100 s.
POLICY = Policy(firewall=FirewallPolicy(max_age_s=60), sizing=SizingPolicy(kind="fixed", amount=Decimal(1), min_notional=Decimal("0.5")))


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> SignedOrders:
    orders = SignedOrders(SecondFeed(T0))
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: orders.feed, lambda settings: orders))
    return orders


@pytest.fixture
def home(orders: SignedOrders, tape: Any, before_tape: Callable[[Any], Any]) -> Any:
    """100 SOL follow a leader that buys a token at 10 SOL when it begins."""
    tape.trade(0, "0x" + "b" * 40, "BUY", "1000", "0.40")
    home = before_tape(tape)
    own = replace(home.strategy("sols", "mirror", POLICY), venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(100))
    home.put(own, a_leader(T0, LEADER, "sols"))
    orders.feed.trade(0, LEADER, "BUY", "50", "10", GOLD)
    orders.feed.asks[GOLD], orders.feed.bids[GOLD] = quoted(("100", "1000")), quoted(("100", "990"))
    return home


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def test_bytes_and_expiry_are_on_record_and_the_very_same_are_posted(orders: SignedOrders, home: Any) -> None:
    home.cycle(10)
    stored, posted = only(home.rows(Order)), only(orders.posted)
    assert (stored.status, stored.is_simulated) == (OrderStatus.FILLED, False)
    assert stored.expires_at == T0 + timedelta(seconds=100)
    assert b64decode(stored.signed_bytes).decode().startswith("BUY 0.0952")  # 1 SOL / (10 x 1.05)
    assert (posted.signed_bytes, posted.order_hash) == (stored.signed_bytes, stored.order_hash)


def test_a_lost_order_is_posted_again_as_it_was_signed_and_is_over_only_when_it_expired(orders: SignedOrders, home: Any) -> None:
    """Posted at 10, 40 and 70 s; stale at 100 s, but it may happen until then: 90 s after 10. At 130 s it is over for certain."""
    orders.loses = True
    for at_s in (10, 40, 70, 100):
        home.cycle(at_s)
        assert only(home.rows(Order)).status is OrderStatus.UNKNOWN
    assert len({order.signed_bytes for order in orders.posted}) == 1
    assert len(orders.posted) == 3
    home.cycle(130)
    assert (only(home.rows(Order)).status, only(home.rows(Order)).reason) == (OrderStatus.REFUSED, Reason.VENUE_NEVER_SAW_IT)
    assert len(orders.posted) == 3


def test_what_happened_at_the_last_instant_is_booked(orders: SignedOrders, home: Any) -> None:
    """Given up at 100 s for being stale, it would have been bought and never booked."""
    orders.loses = True
    for at_s in (10, 40, 70, 100):
        home.cycle(at_s)
    orders.happen(orders.posted[0], a_mint(GOLD, T0), T0 + timedelta(seconds=100))
    home.cycle(130)
    assert only(home.rows(Order)).status is OrderStatus.FILLED
    assert only(home.rows(Position)).shares == only(home.rows(Fill)).shares == only(home.rows(Order)).shares


def test_a_halt_denies_no_order_that_may_still_happen(orders: SignedOrders, home: Any) -> None:
    """It is not posted again; and what became of it is known when it expired, or when the venue says so."""
    orders.loses = True
    home.cycle(10)
    halted = home.with_kill_switch("HALTED")
    halted.cycle(40)
    assert (only(home.rows(Order)).status, len(orders.posted)) == (OrderStatus.UNKNOWN, 1)
    halted.cycle(130)
    assert only(home.rows(Order)).status is OrderStatus.REFUSED


def test_an_exit_whose_order_expired_gets_another_with_bytes_of_its_own(orders: SignedOrders, home: Any) -> None:
    home.cycle(10)
    orders.feed.trade(30, LEADER, "SELL", "50", "10", GOLD)
    orders.loses = True
    home.cycle(40)  # valid until 130 s
    home.cycle(130)
    orders.loses = False
    home.cycle(160)
    first, second = home.rows(Order, side=Side.SELL)
    assert {first.status, second.status} == {OrderStatus.REFUSED, OrderStatus.FILLED}
    assert first.signed_bytes != second.signed_bytes
    assert only(home.rows(Position)).shares == 0
