"""What `make up` makes of a Prefect server: the pools and deployments that prefect.yaml names, and nothing of former names."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import yaml

from adapters.settings import Settings
from deployments import prefect_api
from deployments.local_stack import records
from deployments.local_stack.prefect_server import prefect_server
from deployments.local_stack.registration import EXECUTION, FORMER_NAMES, declared_pools, remove_former, set_pools
from deployments.local_stack.repository import ROOT
from deployments.local_stack.supervisor import Supervisor

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


@pytest.fixture(scope="module")
def server(stack: tuple[Settings, Supervisor], postgres_url: str) -> Iterator[Settings]:
    settings, supervisor = stack
    supervisor.up([prefect_server(settings)])
    yield settings
    if (record := records.read(settings.home, "prefect")) is not None:
        supervisor.stop(record)


def limit_of(settings: Settings, pool: str) -> Any:
    return prefect_api.call(settings, f"/work_pools/{pool}")["concurrency_limit"]


@pytest.mark.long
def test_a_pool_that_is_there_gets_the_limit_of_the_file(server: Settings) -> None:
    """It was set only where the pool was not there yet: a worker that came first had made it without a limit."""
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
