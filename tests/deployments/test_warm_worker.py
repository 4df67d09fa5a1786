"""The warm worker under a real Prefect server: what an ordinary worker does, it must do as well."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from prefect.client.schemas.objects import FlowRun

from adapters.stores.postgres import PostgresResults, engine_of
from adapters.stores.postgres_tables import METADATA
from data_contracts import Counter, Delivery, TradeIntent, Venue, contract_of
from deployments.warm_worker import overtaken_runs
from domain.ids import row_id
from tasks.copying.unread import unread

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

POOL = "warm"
ONE_AT_A_TIME = {"concurrency_limit": 1, "concurrency_options": {"collision_strategy": "CANCEL_NEW"}}


COMMAND = ("deployments.warm_process", "--pool", POOL, "--name", "tester", "--import", "warm_flows", "--grace", "5", "--wakes")


@pytest.fixture(scope="module")
def posted_to(postgres_url: str) -> str:
    """The address of a schema with what is posted, and the counts of it."""
    url = f"{postgres_url}?schema=woken"
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA woken"))
    with engine_of(url).begin() as connection:
        METADATA.create_all(connection, [METADATA.tables[contract_of(kind).table] for kind in (Counter, Delivery, TradeIntent)])
    return url


@pytest.fixture(scope="module")
def house(house_with: Callable[..., Any], posted_to: str) -> Iterator[Any]:
    with house_with(POOL, "walletflow-warm", COMMAND, {"WALLETFLOW_POSTGRES_URL": posted_to}) as found:
        yield found


def test_a_scheduled_run_completes_with_its_task_runs_and_its_log(house: Any) -> None:
    run = wait_until_scheduled(house, house.deploy("count", schedules=[{"schedule": {"interval": 3600}, "active": True}]))
    soon = {"type": "SCHEDULED", "state_details": {"scheduled_time": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()}}
    house.api.post(f"/flow_runs/{run}/set_state", json={"state": soon, "force": True})  # its own hour would be long to wait for
    assert house.final_state(run)["type"] == "COMPLETED"
    house.wait_until(lambda: len(house.of_run("task_runs", run)) == 3, "three task runs")
    house.wait_until(lambda: any("counted to 3" in line["message"] for line in house.of_run("logs", run)), "what the flow printed")


def wait_until_scheduled(house: Any, deployment: str) -> str:
    body = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    runs = house.wait_until(lambda: house.api.post("/flow_runs/filter", json=body).json(), "the scheduler")
    return str(runs[0]["id"])


def test_parameters_of_an_ad_hoc_run_reach_the_flow(house: Any) -> None:
    run = house.start(house.deploy("count"), start=40, steps=2)
    assert house.final_state(run)["type"] == "COMPLETED"
    house.wait_until(lambda: any("counted to 42" in line["message"] for line in house.of_run("logs", run)), "what the flow printed")


def test_what_is_posted_begins_a_cycle_one_after_the_other(house: Any, posted_to: str) -> None:
    """Nothing is scheduled, and whoever stores it starts nothing: the worker hears of it."""
    deployment = house.deploy("copy-trading", name="copy-trading", entrypoint="warm_flows.py:read_posted", **ONE_AT_A_TIME)
    store = PostgresResults(posted_to)
    for number in range(2):
        store.receive([a_delivery(f"{number}")])
        house.wait_until(lambda: not unread(store), "a cycle")
    states = [run["state"]["type"] for run in runs_of(house, deployment)]
    assert states.count("COMPLETED") + states.count("RUNNING") == 2


def a_delivery(signature: str) -> Delivery:
    at = datetime.now(UTC)
    return Delivery(delivery_id=row_id(signature), venue=Venue.SOLANA, source="helius", signature=signature, payload="{}", received_at=at)


def runs_of(house: Any, deployment: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.api.post("/flow_runs/filter", json={"deployments": {"id": {"any_": [deployment]}}}).json()
    return found


def test_a_run_that_collides_with_a_running_one_is_cancelled(house: Any, tmp_path: Path) -> None:
    deployment = house.deploy("wait_for", **ONE_AT_A_TIME)
    first = house.start(deployment, gate=str(tmp_path / "gate"))
    house.wait_until(lambda: (tmp_path / "gate.began").exists(), "the first run")
    second = house.start(deployment, gate=str(tmp_path / "second"))
    assert house.final_state(second)["type"] == "CANCELLED"
    (tmp_path / "gate").touch()
    assert house.final_state(first)["type"] == "COMPLETED"
    assert not (tmp_path / "second.began").exists()


def test_a_cancelled_run_stops_at_its_next_task_and_frees_its_slot(house: Any, tmp_path: Path) -> None:
    deployment = house.deploy("wait_for", **ONE_AT_A_TIME)
    run = house.start(deployment, gate=str(tmp_path / "gate"))
    house.wait_until(lambda: (tmp_path / "gate.began").exists(), "the run")
    house.api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "CANCELLING", "name": "Cancelling"}})
    assert house.final_state(run)["type"] == "CANCELLED"
    (tmp_path / "gate").touch()
    next_run = house.start(deployment, gate=str(tmp_path / "gate"))
    assert house.final_state(next_run)["type"] == "COMPLETED"


def test_a_failed_flow_is_failed_with_its_message_and_the_worker_goes_on(house: Any) -> None:
    failed = house.final_state(house.start(house.deploy("fail")))
    assert (failed["type"], "the book was empty" in failed["message"]) == ("FAILED", True)
    assert house.final_state(house.start(house.deploy("count")))["type"] == "COMPLETED"


@pytest.mark.parametrize(("flow", "end"), [("leave", "CRASHED"), ("panic", "CRASHED"), ("run_out", "FAILED"), ("no_flow", "CRASHED")])
def test_nothing_a_flow_throws_ends_the_worker(house: Any, flow: str, end: str) -> None:
    """A panic of polars, which is a BaseException, ended the process with all runs in it: one market of NaN was enough."""
    assert house.final_state(house.start(house.deploy(flow)))["type"] == end
    assert house.final_state(house.start(house.deploy("count")))["type"] == "COMPLETED"
    assert house.worker_process is not None
    assert house.worker_process.is_alive()


def test_a_killed_worker_s_run_is_crashed_on_restart_and_its_slot_is_free(house: Any, tmp_path: Path) -> None:
    deployment = house.deploy("wait_for", **ONE_AT_A_TIME)
    run = house.start(deployment, gate=str(tmp_path / "gate"))
    house.wait_until(lambda: (tmp_path / "gate.began").exists(), "the run")
    assert house.worker_process is not None
    house.worker_process.stop(1, signal.SIGKILL)
    house.start_worker()
    assert house.final_state(run)["type"] == "CRASHED"
    (tmp_path / "gate").touch()
    assert house.final_state(house.start(deployment, gate=str(tmp_path / "gate")))["type"] == "COMPLETED"


def test_the_worker_lets_a_run_finish_before_it_ends_on_sigterm(house: Any, tmp_path: Path) -> None:
    run = house.start(house.deploy("wait_for"), gate=str(tmp_path / "gate"))
    house.wait_until(lambda: (tmp_path / "gate.began").exists(), "the run")
    assert house.worker_process is not None
    house.worker_process.send(signal.SIGTERM)
    (tmp_path / "gate").touch()
    assert house.worker_process.wait_gone(300)
    assert house.state(run)["type"] == "COMPLETED"
    house.start_worker()


def test_the_worker_outlives_a_restart_of_the_server(house: Any) -> None:
    house.stop_server()
    house.supervisor.up([house.server])
    assert house.final_state(house.start(house.deploy("count")))["type"] == "COMPLETED"


def test_the_process_is_warm_before_its_server_answers() -> None:
    """`make up` starts both at once, and the worker waits; its kept client once asked the server's version first, and the worker ended."""
    early = "from deployments.warm_process import warm\nwith warm(): print('warm')"
    nobody = os.environ | {"PREFECT_API_URL": "http://127.0.0.1:1/api"}
    assert subprocess.check_output([sys.executable, "-c", early], env=nobody, text=True) == "warm\n"


def scheduled(deployment: Any, seconds_ago: float, at: datetime) -> FlowRun:
    return FlowRun(flow_id=uuid4(), deployment_id=deployment, expected_start_time=at - timedelta(seconds=seconds_ago), auto_scheduled=True)


def test_of_late_runs_of_one_schedule_all_but_the_newest_are_overtaken() -> None:
    at, one, other = datetime(2026, 1, 1, tzinfo=UTC), uuid4(), uuid4()
    oldest, newest, future = scheduled(one, 60, at), scheduled(one, 30, at), scheduled(one, -30, at)
    assert overtaken_runs([newest, future, oldest, scheduled(other, 90, at)], at) == [oldest]


def test_a_run_somebody_asked_for_is_never_overtaken() -> None:
    at, deployment = datetime(2026, 1, 1, tzinfo=UTC), uuid4()
    asked = scheduled(deployment, 60, at)
    asked.auto_scheduled = False
    assert overtaken_runs([asked, scheduled(deployment, 30, at)], at) == []
