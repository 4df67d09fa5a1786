"""Exits on a market that now and then has no buyers: never more sold than held, and what can be sold is sold in the end."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import Exit, Kind, Order, OrderStatus, Reason, Side, Signal, Venue, Verdict
from domain.copying.book import Book, Level, takes
from domain.copying.exits.waiting import may_try, remaining, slippage_allowed, update_exits
from domain.copying.policy import ExitPolicy, Policy
from domain.ids import row_id
from tasks.copying.exits import Desk, exit_orders
from tests.ledger_rows import an_exit
from tests.markets import an_instrument

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)
LEADER = "0x" + "a" * 40
CENT = Decimal("0.01")
CYCLE = timedelta(seconds=30)
NEVER_FAR = Policy(exits=ExitPolicy(widest_slippage=Decimal("0.9")))
MARKET = an_instrument()


def sale(name: object, reason: Reason, fraction: str, price: str = "0.50") -> Signal:
    """A COPY signal to sell a part of what is free."""
    nothing: Any = dict.fromkeys(
        ("owrr", "score_for", "score_against", "qualified_for", "qualified_against", "confidence", "consensus_age_s"), None
    )
    return Signal(
        signal_id=row_id("signal", name), trade_id=row_id("trade", name), strategy_id="s", venue=Venue.POLYMARKET,
        kind=Kind.MIRROR, leader=LEADER,
        market_id="m", token_id="yes", outcome="Yes", category="", side=Side.SELL, verdict=Verdict.COPY, reason=reason,
        leader_price=Decimal(price), leader_shares=Decimal(1), leader_notional=Decimal(1), notional=Decimal(0),
        exit_fraction=Decimal(fraction), traded_at=T0, judged_at=T0, latency_s=0.0, **nothing,
    )  # fmt: skip


@dataclass
class Floor:
    """A position and its exits, cycle by cycle. What is booked is what the book gave."""

    held: Decimal
    exits: list[Exit] = field(default_factory=list)
    signals: dict[str, Signal] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    now: datetime = T0

    def cycle(self, sales: list[Signal], bid: str | None, depth: str, blocked: bool = False) -> Decimal:
        """The shares sold."""
        self.now += CYCLE
        self.signals |= {signal.signal_id: signal for signal in sales}
        book = {"yes": Book("yes", (Level(Decimal(bid), Decimal(depth)),), ())} if bid else {}
        desk = Desk({"yes": MARKET}, book, frozenset({Venue.POLYMARKET}), self.now)
        waiting = [one for one in self.exits if one.done_at is None]
        after, orders = exit_orders(
            update_exits(waiting, sales, self.held, CENT, self.now), self.signals, self.held, blocked, NEVER_FAR, desk
        )
        pending = [order for order in orders if order.status is OrderStatus.PENDING]
        assert sum((order.shares for order in pending), Decimal(0)) <= self.held
        sold = {order.signal_id: self._filled(order, book) for order in pending}
        known = {one.signal_id: replace(one, sold_shares=one.sold_shares + sold.get(one.signal_id, Decimal(0))) for one in after}
        self.exits = [known.pop(one.signal_id, one) for one in self.exits] + list(known.values())
        self.orders += orders
        self.held -= sum(sold.values(), Decimal(0))
        return sum(sold.values(), Decimal(0))

    def _filled(self, order: Order, book: dict[str, Book]) -> Decimal:
        taken = takes(book["yes"].bids, Side.SELL, order.shares, order.limit_price)
        book["yes"] = Book("yes", tuple(Level(lv.price, lv.shares - sum(t.shares for t in taken)) for lv in book["yes"].bids), ())
        return sum((level.shares for level in taken), Decimal(0))

    @property
    def waiting(self) -> Decimal:
        return sum((remaining(one) for one in self.exits if one.done_at is None), Decimal(0))


REASONS = st.sampled_from([Reason.LEADER_EXITED, Reason.STOP_LOSS, Reason.TIME_EXIT, Reason.TRAILING_STOP, Reason.TAKE_PROFIT])
FRACTIONS = st.one_of(st.just("1"), st.decimals("0.0000000001", 1, places=10).map(str))
BIDS = st.one_of(st.none(), st.integers(1, 99).map(lambda cents: f"{cents / 100:.2f}"))
STEPS = st.lists(st.tuples(st.lists(st.tuples(REASONS, FRACTIONS), max_size=2), BIDS, st.integers(0, 120), st.booleans()), max_size=12)


@settings(deadline=None)
@given(held=st.decimals("0.01", 1_000, places=2), steps=STEPS)
def test_exits_never_sell_more_than_is_held_and_what_can_be_sold_is_sold(held: Decimal, steps: list[Any]) -> None:
    """Whatever was asked for, denied, half filled or blocked: once buyers are back, nothing of it stays but dust."""
    floor = Floor(held)
    for number, (asked, bid, depth, blocked) in enumerate(steps):
        sales = [sale((number, place), reason, fraction) for place, (reason, fraction) in enumerate(asked)]
        floor.cycle(sales, bid, str(depth), blocked)
        assert floor.waiting <= floor.held
    for _ in range(4):
        floor.now += timedelta(minutes=20)  # the longest pause is a quarter of an hour
        floor.cycle([], "0.99", "1000000")
    assert floor.waiting < CENT * max(1, len(floor.exits))
    assert 0 <= floor.held <= held
    assert len({order.order_id for order in floor.orders}) == len(floor.orders)
    assert sum(one.sold_shares for one in floor.exits) == held - floor.held


def test_an_exit_of_everything_takes_over_the_weaker_ones_and_leaves_the_stronger() -> None:
    """Half by the leader waits; the time exit takes the other half; a stop then takes both."""
    floor = Floor(Decimal(100))
    floor.cycle([sale(1, Reason.LEADER_EXITED, "0.5")], None, "0")
    floor.cycle([sale(2, Reason.TIME_EXIT, "1")], None, "0")
    assert [remaining(one) for one in floor.exits if one.done_at is None] == [50, 50]
    floor.cycle([sale(3, Reason.STOP_LOSS, "1")], None, "0")
    assert [(one.reason, remaining(one)) for one in floor.exits if one.done_at is None] == [(Reason.STOP_LOSS, Decimal(100))]


def test_a_denied_try_is_one_order_on_record_and_a_filled_one_another() -> None:
    floor = Floor(Decimal(100))
    for bid in (None, "0.10", None, "0.50"):
        floor.cycle([sale(1, Reason.LEADER_EXITED, "1")] if not floor.exits else [], bid, "1000")
    assert [(order.status, order.reason) for order in floor.orders] == [
        (OrderStatus.DENIED, Reason.BOOK_MISSING),
        (OrderStatus.PENDING, None),
    ]
    assert floor.held == 0


def test_a_blocked_exit_is_tried_as_soon_as_it_may_and_its_first_order_is_number_one() -> None:
    floor = Floor(Decimal(100))
    floor.cycle([sale(1, Reason.LEADER_EXITED, "1")], "0.50", "1000", blocked=True)
    assert (floor.orders, floor.waiting) == ([], 100)
    assert floor.cycle([], "0.50", "1000") == 100
    assert floor.orders[0].order_id == row_id("order", floor.exits[0].signal_id)


def asked(reason: Reason, **changes: Any) -> Exit:
    return an_exit(T0, reason=reason, wanted_shares=Decimal(1), **changes)


@pytest.mark.parametrize(
    ("reason", "minutes", "expected"),
    [
        (Reason.LEADER_EXITED, 0, "0.05"),
        (Reason.LEADER_EXITED, 0.99, "0.05"),
        (Reason.LEADER_EXITED, 1, "0.10"),
        (Reason.LEADER_EXITED, 17, "0.90"),
        (Reason.LEADER_EXITED, 600, "0.90"),
        (Reason.STOP_LOSS, 0, "0.15"),
        (Reason.STOP_LOSS, 2, "0.25"),
        (Reason.TAKE_PROFIT, 600, "0.05"),  # a profit is taken at its price or not at all
    ],
)
def test_an_exit_may_sell_lower_the_longer_it_waits(reason: Reason, minutes: float, expected: str) -> None:
    assert slippage_allowed(asked(reason), ExitPolicy(), T0 + timedelta(minutes=minutes)) == Decimal(expected)


@pytest.mark.parametrize(
    ("orders", "after_s", "may"),
    [(0, 0, False), (0, 1, True), (10, 30, True), (11, 59, False), (11, 60, True), (25, 899, False), (25, 900, True), (500, 900, True)],
)
def test_after_ten_orders_for_nothing_the_pauses_grow_to_a_quarter_of_an_hour(orders: int, after_s: int, may: bool) -> None:
    tried = asked(Reason.LEADER_EXITED, orders=orders, tried_at=T0)
    assert may_try(tried, T0 + timedelta(seconds=after_s)) is may
