"""What an operator runs by hand, and what the execution worker runs: the flows themselves, bare, on the sandbox."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.connect import open_results
from adapters.stores.results import Write
from data_contracts import Fill, Order, OrderStatus, Position
from data_contracts.frames import frame_of
from flows.allowance_setting import give_allowances
from flows.order_execution import execute_orders
from flows.position_redeeming import redeem_positions
from flows.set_merging import merge_complete_sets
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.steps import bare_steps

DEPLOYMENTS = yaml.safe_load((Path(__file__).parents[4] / "prefect.yaml").read_text())["deployments"]
LIVE = [deployment for deployment in DEPLOYMENTS if "live" in deployment["tags"]]


@pytest.fixture(autouse=True)
def _bare() -> Iterator[None]:
    with bare_steps():
        yield


@pytest.fixture
def told(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The flows find the sandbox's settings, and what they report is kept here by its key."""
    reported: dict[str, Any] = {}
    for name in ("allowance_setting", "position_redeeming", "set_merging", "order_execution"):
        module = import_module(f"flows.{name}")
        monkeypatch.setattr(module, "load_settings", lambda: sandbox.settings)
        if hasattr(module, "report_lines"):
            monkeypatch.setattr(module, "report_lines", lambda lines, key, description, *_: reported.update({key: lines}))
    return reported


def test_what_touches_the_wallet_runs_where_the_key_is_by_hand_and_dry_by_default() -> None:
    assert len(LIVE) == 4
    for deployment in LIVE:
        assert deployment["work_pool"]["name"] == "execution"
        assert all(schedule["active"] is False for schedule in deployment.get("schedules", []))
    for flow in (give_allowances, redeem_positions, merge_complete_sets):
        assert flow.parameters.properties["dry_run"]["default"] is True
    others = [deployment for deployment in DEPLOYMENTS if deployment not in LIVE]
    assert all(deployment["work_pool"]["name"] != "execution" for deployment in others)


def test_an_order_crosses_the_wall_once(sandbox: Any, told: dict[str, Any]) -> None:
    """Whoever observes stores it with its hash and can do no more; the worker with the key posts and books it, the second time nothing."""
    market = sandbox.market()
    observer = replace(sandbox, settings=sandbox.settings.model_copy(update={"live_key": None}))
    order = observer.order(market)
    open_results(observer.settings).write([Write(Order, frame_of([order], Order))])
    assert post_orders(frame_of([order], Order), observer.settings, sandbox.now).orders.is_empty()
    assert recover_orders(observer.settings, sandbox.now).orders.is_empty()
    assert order.order_hash not in sandbox.hashes()
    for _ in range(2):
        execute_orders.fn(sandbox.now)
        results = open_results(sandbox.settings)
        (stored,) = results.rows(Order)
        assert stored.status is OrderStatus.FILLED
        assert sandbox.hashes().count(order.order_hash) == 1
        booked = sum((fill.shares for fill in results.rows(Fill)), Decimal(0))
        assert [position.shares for position in results.rows(Position)] == [booked]


def test_allowances_redeeming_and_merging_say_what_they_found(sandbox: Any, told: dict[str, Any]) -> None:
    sandbox.control(f"/accounts/{sandbox.settings.live_wallet}", {"allowances": False})
    give_allowances.fn()
    missing = told["allowances"]
    assert missing
    give_allowances.fn(dry_run=False)
    give_allowances.fn()
    assert told["allowances"] == []
    redeem_positions.fn()
    merge_complete_sets.fn()
    assert (told["redeemed"], told["merged"]) == ([], [])
