"""Bursts of events: the server knows every task run of a warm process as it ended, and that it ran."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.runtime import flow_run

from deployments.calm_events import calm_events
from tasks.steps import step

pytestmark = pytest.mark.usefixtures("prefect_harness")
COUNT = 12
RUN_IDS: list[str] = []


@step
def seven() -> int:
    return 7


@step
def broken() -> None:
    raise ValueError("broken")


@flow(name="many-steps")
def many_steps() -> None:
    RUN_IDS.append(str(flow_run.id))
    for _ in range(COUNT):
        seven()
    broken()


def ran_here() -> str:
    with pytest.raises(ValueError, match="broken"):
        many_steps()
    return RUN_IDS[-1]


def ended(run_id: str) -> list[Any]:
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    return [run for run in runs if run.state and run.state.is_final()]


def once(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_every_step_of_a_run_is_on_record_as_it_ended() -> None:
    with calm_events():
        run_id = ran_here()
        once(lambda: len(ended(run_id)) == COUNT + 1)
    assert sorted(run.state.name for run in ended(run_id)) == ["Completed"] * COUNT + ["Failed"]
    assert all(run.start_time and run.run_count == 1 for run in ended(run_id))


def test_no_step_is_told_of_before_it_runs() -> None:
    """Of 39 events of 13 steps the 13 first said nothing."""
    with calm_events():
        run_id = ran_here()
        once(lambda: len(ended(run_id)) == COUNT + 1)
    with get_client(sync_client=True) as client:
        states = [state.name for run in ended(run_id) for state in client.read_task_run_states(run.id)]
    assert set(states) == {"Running", "Completed", "Failed"}
