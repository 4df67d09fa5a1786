"""Orders on their way: what contradicts our ledger is not booked and halts its strategy; the switch holds for orders on record as well."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_results
from adapters.venues.venue import Answer
from data_contracts import Fill, Instrument, OperatorWord, Order, OrderStatus, Position, Reason, Side, TradingState, Venue
from data_contracts.frames import frame_of, rows_of
from domain.ids import row_id
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.copying.permissions import permissions

LEADER = "0x" + "a" * 40
Post = Callable[[Order], Answer]


class Told:
    """A venue that says what a test tells it to, and keeps what it was sent."""

    is_simulated = True

    def __init__(self, says: Post, knows: Callable[[Order], Answer | None] = lambda order: None) -> None:
        self._says, self._knows = says, knows
        self.sent: list[str] = []

    def sign(self, order: Order, instrument: Instrument) -> str:
        return "0x1"

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        self.sent += [order.order_id for order in orders]
        return [self._says(order) for order in orders]

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        return self._knows(order)


def an_order(t0: datetime, strategy_id: str = "one", side: Side = Side.BUY, **changes: Any) -> Order:
    """Buy 10 shares of Yes at 0.50."""
    fields: dict[str, Any] = {
        "order_id": row_id(strategy_id, side),
        "signal_id": row_id("signal", strategy_id),
        "strategy_id": strategy_id,
        "venue": Venue.POLYMARKET,
        "leader": LEADER,
        "market_id": "m",
        "token_id": "m:Yes",
        "outcome": "Yes",
        "side": side,
        "shares": Decimal(10),
        "limit_price": Decimal("0.50"),
        "observed_price": Decimal("0.49"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": True,
        "order_hash": "0x1",
        "created_at": t0,
        "updated_at": t0,
    }
    return Order(**(fields | changes))


def filled(order: Order, shares: str = "10", price: str = "0.50") -> Answer:
    fill = Fill(
        fill_id=row_id("fill", order.order_id),
        order_id=order.order_id,
        strategy_id=order.strategy_id,
        venue=order.venue,
        leader=order.leader,
        market_id=order.market_id,
        token_id=order.token_id,
        outcome=order.outcome,
        side=order.side,
        price=Decimal(price),
        shares=Decimal(shares),
        notional=Decimal(shares) * Decimal(price),
        fee=Decimal(0),
        filled_at=order.created_at,
        sent_at=order.created_at,
    )
    return Answer(order.order_id, OrderStatus.FILLED, (fill,))


def ordered(t0: datetime, state: TradingState, strategy_id: str = "one") -> OperatorWord:
    return OperatorWord(strategy_id=strategy_id, ordered_at=t0, state=state, clears="[]")


@pytest.fixture
def house(rooms: Callable[..., Any], bare: None, monkeypatch: pytest.MonkeyPatch, t0: datetime) -> Callable[..., Any]:
    """Rooms before a tape of one market, where orders go to a venue that is told what to say."""

    def made(venue: Told, *words: OperatorWord) -> Any:
        place = rooms((0, LEADER, "m", "Yes", "BUY", 10.0, 0.5))
        place.put(*words)
        monkeypatch.setattr("tasks.copying.order_execution.open_venue", lambda settings: venue)
        return place

    return made


def states(place: Any) -> dict[str, tuple[TradingState, Reason | None]]:
    allowed = permissions(open_results(place.settings), TradingState.ACTIVE)
    return {strategy_id: (allowed[strategy_id].state, allowed[strategy_id].reason) for strategy_id in ("one", "two")}


@pytest.mark.parametrize(
    "lie",
    [
        lambda order: filled(order, shares="10.01"),
        lambda order: filled(order, price="0.51"),
        lambda order: Answer(order.order_id, OrderStatus.UNKNOWN, contradiction="its trade does not add up"),
    ],
    ids=["more than asked", "past the limit", "the venue's own"],
)
def test_a_contradiction_books_nothing_and_halts_its_strategy_alone(
    house: Any, t0: datetime, lie: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("tasks.operating.trading_halt.log.error", lambda text, *values: said.append(text % values))
    place = house(Told(lambda order: lie(order) if order.strategy_id == "one" else filled(order)))
    done = post_orders(frame_of([an_order(t0), an_order(t0, "two")], Order), place.settings, t0)
    orders = {order.strategy_id: order for order in rows_of(done.orders, Order)}
    assert (orders["one"].status, orders["one"].reason) == (OrderStatus.UNKNOWN, Reason.VENUE_CONTRADICTS_US)
    assert orders["two"].status is OrderStatus.FILLED
    assert [fill.strategy_id for fill in rows_of(done.fills, Fill)] == ["two"]
    assert states(place) == {"one": (TradingState.HALTED, Reason.VENUE_CONTRADICTS_US), "two": (TradingState.ACTIVE, None)}
    assert ["strategy one is HALTED, the venue contradicts our ledger" in line for line in said] == [True]


@pytest.mark.parametrize(("held", "state"), [(10, TradingState.ACTIVE), (9, TradingState.HALTED)])
def test_more_sold_than_held_halts(house: Any, t0: datetime, held: int, state: TradingState) -> None:
    place = house(Told(filled))
    place.put(a_position(t0, Decimal(held)))
    done = post_orders(frame_of([an_order(t0, side=Side.SELL)], Order), place.settings, t0)
    assert states(place)["one"][0] is state
    assert done.fills.height == (1 if state is TradingState.ACTIVE else 0)


def a_position(t0: datetime, shares: Decimal) -> Position:
    return Position(
        strategy_id="one",
        venue=Venue.POLYMARKET,
        leader=LEADER,
        market_id="m",
        token_id="m:Yes",
        outcome="Yes",
        category="politics",
        shares=shares,
        cost=shares / 2,
        realized_pnl=Decimal(0),
        fees=Decimal(0),
        lots=f'[["{shares}", "{shares / 2}"]]',
        opened_at=t0,
        updated_at=t0,
        closed_at=None,
    )


@pytest.mark.parametrize(
    ("state", "side", "sent", "status"),
    [
        (TradingState.ACTIVE, Side.BUY, True, OrderStatus.FILLED),
        (TradingState.REDUCING, Side.BUY, False, OrderStatus.DENIED),
        (TradingState.HALTED, Side.BUY, False, OrderStatus.DENIED),
        (TradingState.REDUCING, Side.SELL, True, OrderStatus.FILLED),
        (TradingState.HALTED, Side.SELL, False, OrderStatus.PENDING),
    ],
)
@pytest.mark.parametrize("thrown", ["for all", "for one"])
def test_the_switch_holds_for_orders_that_are_on_record_already(
    house: Any, t0: datetime, state: TradingState, side: Side, sent: bool, status: OrderStatus, thrown: str
) -> None:
    """Judged while it could trade, found by the worker with the key when it may not: an exit waits, a BUY is given up."""
    venue = Told(filled)
    place = house(venue, ordered(t0, state if thrown == "for one" else TradingState.ACTIVE))
    place.put(an_order(t0, side=side), a_position(t0, Decimal(10)))
    settings = place.settings.model_copy(update={"trading_state": state.value if thrown == "for all" else "ACTIVE"})
    (order,) = rows_of(recover_orders(settings, t0).orders, Order)
    assert (bool(venue.sent), order.status) == (sent, status)


def test_live_orders_stay_on_record_where_no_key_is(house: Any, t0: datetime) -> None:
    venue = Told(filled)
    place = house(venue)
    place.put(an_order(t0))
    live = place.settings.model_copy(update={"live": "I accept that trading loses money"})
    assert post_orders(frame_of([an_order(t0)], Order), live, t0).orders.is_empty()
    assert recover_orders(live, t0).orders.is_empty()
    assert venue.sent == []


def test_a_matched_order_is_asked_about_and_not_sent_again(house: Any, t0: datetime) -> None:
    venue = Told(filled, knows=lambda order: Answer(order.order_id, OrderStatus.MATCHED))
    place = house(venue)
    place.put(an_order(t0, status=OrderStatus.MATCHED))
    (order,) = rows_of(recover_orders(place.settings, t0).orders, Order)
    assert (order.status, venue.sent) == (OrderStatus.MATCHED, [])
