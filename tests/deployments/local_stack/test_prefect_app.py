"""What the Prefect server does less often here than by itself, and the two pages beside its own."""

import asyncio
import re
from pathlib import Path
from typing import Any

import prefect
import pytest
from docket import Docket
from prefect.server.api.server import UI_VERSION_COOKIE_NAME
from prefect.server.models.deployments import mark_deployments_ready
from prefect.server.models.work_queues import mark_work_queues_ready
from prefect.server.services.late_runs import mark_flow_run_late

from deployments.local_stack import prefect_app
from deployments.local_stack.prefect_app import NOTED_EVERY_S, CalmDocket, Entrance

SERVER = Path(prefect.__file__).parent / "server"
UIS = (("ui", "*.js"), ("ui-v2", "index-*.js"))
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


def asked(path: str) -> tuple[str, bytes]:
    """Who answered, and with what."""
    sent: list[Any] = []

    async def prefect(scope: Any, receive: Any, send: Any) -> None:
        sent.append({"body": b"Prefect's own"})

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Entrance(prefect)({"type": "http", "path": path}, None, send))  # type: ignore[arg-type]
    return ("prefect" if len(sent) == 1 else "us"), sent[-1]["body"]


def test_a_form_is_found_by_its_name_and_nothing_else_is_touched() -> None:
    """Prefect's address of a form holds a number that a server gives; no page of ours knows it."""
    assert asked("/form/strategy-editing")[0] == "us"
    assert asked("/enter")[0] == "us"
    assert {asked(path)[0] for path in ("/", "/form", "/formula", "/deployments/deployment/1/run", "/api/health")} == {"prefect"}
    page = asked("/form/strategy-editing")[1].decode()
    assert "deployments/deployment/${found[0].id}/run${location.search}" in page
    assert "prefect-password" in page


def test_both_uis_of_the_installed_prefect_have_that_address_and_read_parameters_there() -> None:
    """If this fails, an upgrade moved what links of ours rest on: `tasks/operating/forms.py`."""
    old, new = ("\n".join(path.read_text() for path in (SERVER / ui / "assets").glob(names)) for ui, names in UIS)
    assert re.search(r"path:`deployment/:deploymentId/run`", old)
    assert re.search(r"\(`parameters`,\w+,void 0\)", old)
    assert re.search(r"parse\(e\)\{return JSON\.parse\(decodeURIComponent\(e", old)
    assert re.search(r"parameters:[^;]{0,40}optional\(\),additionalOptions[^;]*;?[^;]*/deployments/deployment_/\$id/run", new)
    assert UI_VERSION_COOKIE_NAME in prefect_app.FORM.decode()
