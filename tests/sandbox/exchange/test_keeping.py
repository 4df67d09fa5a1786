"""A sandbox that was killed comes back with its accounts, orders and trades. Before, a venue forgot what it had sold to us."""

import errno
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.exchange.control import account_row
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.keeping import Keeping, KeptDoor
from sandbox.markets import Market
from sandbox.server import ShiftedClock, app_of
from sandbox.world import World
from tests.sandbox.exchange.conftest import ORIGIN, PUBLIC_KEYS, StandingClock
from tests.sandbox.exchange.in_process import Trader


def an_exchange(world: World, file: Path, clock: Any) -> tuple[Exchange, Keeping]:
    """As a start of the sandbox makes it."""
    exchange = Exchange(world, clock)
    keeping = Keeping(exchange, file, lambda: clock() - ORIGIN.timestamp(), clock.advance)
    keeping.load()
    return exchange, keeping


@pytest.fixture
def market(world: World) -> Market:
    now_s = ORIGIN.timestamp()
    return next(market for market in world.at(now_s).markets() if market.open_at(now_s) and market.closes_s > now_s + 300)


def buy(exchange: Exchange, market: Market) -> Trader:
    trader = Trader.at(exchange, PUBLIC_KEYS[0])
    trader.post(market, 0, "BUY", 99, 10, kind="FAK")
    trader.post(market, 0, "BUY", 1, 20)  # rests
    return trader


def test_what_was_bought_and_what_rests_is_there_after_a_kill(world: World, market: Market, tmp_path: Path) -> None:
    exchange, keeping = an_exchange(world, tmp_path / "exchange", StandingClock())
    trader = buy(exchange, market)
    keeping.save_if_changed()
    again, _ = an_exchange(world, tmp_path / "exchange", StandingClock())
    assert account_row(again, trader.address) == account_row(exchange, trader.address)
    assert account_row(again, trader.address)["trades"]
    assert again.open_orders(again.keys.derive(trader.address, 0)) != []


def test_a_trade_that_was_not_final_settles_after_the_kill(world: World, market: Market, tmp_path: Path) -> None:
    clock = StandingClock()
    exchange, keeping = an_exchange(world, tmp_path / "exchange", clock)
    exchange.settles_in_s = (5, 5)
    trader = buy(exchange, market)
    keeping.save_if_changed()
    assert account_row(exchange, trader.address)["tokens"] == {}
    again, _ = an_exchange(world, tmp_path / "exchange", clock)
    clock.advance(10)
    assert {trade["status"] for trade in account_row(again, trader.address)["trades"]} == {"CONFIRMED"}
    assert account_row(again, trader.address)["tokens"] == {market.token_ids[0]: sum(order.matched for order in exchange.orders.values())}


def test_its_clock_does_not_go_back(world: World, tmp_path: Path) -> None:
    """A world whose clock went back would take back trades that it has told of."""
    clock, file = ShiftedClock(), tmp_path / "exchange"
    keeping = Keeping(Exchange(world, clock), file, lambda: clock.ahead_s, clock.advance)
    clock.advance(7)
    keeping.note()
    keeping.save_if_changed()
    later = ShiftedClock()
    Keeping(Exchange(world, later), file, lambda: later.ahead_s, later.advance).load()
    assert later.ahead_s == 7


def test_what_changed_is_on_disk_before_the_answer_and_a_read_writes_nothing(world: World, tmp_path: Path) -> None:
    clock, file = StandingClock(), tmp_path / "exchange"
    exchange, keeping = an_exchange(world, file, clock)
    with TestClient(KeptDoor(app_of(world, clock, exchange=exchange), keeping)) as client:
        client.get("/clob/time")
        client.post("/clob/books", json=[])
        assert not file.exists()
        client.post(f"/control/accounts/{'0x' + '1' * 40}", json={"collateral": 5})
        again, _ = an_exchange(world, file, clock)
    assert account_row(again, "0x" + "1" * 40)["collateral"] == 5


def test_a_draft_that_a_kill_left_behind_is_not_read(world: World, tmp_path: Path) -> None:
    exchange, keeping = an_exchange(world, tmp_path / "exchange", StandingClock())
    exchange.closed_only.add("0x1")
    keeping.note()
    keeping.save_if_changed()
    (tmp_path / "exchange.draft").write_bytes(b"half")
    again, _ = an_exchange(world, tmp_path / "exchange", StandingClock())
    assert again.closed_only == {"0x1"}


def test_what_a_full_disk_did_not_keep_is_kept_with_the_next_answer(
    world: World, market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer failed, the trade stood, and the next question told of it: killed then, the venue forgot what it had told."""
    exchange, keeping = an_exchange(world, tmp_path / "exchange", StandingClock())
    trader = buy(exchange, market)
    with monkeypatch.context() as full:
        full.setattr("sandbox.exchange.keeping.Path.open", _no_space)
        with pytest.raises(OSError, match="No space left"):
            keeping.save_if_changed()
    keeping.save_if_changed()
    again, _ = an_exchange(world, tmp_path / "exchange", StandingClock())
    assert account_row(again, trader.address)["trades"]


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
