"""Two workers at the same house: what one stores, the other must not write over, send otherwise, or spend a second time.

Each was found by a seed of `make simulate`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_results
from adapters.venues.venue import Answer
from data_contracts import Exit, Fill, Kind, Order, OrderStatus, Position, Reason, Side, Signal
from data_contracts.errors import Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.copying.policy import Policy
from tasks.copying import strategy_rows
from tasks.copying.account import read_decided
from tasks.copying.booking import book
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.copying.ordering import Decisions, store_decisions
from tasks.copying.risk_assessment import take_stock
from tasks.copying.settling import mark_and_settle
from tasks.copying.strategy_rows import decided_by, read_changed, read_strategies
from tasks.operating.strategies import put_strategy
from tests.ledger_rows import LEADER
from tests.markets import an_instrument
from tests.tasks.copying.test_order_execution import Told, an_order, filled, held_shares

pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def house(rooms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[Told], Any]:
    def made(venue: Told) -> Any:
        monkeypatch.setattr("tasks.copying.order_execution.open_venue", lambda name, settings: venue)
        return rooms((0, LEADER, "m", "Yes", "BUY", 10.0, 0.5))

    return made


def decide(place: Any, order: Order, purchases: int = 0, sales: int = 0) -> None:
    """By who knew of so many decisions before."""
    known = {Side.BUY: purchases, Side.SELL: sales}
    store_decisions(frame_of([], Signal), Decisions(frame_of([order], Order), frame_of([], Exit)), None, place.settings, known)


def test_what_leaves_is_the_order_on_record_and_not_the_one_a_cycle_made(house: Any, t0: datetime) -> None:
    """Both judged one trade, at other books: the slower one sent an order with a limit and a hash that nobody had stored (seed 66)."""
    sent: list[Decimal] = []
    venue = Told(lambda order: sent.append(order.limit_price) or filled(order))  # type: ignore[func-returns-value]
    place = house(venue)
    place.put(an_order(t0))
    post_orders(frame_of([an_order(t0, limit_price=Decimal("0.55"), order_hash="0x2")], Order), place.settings, t0)
    assert sent == [Decimal("0.50")]


def test_an_order_another_worker_is_done_with_is_not_sent(house: Any, t0: datetime) -> None:
    place = house(venue := Told(filled))
    place.put(an_order(t0, status=OrderStatus.UNFILLED))
    post_orders(frame_of([an_order(t0)], Order), place.settings, t0)
    assert venue.sent == []


def test_who_counted_on_money_that_another_cycle_spent_buys_nothing(house: Any, t0: datetime) -> None:
    """Two cycles judged two trades by the same 40 USD of room and opened 41.20 after one leader (seed 40)."""
    place = house(Told(filled))
    decide(place, an_order(t0))
    with pytest.raises(Unavailable, match="another cycle decided meanwhile"):
        decide(place, an_order(t0, "two"))
    assert [order.strategy_id for order in place.rows(Order)] == ["one"]
    decide(place, an_order(t0, "two"), purchases=1)
    assert {order.strategy_id for order in place.rows(Order)} == {"one", "two"}


def test_a_step_that_is_tried_again_after_its_answer_was_lost_finds_its_own_order(house: Any, t0: datetime) -> None:
    place = house(Told(filled))
    for _ in range(2):
        decide(place, an_order(t0))
    assert read_decided(open_results(place.settings)) == {Side.BUY: 1, Side.SELL: 0}


def test_a_sale_waits_for_no_purchase(house: Any, t0: datetime) -> None:
    place = house(Told(filled))
    decide(place, an_order(t0))
    decide(place, an_order(t0, side=Side.SELL))
    assert len(place.rows(Order)) == 2


def test_what_another_cycle_is_selling_is_not_sold_a_second_time(house: Any, t0: datetime) -> None:
    """One cycle sold for its leader, the other for a rule of our own, both by the same 72.69 shares: 36.34 of them twice (seed 220)."""
    place = house(Told(filled))
    decide(place, an_order(t0, side=Side.SELL))
    with pytest.raises(Unavailable, match="another cycle decided meanwhile"):
        decide(place, an_order(t0, "rule", side=Side.SELL))
    assert len(place.rows(Order)) == 1


@pytest.mark.parametrize("side", Side)
def test_what_another_cycle_sold_or_bought_while_we_looked_at_our_marks_is_neither_sold_nor_spent_again(
    house: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch, side: Side
) -> None:
    """Its order was made and filled after we had read what is held, and before we had read how often was decided: 1.42 shares were sold
    that nobody had (seed 7970), and 49.12 USD were open where 40 may be (seed 7838)."""
    place = house(Told(filled))
    put_strategy("one", Kind.MIRROR, Policy(), Decimal(2_000), True, place.settings, t0)

    def while_another_decides(settings: Any, as_of: datetime) -> Any:
        held = mark_and_settle(settings, as_of)
        decide(place, an_order(t0, "other", side=side))
        return held

    monkeypatch.setattr("tasks.copying.risk_assessment.mark_and_settle", while_another_decides)
    _, strategies = take_stock(place.settings, t0)
    with pytest.raises(Unavailable, match="another cycle decided meanwhile"):
        decide(place, an_order(t0, side=side), *decided_by(strategies).values())


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("side", Side)
def test_an_order_that_is_filled_while_a_cycle_reads_stands_in_what_it_read(
    house: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch, side: Side, again: bool
) -> None:
    """Positions were read before the fill was booked and open orders after it: 40 USD stood in neither and were spent twice (seed 7838)."""
    place = house(Told(filled))
    put_strategy("one", Kind.MIRROR, Policy(), Decimal(2_000), True, place.settings, t0)
    place.put(an_order(t0, side=side), *([held_shares(t0, "100")] if side is Side.SELL else []))
    results, read = open_results(place.settings), strategy_rows.sound_rows
    strategies = read_strategies(results)
    left = [Position, Order]

    def read_while_another_books(store: Any, row_class: Any, **where: Any) -> Any:
        rows = read(store, row_class, **where)
        if row_class in left:
            left.clear()
            place.put(an_order(t0, side=side, status=OrderStatus.FILLED))
            place.put(held_shares(t0, "100") if side is Side.BUY else replace(held_shares(t0, "100"), shares=Decimal(0), closed_at=t0))
        return rows

    monkeypatch.setattr(strategy_rows, "sound_rows", read_while_another_books)
    (own,) = read_changed(strategies, {"one"}, results) if again else read_strategies(results)
    if side is Side.BUY:
        assert own.reserved().cash <= 1_960
    else:
        assert not own.open_positions or own.portfolio.awaited


def test_an_older_look_writes_nothing_over_what_was_filled_since(house: Any, t0: datetime) -> None:
    """One executor found the order unsent and may not send it; the other had it filled (seed 142)."""
    place = house(Told(lambda order: replace(filled(order), status=OrderStatus.PENDING, fills=(), reason=Reason.VENUE_UNAVAILABLE)))
    place.put(an_order(t0))
    late = recover_orders(place.settings, t0 + timedelta(seconds=1))
    place.put(an_order(t0, status=OrderStatus.FILLED, updated_at=t0 + timedelta(seconds=2)))
    book(late, place.settings, t0 + timedelta(seconds=3))
    assert [order.status for order in place.rows(Order)] == [OrderStatus.FILLED]


def test_a_fill_that_another_books_meanwhile_contradicts_nothing(house: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is booked was read first, then what is held: between the two another worker booked the very sale, and the strategy was halted
    for 253.94 shares that "the ledger does not hold" (seed 204)."""
    from tasks.copying import order_execution

    sale = an_order(t0, side=Side.SELL, status=OrderStatus.UNKNOWN)
    place = house(Told(filled, knows=filled))
    place.put(sale, held_shares(t0, "10"))
    read = order_execution._held

    def read_while_another_books(results: Any, token_ids: set[str]) -> Any:
        held = read(results, token_ids)
        place.put(*filled(sale).fills, replace(held_shares(t0, "10"), shares=Decimal(0), closed_at=t0))
        return held

    monkeypatch.setattr(order_execution, "_held", read_while_another_books)
    done = recover_orders(place.settings, t0)
    assert [order.status for order in rows_of(done.orders, Order)] == [OrderStatus.FILLED]
    assert len(place.rows(Fill)) == 1
    assert len(place.rows(Position)) == 1


@pytest.mark.parametrize(
    ("knows", "status"),
    [
        (filled, OrderStatus.FILLED),
        (lambda order: Answer(order.order_id, OrderStatus.MATCHED), OrderStatus.MATCHED),
        (None, OrderStatus.UNKNOWN),
    ],
    ids=["it filled", "it is not final", "nobody says"],
)
def test_what_was_taken_under_its_former_hash_gets_no_second_one(
    house: Any, t0: datetime, monkeypatch: Any, knows: Any, status: Any
) -> None:
    """One executor had the order filled; then prices got a finer step, and the other's was refused as invalid before the venue noticed that
    it was the same: it was signed anew and filled twice, 37.48 USD each (seed 75)."""

    def find(order: Order) -> Answer:
        if knows is None:
            raise Unavailable("away")
        return knows(order)  # type: ignore[no-any-return]

    refusing = Told(lambda order: Answer(order.order_id, OrderStatus.REFUSED, reason=Reason.VENUE_INVALID_ORDER), knows=find)
    place = house(refusing)
    place.put(an_order(t0))
    monkeypatch.setattr("tasks.copying.order_execution.asked_anew", lambda *args: {"m:Yes": an_instrument(token_id="m:Yes")})
    done = post_orders(frame_of([an_order(t0)], Order), place.settings, t0)
    assert refusing.sent == [an_order(t0).order_id]
    assert [order.status for order in rows_of(done.orders, Order)] == [status]
