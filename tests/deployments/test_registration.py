"""What `make up` makes of a Prefect server: the pools and deployments that prefect.yaml names, and nothing of former names."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from prefect.settings.models.server.events import ServerEventsSettings
from prefect.settings.models.server.services import ServerServicesDBVacuumSettings

from adapters.settings import Settings
from deployments import prefect_api
from deployments.automations.rules import NAME
from deployments.local_stack import home as places
from deployments.local_stack.prefect_server import PASSING, client_environment, server_environment
from deployments.local_stack.registration import EXECUTION, FORMER_NAMES, declared_pools, remove_former, set_pools
from deployments.local_stack.repository import ROOT
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import Supervisor
from domain.operating.notices import NoticeKind
from flows.data_retention import LONGEST_RUN_DAYS
from tests.receiver import receiving

DECLARED: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda deployment: deployment["name"])
def test_every_pool_that_is_used_is_declared_and_what_is_scheduled_runs_one_at_a_time(deployment: dict[str, Any]) -> None:
    assert deployment["work_pool"]["name"] in {pool["name"] for pool in declared_pools()}
    if deployment.get("schedules") or deployment["work_pool"]["name"] == EXECUTION:
        assert deployment["concurrency_limit"]["limit"] == 1


def test_where_the_key_is_one_run_at_a_time_is_said_in_the_file() -> None:
    (execution,) = [pool for pool in declared_pools() if pool["name"] == EXECUTION]
    assert execution["concurrency_limit"] == 1


def test_no_deployment_has_a_former_name() -> None:
    assert not {deployment["name"] for deployment in DECLARED} & set(FORMER_NAMES)


@pytest.fixture
def server(stack: tuple[Settings, Supervisor], prefect: Service) -> Settings:
    return stack[0]


def limit_of(settings: Settings, pool: str) -> Any:
    return prefect_api.call(settings, f"/work_pools/{pool}")["concurrency_limit"]


@pytest.mark.long
def test_a_pool_that_is_there_gets_the_limit_of_the_file(server: Settings) -> None:
    """It was set only where the pool was not there yet: a worker that came first had made it without a limit."""
    for pool in prefect_api.call(server, "/work_pools/filter", {"work_pools": {"name": {"any_": [EXECUTION]}}}):
        prefect_api.call(server, f"/work_pools/{pool['name']}", method="DELETE")  # of another file's tests, on the same server
    prefect_api.call(server, "/work_pools/", {"name": EXECUTION, "type": "walletflow-warm"})
    assert limit_of(server, EXECUTION) is None
    for _ in range(2):
        set_pools(server)
        assert {pool["name"]: limit_of(server, pool["name"]) for pool in declared_pools()} == {
            pool["name"]: pool["concurrency_limit"] for pool in declared_pools()
        }


@pytest.mark.long
def test_former_names_are_removed_with_what_they_had_planned_and_others_stay(server: Settings) -> None:
    """`alert-watching` became `health-monitoring`: in a home of before, both would have run every five minutes."""
    set_pools(server)
    flow = prefect_api.call(server, "/flows/", {"name": f"flow-{uuid4()}"})["id"]
    for name in (*FORMER_NAMES, "an-operator-s-own"):
        made = prefect_api.call(server, "/deployments/", {"name": name, "flow_id": flow, "work_pool_name": "process"})
        prefect_api.start_run(server, made["id"])
    said: list[str] = []
    for _ in range(2):
        remove_former(server, said.append)
        assert set(prefect_api.deployment_names(server)) & {*FORMER_NAMES, "an-operator-s-own"} == {"an-operator-s-own"}
    assert len(said) == len(FORMER_NAMES)
    planned = {"flows": {"id": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    left = prefect_api.call(server, "/flow_runs/filter", planned)
    kept = {str(found["id"]) for found in prefect_api.deployments(server)}
    assert len(left) == 1  # the operator's own
    assert left[0]["deployment_id"] in kept


@pytest.mark.long
def test_a_channel_gets_each_kind_of_notice_once_and_its_secret_is_in_no_log(server: Settings) -> None:
    """From the command, by the server's automations, to who listens. Applied again they are the same; without a channel there are none."""
    with receiving() as receiver:
        added = notices(server, "add", "webhook", typed=f"{receiver.url}/hunter2")
        assert "webhook is told from now on" in added
        listed = prefect_api.call(server, "/automations/filter", {})
        ours = {one["name"]: one for one in listed if one["name"].startswith(NAME)}
        assert len(ours) == len(NoticeKind) + 1
        for kind in NoticeKind:
            tell_server(server, kind)
        posted = receiver.wait_for(len(NoticeKind))
        assert {path for path, _ in posted} == {"/hunter2"}
        assert sorted(body["subject"] for _, body in posted) == sorted(f"subject of {kind}" for kind in NoticeKind)
        assert {body["body"] for _, body in posted} == {"down: `walletflow up`"}
        receiver.status = 500
        failed = notices(server, "test", ends_with=1)
        assert re.search("fail +webhook +it answered 500", failed)
    shown = f"{added}{failed}{notices(server, 'remove', 'webhook')}{places.log_of(server.home, 'prefect').read_text()}"
    assert "hunter2" not in shown
    assert not [one for one in prefect_api.call(server, "/automations/filter", {}) if one["name"].startswith(NAME)]


def tell_server(settings: Settings, kind: NoticeKind) -> None:
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": f"walletflow.notice.{kind}",
        "resource": {"prefect.resource.id": f"walletflow.notice.{kind}"},
        "payload": {"subject": f"subject of {kind}", "body": "down: `walletflow up`"},
    }
    url, auth = f"{settings.prefect_api_url}/events", prefect_api.credentials(settings)
    httpx.post(url, json=[event], auth=auth, trust_env=False, timeout=200).raise_for_status()


def notices(settings: Settings, *arguments: str, typed: str = "", ends_with: int = 0) -> str:
    """What `walletflow notices` says."""
    environment = os.environ | client_environment(settings) | {"WALLETFLOW_HOME": str(settings.home)}
    command = [sys.executable, "-m", "deployments.command_line", "notices", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, timeout=200)
    assert done.returncode == ends_with, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_what_only_leads_up_to_the_end_of_a_run_goes_within_hours_and_how_it_ended_stays(
    stack: tuple[Settings, Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 2,880 cycles a day they were most rows of Prefect's database, kept for two days. Read as the server reads them."""
    for name, value in server_environment(stack[0]).items():
        monkeypatch.setenv(name, value)
    vacuum, events = ServerServicesDBVacuumSettings(), ServerEventsSettings()
    assert {name: kept.total_seconds() for name, kept in vacuum.event_retention_overrides.items()} == dict.fromkeys(PASSING, 3600)
    ends = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Crashed", "Cancelled", "Late")} | {"prefect.task-run.Failed"}
    assert not ends & set(vacuum.event_retention_overrides)
    assert events.retention_period == timedelta(days=2)
    assert vacuum.enabled_vacuum_types == {"events", "flow_runs", "orphans"}
    assert vacuum.retention_period >= timedelta(days=LONGEST_RUN_DAYS)  # the flow `retention` is never overtaken
