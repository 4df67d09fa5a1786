"""The warm worker is killed in the middle of a cycle and started again: no signal is lost or doubled, no order goes out twice.

The worker is the real one in a process of its own, with Prefect's server on our Postgres. The sandbox world is served here: it can
hold an answer back: the worker then stands at a point of the cycle that we know, and dies there by SIGKILL.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from signal import SIGKILL
from typing import Any

import httpx
import pytest

from adapters.connect import open_history
from data_contracts import Deferral, Fill, JudgedTrade, Order, Position, Side, Signal, Trade, Verdict
from data_contracts.frames import rows_of
from deployments import prefect_api
from deployments.local_stack import home as places
from deployments.local_stack.prefect_server import client_environment
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import spawn
from deployments.processes import Process
from tests.deployments.conftest import wait_until

pytestmark = [pytest.mark.long, pytest.mark.timeout(1_200)]

POOL, EVERY_S = "killed", 2
TRADES, HOLDERS, BOOKS = "/data/v2/trades", "/data/v2/holders", "/clob/books"


@dataclass
class Factory:
    """Prefect's server, the worker, and the deployed copy cycle on its schedule."""

    home: Any
    api: httpx.Client
    service: Service
    deployment: str
    worker: Process | None = None

    def start(self) -> None:
        self.worker = spawn(self.service, places.log_of(self.home.settings.home, self.service.name))

    def kill(self) -> None:
        assert self.worker is not None
        self.worker.send(SIGKILL)
        assert self.worker.wait_gone(10)

    def runs(self, *states: str) -> list[dict[str, Any]]:
        body = {"deployments": {"id": {"any_": [self.deployment]}}, "flow_runs": {"state": {"type": {"any_": list(states)}}}}
        found: list[dict[str, Any]] = self.api.post("/flow_runs/filter", json=body).raise_for_status().json()
        return found

    def let_cycles_complete(self, count: int) -> None:
        before = len(self.runs("COMPLETED"))
        wait_until(lambda: len(self.runs("COMPLETED")) >= before + count, "completed cycles")


def after_the_last(path: str, asked: list[str]) -> list[str]:
    """What was asked since `path` was."""
    return asked[len(asked) - asked[::-1].index(path) :] if path in asked else []


def between_trades_and_signals(asked: list[str]) -> bool:
    """The holders are asked for when trades are stored and before any is judged."""
    return asked[-1] == HOLDERS


def between_orders_and_fills(asked: list[str]) -> bool:
    """Books are asked for twice after the trades: by the price guard, then by the venue, when the orders are on record."""
    return asked[-1] == BOOKS and after_the_last(TRADES, asked).count(BOOKS) == 2


@pytest.fixture(scope="module")
def factory(stack: Any, prefect: Service, stack_settings: Any, live_sandbox: Any, new_house: Any, everybody: Any) -> Iterator[Factory]:
    settings, _ = stack
    home = new_house(stack_settings, live_sandbox)
    everybody(home, live_sandbox)
    environment = {
        **client_environment(settings),
        **home.environment(),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # its second start must not compile half a million lines again
    }
    command = (sys.executable, "-m", "deployments.warm_process", "--pool", POOL, "--name", POOL, "--grace", "5")
    service = Service(POOL, "", command, is_ready=lambda: True, environment=environment)
    auth = prefect_api.credentials(settings)
    with httpx.Client(base_url=settings.prefect_api_url, auth=auth, timeout=30, trust_env=False) as api:
        api.post("/work_pools/", json={"name": POOL, "type": "walletflow-warm"}).raise_for_status()
        found = Factory(home, api, service, deployed(api))
        yield found
        if found.worker is not None:
            found.worker.stop(0, SIGKILL)


def deployed(api: httpx.Client) -> str:
    flow_id = api.post("/flows/", json={"name": "copy-trading"}).json()["id"]
    body = {
        "name": "killed",
        "flow_id": flow_id,
        "entrypoint": "flows/copy_trading.py:copy_trading",
        "work_pool_name": POOL,
        "concurrency_limit": 1,
        "concurrency_options": {"collision_strategy": "CANCEL_NEW"},
        "schedules": [{"schedule": {"interval": EVERY_S}, "active": True}],
    }
    return str(api.post("/deployments/", json=body).raise_for_status().json()["id"])


@pytest.fixture(scope="module")
def survived(factory: Factory, live_sandbox: Any) -> Any:
    """Killed once at either point, started again each time, and left in peace for three cycles: the house it left."""
    door, home = live_sandbox.door, factory.home
    door.held = between_trades_and_signals
    factory.start()
    wait_until(door.holding.is_set, "a cycle that asks who holds what")
    seen = open_history(home.settings).trades(live_sandbox.now() - timedelta(days=9), live_sandbox.now()).height, home.rows(Signal)
    factory.kill()
    door.reset()

    door.held = between_orders_and_fills
    factory.start()
    wait_until(door.holding.is_set, "a cycle that posts its orders")
    left = home.rows(Order, status="PENDING"), {fill.order_id for fill in home.rows(Fill)}
    factory.kill()
    door.reset()

    factory.start()
    factory.let_cycles_complete(3)
    factory.api.patch(f"/deployments/{factory.deployment}", json={"paused": True}).raise_for_status()
    wait_until(lambda: not factory.runs("RUNNING", "PENDING"), "the last cycle's end")
    return home, seen, left


def test_it_died_when_trades_were_stored_and_none_was_judged(survived: Any) -> None:
    _, (tokens, signals), _ = survived
    assert tokens > 0
    assert signals == []


def test_it_died_when_orders_were_pending_and_had_no_fill(survived: Any) -> None:
    _, _, (pending, filled) = survived
    assert pending
    assert not {order.order_id for order in pending} & filled


def test_its_runs_are_crashed_not_running_for_ever(survived: Any, factory: Factory) -> None:
    assert len(factory.runs("CRASHED")) == 2


def test_every_trade_of_a_leader_has_exactly_one_signal_of_each_strategy(survived: Any, live_sandbox: Any) -> None:
    """From the first cycle's look back to how far the last one judged: everybody is a leader, so these are all trades of the world."""
    home, _, _ = survived
    first, end = first_judged_at(home), home.watermark("signals")
    true = Counter(told(trade) for trade in live_sandbox.trades(first, end - timedelta(seconds=5), known_s=1))
    stored = rows_of(open_history(home.settings).trades(first, end - timedelta(seconds=5)), Trade)
    assert Counter((t.wallet, t.token_id, t.side.value, float(t.shares), t.traded_at.timestamp()) for t in stored) == true
    judged = {(row.strategy_id, row.trade_id): row.signal_id for row in home.rows(JudgedTrade)}
    waiting = {(row.strategy_id, row.trade_id) for row in home.rows(Deferral) if row.ended_at is None}  # a sale whose answer lags
    wanted = {(strategy_id, trade.trade_id) for strategy_id in ("consensus", "mirror") for trade in stored}
    assert judged.keys() | waiting >= wanted
    assert not judged.keys() & waiting
    of_trades = {row.signal_id: row.fills for row in home.rows(Signal) if row.signal_id in set(judged.values())}
    assert Counter(judged.values()) == of_trades


def told(trade: Any) -> tuple[object, ...]:
    side, token_id = "BUY" if trade.is_buy else "SELL", trade.market.token_ids[trade.outcome]
    return trade.wallet.address, token_id, side, trade.hundredths / 100, float(int(trade.at_s))


def first_judged_at(home: Any) -> datetime:
    """The oldest trade that has a signal: nothing before it was to be judged."""
    oldest: datetime = min(row.traded_at for row in home.rows(Signal))
    return oldest - timedelta(microseconds=1)


def test_every_copy_has_exactly_one_order_and_none_waits_for_an_answer(survived: Any) -> None:
    """But an exit is asked for again until it is done: then all its orders but the last left something to sell."""
    home, _, _ = survived
    copied = {row.signal_id: row.side for row in home.rows(Signal) if row.verdict is Verdict.COPY}
    orders = defaultdict(list)
    for order in sorted(home.rows(Order), key=lambda order: order.created_at):
        orders[order.signal_id].append(order)
    assert orders.keys() == copied.keys()
    assert all(len(orders[signal_id]) == 1 for signal_id, side in copied.items() if side is Side.BUY)
    assert "FILLED" not in {order.status for tried in orders.values() for order in tried[:-1]}
    assert home.rows(Order, status=["PENDING", "UNKNOWN"]) == []


def test_what_was_pending_when_it_died_was_answered_once(survived: Any) -> None:
    home, _, (pending, _) = survived
    bought: dict[str, Decimal] = defaultdict(Decimal)
    for fill in home.rows(Fill):
        bought[fill.order_id] += fill.shares
    after = {order.order_id: order for order in home.rows(Order)}
    assert all(bought[order.order_id] <= order.shares for order in pending)
    assert {after[order.order_id].status.value for order in pending} <= {"FILLED", "PARTIAL", "UNFILLED", "REFUSED"}


def test_positions_are_the_fold_of_the_fills(survived: Any) -> None:
    home, _, _ = survived
    net: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for fill in home.rows(Fill):
        net[fill.strategy_id, fill.leader, fill.token_id] += fill.shares if fill.side is Side.BUY else -fill.shares
    settled = home.settled()
    held = {
        (row.strategy_id, row.leader, row.token_id): row.shares + settled.get((row.strategy_id, row.leader, row.token_id), 0)
        for row in home.rows(Position)
    }
    assert held == dict(net)
