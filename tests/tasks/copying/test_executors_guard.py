"""The executor believes no row: what the judge did not make is refused, and no more money leaves than its own file allows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.money_out import MoneyOut
from adapters.settings import LIVE_WORD
from adapters.venues.venue import Answer
from data_contracts import Alert, Order, OrderStatus, Reason, Side, Venue
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of, rows_of
from domain.copying.seals import seal_of
from domain.ids import row_id
from tasks.copying.executors_guard import sealed
from tasks.copying.order_execution import post_orders, recover_orders
from tests.ledger_rows import LEADER
from tests.tasks.copying.test_order_execution import Told, an_order, filled, held_shares

WALLET = "0x" + "c" * 40
pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def house(rooms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Told], Any]:
    """Rooms whose judge has a key, where orders go to a venue that is told what to say. Up to 10 USD may be out."""

    def made(venue: Told) -> Any:
        place = rooms((0, LEADER, "m", "Yes", "BUY", 10.0, 0.5))
        keys = tmp_path / "orders"
        keys.write_text("the judge's key\n")
        keys.chmod(0o600)
        live = {"live": LIVE_WORD, "live_wallet": WALLET, "live_key": SecretStr("0x1")}
        changed = {"order_key_file": keys, "home": tmp_path, "live_max_out": Decimal(10)} | live
        monkeypatch.setattr("tasks.copying.order_execution.open_venue", lambda name, settings: venue)
        return type(place)(place.settings.model_copy(update=changed))

    return made


def became(place: Any, order: Order, t0: datetime) -> tuple[OrderStatus, Reason | None]:
    place.put(order)
    (done,) = [one for one in rows_of(recover_orders(place.settings, t0).orders, Order) if one.order_id == order.order_id]
    return done.status, done.reason


def judged(place: Any, order: Order) -> Order:
    (one,) = sealed([order], place.settings)
    return one


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.UNKNOWN, OrderStatus.MATCHED])
@pytest.mark.parametrize("side", Side)
def test_a_row_that_somebody_wrote_into_orders_is_refused_and_the_operator_called(
    house: Any, t0: datetime, side: Side, status: OrderStatus
) -> None:
    """He can write to Postgres, and has no key. The venue is not even asked."""
    venue = Told(filled, knows=filled)
    place = house(venue)
    place.put(held_shares(t0, "10"))
    assert became(place, an_order(t0, side=side, status=status), t0) == (OrderStatus.DENIED, Reason.ORDER_FORGED)
    assert venue.sent == []
    assert [alert.what for alert in place.rows(Alert)] == ["order_forged"]


@pytest.mark.parametrize(
    "changes",
    [{"shares": Decimal(11)}, {"limit_price": Decimal("0.99")}, {"token_id": "m:No"}, {"side": Side.SELL}, {"order_id": row_id("again")}],
    ids=str,
)
def test_a_row_of_ours_that_somebody_changed_is_refused(house: Any, t0: datetime, changes: dict[str, Any]) -> None:
    venue = Told(filled)
    place = house(venue)
    assert became(place, replace(judged(place, an_order(t0)), **changes), t0) == (OrderStatus.DENIED, Reason.ORDER_FORGED)
    assert venue.sent == []


def test_what_the_judge_made_goes_out_beside_what_was_forged(house: Any, t0: datetime) -> None:
    venue = Told(filled)
    place = house(venue)
    ours = judged(place, an_order(t0))
    place.put(an_order(t0, "two"))
    assert became(place, ours, t0) == (OrderStatus.FILLED, None)
    assert venue.sent == [ours.order_id]


def test_a_key_is_rotated_without_an_order_lost(house: Any, t0: datetime) -> None:
    """The new key comes first, the old one stays below it until no order of it is open; then it counts no more."""
    place = house(Told(filled))
    made_before = [judged(place, an_order(t0, order_id=row_id(str(number)))) for number in range(2)]
    keys = place.settings.order_key_file
    keys.write_text("tomorrow's key\nthe judge's key\n")
    assert became(place, made_before[0], t0) == (OrderStatus.FILLED, None)
    assert judged(place, an_order(t0)).seal == seal_of(an_order(t0), "tomorrow's key")
    keys.write_text("tomorrow's key\n")
    assert became(place, made_before[1], t0) == (OrderStatus.DENIED, Reason.ORDER_FORGED)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_no_key(house: Any, t0: datetime, mode: int) -> None:
    place = house(Told(filled))
    place.settings.order_key_file.chmod(mode)
    with pytest.raises(Unsafe, match="chmod 600"):
        judged(place, an_order(t0))


def real(place: Any, t0: datetime, name: str, shares: str, side: Side = Side.BUY, **changes: Any) -> Order:
    """At 0.50 each, a hash of its own."""
    fields = {"is_simulated": False, "order_id": row_id(name), "order_hash": name, "shares": Decimal(shares)} | changes
    return judged(place, an_order(t0, side=side, **fields))


def post(place: Any, t0: datetime, *orders: Order) -> list[tuple[OrderStatus, Reason | None]]:
    done = {one.order_id: one for one in rows_of(post_orders(frame_of(orders, Order), place.settings, t0).orders, Order)}
    return [(done[order.order_id].status, done[order.order_id].reason) for order in orders]


def out(place: Any) -> Decimal:
    return MoneyOut(place.settings.home, Venue.POLYMARKET).total


FILLED, OVER_THE_CAP = (OrderStatus.FILLED, None), (OrderStatus.DENIED, Reason.MONEY_OUT_REACHED)


@pytest.mark.parametrize(("shares", "expected"), [("20", FILLED), ("20.01", OVER_THE_CAP)])
def test_ten_usd_may_be_out_and_not_a_hundredth_of_a_share_more(house: Any, t0: datetime, shares: str, expected: Any) -> None:
    """20 shares at 0.50 are 10 USD."""
    place = house(Told(lambda order: filled(order, str(order.shares))))
    assert post(place, t0, real(place, t0, "0x1", shares)) == [expected]


def test_the_cap_is_of_all_orders_and_outlives_the_process_and_the_database(house: Any, t0: datetime) -> None:
    """6 of 10 USD are out; rows of ours are all gone; 5 more do not go, 4 do."""
    place = house(Told(lambda order: filled(order, str(order.shares))))
    post(place, t0, real(place, t0, "0x1", "12"))
    assert post(place, t0, real(place, t0, "0x2", "10"), real(place, t0, "0x3", "8")) == [OVER_THE_CAP, FILLED]
    assert out(place) == 10


def test_a_lost_answer_counts_at_its_worst_until_the_venue_says_what_it_did(house: Any, t0: datetime) -> None:
    place = house(Told(lambda order: Answer(order.order_id, OrderStatus.UNKNOWN), knows=lambda order: filled(order, "4")))
    order = real(place, t0, "0x1", "20")
    post(place, t0, order)
    assert out(place) == 10
    assert became(place, replace(order, status=OrderStatus.UNKNOWN), t0) == (OrderStatus.FILLED, None)
    assert out(place) == 2


def test_a_sale_brings_money_back_and_no_cap_holds_it_up(house: Any, t0: datetime) -> None:
    """10 out; 8 shares at 0.50 bring 4; then 4 may go again."""
    place = house(Told(lambda order: filled(order, str(order.shares))))
    place.put(held_shares(t0, "100"))
    done = post(place, t0, real(place, t0, "0x1", "20"), real(place, t0, "0x2", "8", Side.SELL), real(place, t0, "0x3", "8"))
    assert done[:2] == [FILLED, FILLED]
    assert post(place, t0, real(place, t0, "0x4", "8")) == [FILLED]
    assert out(place) == 10


def test_a_row_that_takes_the_hash_of_an_order_that_is_out_brings_nothing_back(house: Any, t0: datetime) -> None:
    """Refused, it must not be noted as if the venue had refused that order."""
    place = house(Told(lambda order: filled(order, str(order.shares))))
    post(place, t0, real(place, t0, "0x1", "20"))
    assert became(place, an_order(t0, order_id=row_id("liar"), order_hash="0x1", is_simulated=False), t0)[1] is Reason.ORDER_FORGED
    assert out(place) == 10


def test_a_line_that_was_never_finished_is_of_an_order_that_never_left(house: Any, t0: datetime) -> None:
    place = house(Told(lambda order: filled(order, str(order.shares))))
    post(place, t0, real(place, t0, "0x1", "12"))
    with MoneyOut(place.settings.home, Venue.POLYMARKET).path.open("a") as file:
        file.write('{"hash": "0x2", "ou')
    assert out(place) == 6


def test_the_next_order_is_noted_after_such_a_line_and_not_on_it(house: Any, t0: datetime) -> None:
    place = house(Told(lambda order: filled(order, str(order.shares))))
    post(place, t0, real(place, t0, "0x1", "12"))
    with MoneyOut(place.settings.home, Venue.POLYMARKET).path.open("a") as file:
        file.write('{"hash": "0x2", "ou')
    assert post(place, t0, real(place, t0, "0x3", "2")) == [FILLED]
    assert out(place) == 7


@pytest.mark.parametrize("spoilt", ["nonsense\n", '{"hash": "0x1"}\n', '{"hash": "0x1", "out": "much"}\n', "[]\n"])
def test_where_the_file_cannot_be_read_nothing_is_bought_and_what_is_held_is_sold(house: Any, t0: datetime, spoilt: str) -> None:
    place = house(Told(lambda order: filled(order, str(order.shares))))
    place.put(held_shares(t0, "100"))
    post(place, t0, real(place, t0, "0x1", "12"))
    MoneyOut(place.settings.home, Venue.POLYMARKET).path.write_text(spoilt)
    assert post(place, t0, real(place, t0, "0x2", "1"), real(place, t0, "0x3", "1", Side.SELL)) == [OVER_THE_CAP, FILLED]


def test_the_file_is_its_owners_alone(house: Any, t0: datetime) -> None:
    place = house(Told(lambda order: filled(order, str(order.shares))))
    post(place, t0, real(place, t0, "0x1", "12"))
    path = MoneyOut(place.settings.home, Venue.POLYMARKET).path
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
