"""Orders on their way: what contradicts our ledger is not booked and halts its strategy; the switch holds for orders on record as well."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.connect import open_results
from adapters.feeds.recorded import RecordedFeed
from adapters.venues.venue import Answer, Signed
from data_contracts import (
    Fill,
    Instrument,
    LeaderStanding,
    LeaderWord,
    OperatorWord,
    Order,
    OrderStatus,
    Position,
    Reason,
    Side,
    TradingState,
    Venue,
)
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.ids import row_id
from tasks.copying.instruments import at_hand
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.copying.permissions import permissions
from tests import ledger_rows
from tests.ledger_rows import LEADER, a_fill, a_position

Post = Callable[[Order], Answer]


class Told:
    """A venue that says what a test tells it to, and keeps what it was sent."""

    is_simulated = True

    def __init__(self, says: Post, knows: Callable[[Order], Answer | None] = lambda order: None) -> None:
        self._says, self._knows = says, knows
        self.sent: list[str] = []

    def sign(self, order: Order, instrument: Instrument) -> Signed:
        return Signed("0x1")

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        self.sent += [order.order_id for order in orders]
        return [self._says(order) for order in orders]

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        return self._knows(order)


def an_order(t0: datetime, strategy_id: str = "one", side: Side = Side.BUY, **changes: Any) -> Order:
    """Buy 10 shares of Yes at 0.50."""
    plain = {"order_id": row_id(strategy_id, side), "token_id": "m:Yes", "shares": Decimal(10), "observed_price": Decimal("0.49")}
    fields = plain | {"strategy_id": strategy_id, "side": side, "status": OrderStatus.PENDING} | changes
    return ledger_rows.an_order(t0, strategy_id, **fields)


def filled(order: Order, shares: str = "10", price: str = "0.50") -> Answer:
    return Answer(order.order_id, OrderStatus.FILLED, (a_fill(order, shares, price),))


def held_shares(t0: datetime, shares: str) -> Position:
    """At 0.50 each."""
    return a_position(t0, shares, str(Decimal(shares) / 2), token_id="m:Yes")


def ordered(t0: datetime, state: TradingState, strategy_id: str = "one") -> OperatorWord:
    return OperatorWord(strategy_id=strategy_id, ordered_at=t0, state=state, clears="[]")


@pytest.fixture
def house(rooms: Callable[..., Any], bare: None, monkeypatch: pytest.MonkeyPatch, t0: datetime) -> Callable[..., Any]:
    """Rooms before a tape of one market, where orders go to a venue that is told what to say."""

    def made(venue: Told, *words: OperatorWord) -> Any:
        place = rooms((0, LEADER, "m", "Yes", "BUY", 10.0, 0.5))
        place.put(*words)
        monkeypatch.setattr("tasks.copying.order_execution.open_venue", lambda name, settings: venue)
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


def test_each_answer_is_a_line_whose_ids_join_signal_and_order(house: Any, t0: datetime, caplog: pytest.LogCaptureFixture) -> None:
    place, order = house(Told(filled)), an_order(t0)
    with caplog.at_level("INFO", "walletflow.executing"):
        post_orders(frame_of([order], Order), place.settings, t0)
    said = [(vars(line)["order_id"], vars(line)["signal_id"]) for line in caplog.records if hasattr(line, "order_id")]
    assert said == [(order.order_id, order.signal_id)]


@pytest.mark.parametrize(("held", "state"), [(10, TradingState.ACTIVE), (9, TradingState.HALTED)])
def test_more_sold_than_held_halts(house: Any, t0: datetime, held: int, state: TradingState) -> None:
    place = house(Told(filled))
    place.put(held_shares(t0, held))
    done = post_orders(frame_of([an_order(t0, side=Side.SELL)], Order), place.settings, t0)
    assert states(place)["one"][0] is state
    assert done.fills.height == (1 if state is TradingState.ACTIVE else 0)


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
    place.put(an_order(t0, side=side), held_shares(t0, "10"))
    settings = place.settings.model_copy(update={"trading_state": state.value if thrown == "for all" else "ACTIVE"})
    (order,) = rows_of(recover_orders(settings, t0).orders, Order)
    assert (bool(venue.sent), order.status) == (sent, status)


@pytest.mark.parametrize(
    ("side", "whose", "sent", "status"),
    [
        (Side.BUY, "*", False, OrderStatus.DENIED),
        (Side.BUY, "one", False, OrderStatus.DENIED),
        (Side.BUY, "other", True, OrderStatus.FILLED),
        (Side.SELL, "*", True, OrderStatus.FILLED),
    ],
)
def test_whoever_posts_a_purchase_looks_whether_its_leader_was_held_back_meanwhile(
    house: Any, t0: datetime, side: Side, whose: str, sent: bool, status: OrderStatus
) -> None:
    venue = Told(filled)
    place = house(venue)
    word = LeaderWord(strategy_id=whose, wallet=LEADER, ordered_at=t0, standing=LeaderStanding.PAUSED, why="he changed")
    place.put(an_order(t0, side=side), held_shares(t0, "10"), word)
    (order,) = rows_of(recover_orders(place.settings, t0).orders, Order)
    assert (bool(venue.sent), order.status) == (sent, status)
    assert order.reason is (None if sent else Reason.LEADER_PAUSED)


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("status", [OrderStatus.UNKNOWN, OrderStatus.MATCHED])
def test_what_a_venue_filled_before_a_halt_is_asked_about_and_booked_all_the_same(
    house: Any, t0: datetime, state: TradingState, side: Side, status: OrderStatus
) -> None:
    """Posted, then halted: the money has moved, and a ledger that does not know it would be wrong when it is resumed."""
    venue = Told(filled, knows=filled)
    place = house(venue, ordered(t0, state))
    place.put(an_order(t0, side=side, status=status), held_shares(t0, "10"))
    done = recover_orders(place.settings, t0)
    assert [(order.status, venue.sent) for order in rows_of(done.orders, Order)] == [(OrderStatus.FILLED, [])]
    assert [fill.shares for fill in rows_of(done.fills, Fill)] == [10]


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


class Ticking(Told):
    """A venue that takes no order off its own increment, and signs what an order asks for."""

    def __init__(self, increment: str, told: bool = False, reason: Reason = Reason.MARKET_CHANGED) -> None:
        super().__init__(self._judged)
        self.increment, self._told, self._reason = Decimal(increment), told, reason
        self.posted: list[Order] = []

    def sign(self, order: Order, instrument: Instrument) -> Signed:
        return Signed(row_id(order.order_id, order.limit_price, instrument.price_increment))

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        self.posted += orders
        self._known = instruments
        return super().post(orders, instruments, as_of)

    def _judged(self, order: Order) -> Answer:
        if self._known[order.token_id].price_increment == self.increment:
            return filled(order, price=str(order.limit_price))
        status = OrderStatus.REFUSED if self._reason is Reason.VENUE_INVALID_ORDER else OrderStatus.DENIED
        return Answer(order.order_id, status, reason=self._reason, price_increment=self.increment if self._told else None)


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on whoever describes instruments says that their increment is another."""

    def to(increment: str) -> None:
        really = RecordedFeed.instruments

        def instruments(feed: RecordedFeed, token_ids: Any, as_of: datetime) -> Any:
            said = really(feed, token_ids, as_of)
            changed = pl.lit(Decimal(increment)).cast(said[Instrument].schema["price_increment"])
            return {**said, Instrument: said[Instrument].with_columns(changed.alias("price_increment"))}

        monkeypatch.setattr(RecordedFeed, "instruments", instruments)

    return to


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("reason", [Reason.MARKET_CHANGED, Reason.VENUE_INVALID_ORDER])
@pytest.mark.parametrize(("increment", "limits"), [("0.001", ("0.495", "0.495")), ("0.1", ("0.4", "0.5"))])
def test_a_venue_that_changed_its_increment_is_believed_in_the_same_cycle(
    house: Any, t0: datetime, changes: Any, side: Side, reason: Reason, increment: str, limits: tuple[str, str]
) -> None:
    """From .01 to .001 all was DENIED MARKET_CHANGED for ten minutes, exits too. On .1 a BUY at 0.495 is one at 0.4, a SELL at 0.5."""
    venue = Ticking(increment, reason=reason)
    place = house(venue)
    place.put(held_shares(t0, "10"))
    at_hand({"m:Yes": Venue.POLYMARKET}, place.settings, t0)
    changes(increment)
    order = an_order(t0, side=side, limit_price=Decimal("0.495"))
    (done,) = rows_of(post_orders(frame_of([order], Order), place.settings, t0).orders, Order)
    assert (done.status, done.limit_price) == (OrderStatus.FILLED, Decimal(limits[side is Side.SELL]))
    assert len(venue.posted) == 2
    assert done.order_hash == venue.posted[1].order_hash != order.order_hash


@pytest.mark.parametrize(("side", "limit"), [(Side.BUY, "0.4"), (Side.SELL, "0.5")])
def test_an_order_that_waited_while_the_increment_changed_is_signed_anew_once_and_never_worse_for_us(
    house: Any, t0: datetime, changes: Any, side: Side, limit: str
) -> None:
    """Its cycle died before it was posted; the venue never saw it. Meanwhile the market went from .01 to .1."""
    venue = Ticking("0.1")
    place = house(venue)
    place.put(held_shares(t0, "10"), an_order(t0, side=side, limit_price=Decimal("0.495")))
    at_hand({"m:Yes": Venue.POLYMARKET}, place.settings, t0)
    changes("0.1")
    (done,) = rows_of(recover_orders(place.settings, t0 + timedelta(seconds=5)).orders, Order)
    assert (done.status, done.limit_price) == (OrderStatus.FILLED, Decimal(limit))
    assert len(venue.posted) == 2


def test_the_venues_word_on_its_increment_counts_where_those_who_describe_it_lag(house: Any, t0: datetime) -> None:
    """Gamma goes on saying .01 for a while."""
    venue = Ticking("0.001", told=True)
    place = house(venue)
    at_hand({"m:Yes": Venue.POLYMARKET}, place.settings, t0)
    (done,) = rows_of(post_orders(frame_of([an_order(t0)], Order), place.settings, t0).orders, Order)
    assert done.status is OrderStatus.FILLED


def test_the_new_hash_is_on_record_before_the_order_leaves_again(house: Any, t0: datetime, changes: Any) -> None:
    venue = Ticking("0.001")
    place = house(venue)
    at_hand({"m:Yes": Venue.POLYMARKET}, place.settings, t0)
    changes("0.001")
    on_record: list[str] = []
    post = venue.post

    def noting(orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        on_record.append(next((row.order_hash for row in place.rows(Order)), ""))
        return post(orders, instruments, as_of)

    venue.post = noting  # type: ignore[method-assign]
    post_orders(frame_of([an_order(t0)], Order), place.settings, t0)
    assert on_record == ["", venue.posted[1].order_hash]


def test_a_market_that_is_what_we_knew_is_not_tried_twice(house: Any, t0: datetime) -> None:
    venue = Ticking("0.001")
    place = house(venue)
    at_hand({"m:Yes": Venue.POLYMARKET}, place.settings, t0)
    (done,) = rows_of(post_orders(frame_of([an_order(t0)], Order), place.settings, t0).orders, Order)
    assert (done.status, len(venue.posted)) == (OrderStatus.DENIED, 1)


def test_while_one_order_of_a_token_stays_unknown_no_other_buy_of_it_leaves(house: Any, t0: datetime) -> None:
    """Both were on record when the cycle died: one was sent and nobody knows what it did, the other was not. Another token's goes out."""

    def knows(order: Order) -> Answer | None:
        return Answer(order.order_id, OrderStatus.UNKNOWN) if order.order_id == row_id("sent") else None

    venue = Told(filled, knows)
    place = house(venue)
    place.put(an_order(t0, order_id=row_id("sent"), status=OrderStatus.UNKNOWN), an_order(t0, order_id=row_id("not sent")))
    place.put(an_order(t0, "two", order_id=row_id("another's")))
    recover_orders(place.settings, t0)
    assert venue.sent == [row_id("another's")]


def four_unknown(t0: datetime) -> list[Order]:
    """Purchases whose answers were lost, each of a strategy of its own."""
    return [an_order(t0, name, status=OrderStatus.UNKNOWN) for name in ("one", "two", "three", "four")]


@pytest.mark.parametrize("error", [Unavailable("500"), Refused("400")], ids=["away", "a no"])
@pytest.mark.parametrize("silent_about", ["one", "two", "three", "four"])
def test_an_order_that_the_venue_cannot_tell_of_holds_up_no_other(house: Any, t0: datetime, error: Exception, silent_about: str) -> None:
    """Found by chaos: orders are asked about one by one, and the first question without an answer threw away all that was answered.

    With twenty orders open and each second call spoiled none ever got its end; one that the venue answers with 500 each time held up all
    others for good. It stays open, and is neither sent again nor given up.
    """

    def knows(order: Order) -> Answer:
        if order.strategy_id == silent_about:
            raise error
        return filled(order)

    venue = Told(filled, knows)
    place = house(venue)
    place.put(*four_unknown(t0))
    done = recover_orders(place.settings, t0 + timedelta(minutes=2))
    answered = {order.strategy_id: order.status for order in rows_of(done.orders, Order)}
    assert answered == dict.fromkeys({"one", "two", "three", "four"} - {silent_about}, OrderStatus.FILLED)
    assert venue.sent == []


def test_a_venue_that_answers_nothing_is_not_asked_about_every_order(house: Any, t0: datetime) -> None:
    """Each question may take ten seconds: where three in a row get no answer it is away, and the next cycle asks again."""
    asked: list[str] = []

    def knows(order: Order) -> Answer:
        asked.append(order.order_id)
        raise Unavailable("nobody")

    place = house(Told(filled, knows))
    place.put(*(an_order(t0, f"{number}", status=OrderStatus.UNKNOWN) for number in range(9)))
    with pytest.raises(Unavailable, match="nobody"):
        recover_orders(place.settings, t0)
    assert len(asked) == 3


def test_three_orders_that_get_no_answer_do_not_stand_before_the_others_for_ever(house: Any, t0: datetime) -> None:
    """Whom a cycle asks about first changes from cycle to cycle: within 40 of them everybody had a turn."""
    silent = {f"{number}" for number in range(3)}

    def knows(order: Order) -> Answer:
        if order.strategy_id in silent:
            raise Unavailable("500")
        return filled(order)

    place = house(Told(filled, knows))
    place.put(*(an_order(t0, f"{number}", status=OrderStatus.UNKNOWN) for number in range(6)))
    answered: set[str] = set()
    for cycle in range(40):
        try:
            done = recover_orders(place.settings, t0 + timedelta(seconds=30 * cycle))
        except Unavailable:
            continue
        answered |= set(done.orders["strategy_id"])
    assert answered == {"3", "4", "5"}


def test_while_nobody_says_what_became_of_an_order_no_other_purchase_of_its_token_is_sent_again(house: Any, t0: datetime) -> None:
    """As where the venue says UNKNOWN: together they might buy twice what was wanted."""

    def knows(order: Order) -> Answer | None:
        if order.order_id == row_id("silent"):
            raise Unavailable("500")
        return None

    venue = Told(filled, knows)
    place = house(venue)
    silent, unseen = (an_order(t0, order_id=row_id(name), status=OrderStatus.UNKNOWN) for name in ("silent", "unseen"))
    place.put(silent, unseen)
    recover_orders(place.settings, t0)
    assert venue.sent == []
