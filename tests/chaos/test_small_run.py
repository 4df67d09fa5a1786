"""A run of chaos small enough for every day: orders go to an exchange through the proxy, a quarter of the calls is spoiled, and we die."""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from chaos.faults import FRONT_DOOR
from chaos.invariants import Ledger, Truth, duplicate_orders, ledger_differences, order_differences, position_differences
from chaos.proxy import Draw, Proxies, Proxy
from data_contracts import Fill, Order, Position, Settlement, Side
from data_contracts.errors import WalletflowError
from data_contracts.frames import frame_of
from tasks.copying.booking import book
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.steps import bare_steps
from tests.adapters.venues.conftest import SandboxVenue, served_sandbox
from tests.chaos.conftest import free_port

ROUNDS, SEED = 18, 20261128
CHECKS = (duplicate_orders, order_differences, ledger_differences, position_differences)


@pytest.fixture(scope="module")
def house() -> Iterator[SandboxVenue]:
    for server in served_sandbox():
        yield server.begin_anew()


@pytest.fixture
def draw(quick: None, monkeypatch: pytest.MonkeyPatch) -> Draw:
    monkeypatch.setattr("chaos.faults.RETRY_AFTER_S", 0)
    return Draw(SEED, FRONT_DOOR, in_storms=0.25)


@pytest.fixture
def spoiled(house: SandboxVenue, draw: Draw) -> Iterator[Settings]:
    """The same house; what it asks of the exchange goes through the proxy."""
    port = free_port()
    with Proxies([Proxy(port, urlsplit(house.url).port or 0, draw)]):
        yield house.settings.model_copy(update={"clob_url": f"http://127.0.0.1:{port}/clob"})


def cycle(house: SandboxVenue, settings: Settings, number: int, drawn: random.Random) -> None:
    """A purchase, or a sale of what we hold, on record before it leaves. One time in three we die when the venue has answered."""
    house.clock.advance(11)
    market = house.market()
    held = [row for row in open_results(settings).rows(Position, closed_at=None) if row.token_id == market.token_id and row.shares > 1]
    side = Side.SELL if held and drawn.random() < 0.5 else Side.BUY
    order = house.order(market, f"{number}", side=side, shares=Decimal(1) if side is Side.SELL else Decimal(8))
    open_results(settings).write([Write(Order, frame_of([order], Order))])
    done = post_orders(frame_of([order], Order), settings, house.now)
    if drawn.random() < 0.67:
        book(done, settings, house.now)


def recover(house: SandboxVenue, settings: Settings) -> None:
    """What every cycle begins with."""
    book(recover_orders(settings, house.now), settings, house.now)


def test_whatever_the_front_door_does_no_order_goes_out_twice_and_our_ledger_is_the_venues(
    house: SandboxVenue, spoiled: Settings, draw: Draw
) -> None:
    before, drawn = house.truth(), random.Random(SEED)
    draw.is_on = True
    with bare_steps():
        for number in range(ROUNDS):
            for step in (recover, lambda *given, number=number: cycle(*given, number, drawn)):
                try:
                    step(house, spoiled)
                except WalletflowError:  # this cycle is over; the next one begins with what it left
                    continue
        draw.is_on = False
        for _ in range(3):
            house.clock.advance(130)
            recover(house, spoiled)
    ours, truth = rows(house), house.truth()
    theirs = Truth(truth["orders"], truth["trades"], truth["tokens"], truth["collateral"], before["collateral"])
    assert {check.__name__: check(ours, theirs) for check in CHECKS} == {check.__name__: [] for check in CHECKS}
    assert draw.done.total() > ROUNDS // 2
    assert len(theirs.orders) > ROUNDS // 3
    assert {order["side"] for order in theirs.orders} == {"BUY", "SELL"}


def rows(house: SandboxVenue) -> Ledger:
    def of(row_class: type) -> list[Any]:
        return open_results(house.settings).rows(row_class)

    return Ledger(orders=of(Order), fills=of(Fill), positions=of(Position), settlements=of(Settlement))


def test_the_same_run_without_our_memory_of_one_order_is_found_out(house: SandboxVenue) -> None:
    """Of what the run above left one order is taken off our record: the venue has one that we do not know."""
    ours, truth = rows(house), house.truth()
    theirs = Truth(orders=truth["orders"], trades=truth["trades"])
    forgotten = next(order for order in ours.orders if order.order_hash in {one["order_hash"] for one in theirs.orders})
    left = replace(ours, orders=[order for order in ours.orders if order is not forgotten])
    assert duplicate_orders(left, theirs) == [f"order {forgotten.order_hash} is at the venue, and not on record"]
