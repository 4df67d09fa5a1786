"""What the Prefect server does less often here than by itself."""

import asyncio
from typing import Any

import pytest
from docket import Docket
from prefect.server.models.deployments import mark_deployments_ready
from prefect.server.models.work_queues import mark_work_queues_ready
from prefect.server.services.late_runs import mark_flow_run_late

from deployments.local_stack import prefect_app
from deployments.local_stack.prefect_app import NOTED_EVERY_S, CalmDocket

WARM, PROCESS = "mark_deployments_ready:work_pool:warm", "mark_deployments_ready:work_pool:process"


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of what was really added, in their order."""
    keys: list[str] = []

    def add(self: Docket, function: Any, when: Any = None, key: str = "") -> Any:
        async def schedule(**values: Any) -> None:
            keys.append(key)

        return schedule

    monkeypatch.setattr(Docket, "add", add)
    return keys


@pytest.fixture
def docket(monkeypatch: pytest.MonkeyPatch, added: list[str]) -> Any:
    """At second 0; `docket.at(s)` moves its clock."""
    clock = [0.0]
    monkeypatch.setattr(prefect_app, "monotonic", lambda: clock[0])
    calm = CalmDocket(name="calm", url="memory://calm")
    calm.at = lambda second: clock.__setitem__(0, second)  # type: ignore[attr-defined]
    return calm


def note(docket: Any, function: Any, key: str, **values: Any) -> None:
    asyncio.run(docket.add(function, key=key)(**values))


@pytest.mark.parametrize(("second", "times"), [(NOTED_EVERY_S - 1, 1), (NOTED_EVERY_S, 2)])
def test_that_a_worker_came_is_noted_once_in_a_while(docket: Any, added: list[str], second: float, times: int) -> None:
    note(docket, mark_deployments_ready, WARM, work_queue_ids=[1])
    docket.at(second)
    note(docket, mark_deployments_ready, WARM, work_queue_ids=[1])
    assert added == [WARM] * times


def test_each_pool_has_its_own_note(docket: Any, added: list[str]) -> None:
    note(docket, mark_deployments_ready, WARM, work_queue_ids=[1])
    note(docket, mark_deployments_ready, PROCESS, work_queue_ids=[2])
    assert added == [WARM, PROCESS]


@pytest.mark.parametrize(("ready", "times"), [([], 1), ([1], 2)])
def test_a_queue_that_was_not_ready_is_so_at_once_when_its_worker_comes(
    docket: Any, added: list[str], ready: list[int], times: int
) -> None:
    """A form whose queue is said to be not ready warns whoever would start a run."""
    for _ in range(2):
        note(docket, mark_work_queues_ready, "queues", polled_work_queue_ids=[], ready_work_queue_ids=ready)
    assert added == ["queues"] * times


def test_everything_else_is_done_as_often_as_it_is_asked_for(docket: Any, added: list[str]) -> None:
    for _ in range(2):
        note(docket, mark_flow_run_late, "late", flow_run_id=1)
    assert added == ["late", "late"]
