"""The process worker after a death: what it left is freed at once, and what lives on is left alone.

Case 12: worker and run killed, worker started again. The dead run stayed RUNNING, and each new one was CANCELLED for minutes, as its
deployment allows one at a time: alerts and learning stood still.
"""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect import State
from prefect.client.schemas.objects import FlowRun, StateType

from deployments.process_worker import environment_of, has_process, is_lost

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

POOL, NAME = "killed-process", "process-tester"
COMMAND = ("deployments.process_worker", "--pool", POOL, "--name", NAME)
ONE_AT_A_TIME = {"concurrency_limit": 1, "concurrency_options": {"collision_strategy": "CANCEL_NEW"}}
AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(house_with: Callable[..., Any]) -> Iterator[Any]:
    with house_with(POOL, "process", COMMAND, flows=str(Path(__file__).parent / "warm_flows.py")) as found:
        yield found


def begun(house: Any, deployment: str, gate: Path) -> str:
    run = str(house.start(deployment, gate=str(gate), seconds=600))
    house.wait_until(gate.with_suffix(".began").exists, "the run's first line")
    return run


def kill_worker(house: Any) -> None:
    house.worker_process.send(signal.SIGKILL)
    assert house.worker_process.wait_gone(10)


def kill_run(run: str) -> None:
    wanted = f"PREFECT__FLOW_RUN_ID={run}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        if wanted in environment_of(process):
            os.kill(int(process.name), signal.SIGKILL)


def test_a_run_that_died_with_its_worker_frees_its_slot_when_the_worker_is_back(house: Any, tmp_path: Path) -> None:
    deployment = house.deploy("wait_for", **ONE_AT_A_TIME)
    run = begun(house, deployment, tmp_path / "gate")
    kill_worker(house)
    kill_run(run)
    assert house.state(run)["type"] == "RUNNING"  # nobody said otherwise
    house.start_worker()
    assert house.final_state(run)["type"] == "CRASHED"
    (tmp_path / "gate").touch()
    assert house.final_state(house.start(deployment, gate=str(tmp_path / "gate")))["type"] == "COMPLETED"


def test_a_run_that_was_being_cancelled_is_cancelled(house: Any, tmp_path: Path) -> None:
    run = begun(house, house.deploy("wait_for", **ONE_AT_A_TIME), tmp_path / "gate")
    kill_worker(house)
    house.api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "CANCELLING", "name": "Cancelling"}})
    kill_run(run)
    house.start_worker()
    assert house.final_state(run)["type"] == "CANCELLED"


def test_a_run_that_outlived_its_worker_is_left_alone_and_completes(house: Any, tmp_path: Path) -> None:
    """To call it crashed would let a second one run beside it."""
    deployment = house.deploy("wait_for", **ONE_AT_A_TIME)
    run = begun(house, deployment, tmp_path / "gate")
    kill_worker(house)
    house.start_worker()
    done = house.start(house.deploy("count"))  # the new worker works, so it has looked for lost runs
    assert house.final_state(done)["type"] == "COMPLETED"
    if has_process(run):  # where Prefect lets a run die with its worker, it is the first test's case
        assert house.state(run)["type"] == "RUNNING"
    (tmp_path / "gate").touch()
    assert house.final_state(run)["type"] in ("COMPLETED", "CRASHED")
    assert house.final_state(house.start(deployment, gate=str(tmp_path / "gate")))["type"] == "COMPLETED"


def left(worker: str = NAME, since: datetime = AT, run: Any = None) -> FlowRun:
    state: State[Any] = State(type=StateType.RUNNING, timestamp=since)
    return FlowRun(id=run or uuid4(), flow_id=uuid4(), state=state, labels={"prefect.worker.name": worker})


@pytest.mark.parametrize(
    ("flow_run", "lost"),
    [
        (left(), True),
        (left(worker="another"), False),  # of a worker that may well live
        (left(since=AT + timedelta(seconds=1)), False),  # since this worker began: its own, however young
        (left(since=AT - timedelta(days=9)), True),  # from before the machine was switched off
    ],
)
def test_whose_run_is_lost(flow_run: FlowRun, lost: bool) -> None:
    assert is_lost(flow_run, NAME, AT + timedelta(milliseconds=1)) is lost
