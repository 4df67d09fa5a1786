"""The few questions `up` and `doctor` ask the Prefect server, over HTTP: importing Prefect would cost them two seconds."""

from datetime import datetime
from functools import cache
from typing import Any

import httpx

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.local_stack.prefect_server import auth_string

DONE = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@cache
def client() -> httpx.Client:
    return httpx.Client(timeout=30, trust_env=False)


def credentials(settings: Settings) -> tuple[str, str]:
    user, _, password = auth_string(settings).partition(":")
    return user, password


def call(settings: Settings, path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
    """POST with a body, GET without; or `method`."""
    method = method or ("GET" if body is None else "POST")
    try:
        answer = client().request(method, f"{settings.prefect_api_url}{path}", json=body, auth=credentials(settings))
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"the Prefect server at {settings.prefect_api_url}: {error}. See `walletflow logs prefect`") from error
    return answer.json() if answer.content else None


def deployments(settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(settings, "/deployments/filter", {})
    return found


def deployment_names(settings: Settings) -> list[str]:
    return sorted(str(deployment["name"]) for deployment in deployments(settings))


def runs(settings: Settings, deployment: str, states: tuple[str, ...], limit: int = 200) -> list[dict[str, Any]]:
    """Of the deployment of this name, newest first."""
    wanted = {
        "deployments": {"name": {"any_": [deployment]}},
        "flow_runs": {"state": {"type": {"any_": list(states)}}},
        "sort": "START_TIME_DESC",
        "limit": limit,
    }
    found: list[dict[str, Any]] = call(settings, "/flow_runs/filter", wanted)
    return found


def start_run(settings: Settings, deployment_id: str, parameters: dict[str, Any] | None = None) -> str:
    return str(call(settings, f"/deployments/{deployment_id}/create_flow_run", {"parameters": parameters or {}})["id"])


def run(settings: Settings, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = call(settings, f"/flow_runs/{run_id}")
    return found


def set_pool(settings: Settings, name: str, kind: str, concurrency_limit: int | None) -> None:
    """A pool of this limit: made, if it is not there, so that deployments can be registered with it before anybody works in it."""
    found = call(settings, "/work_pools/filter", {"work_pools": {"name": {"any_": [name]}}})
    if not found:
        call(settings, "/work_pools/", {"name": name, "type": kind, "concurrency_limit": concurrency_limit})
    elif found[0]["concurrency_limit"] != concurrency_limit:
        call(settings, f"/work_pools/{name}", {"concurrency_limit": concurrency_limit}, "PATCH")


def delete_deployment(settings: Settings, deployment_id: str) -> None:
    """With its schedule and the runs that were planned, those too that the scheduler was just planning. The runs it had stay."""
    call(settings, f"/deployments/{deployment_id}", method="DELETE")
    planned = {"deployment_id": {"any_": [deployment_id]}, "state": {"type": {"any_": ["SCHEDULED"]}}}
    for left in call(settings, "/flow_runs/filter", {"flow_runs": planned}):
        call(settings, f"/flow_runs/{left['id']}", method="DELETE")


def living_workers(settings: Settings, pool: str, since: datetime | None = None) -> list[str]:
    """Names of the pool's workers that were heard of lately, or after `since`."""
    found = call(settings, f"/work_pools/{pool}/workers/filter", {})
    return [str(worker["name"]) for worker in found if worker["status"] == "ONLINE" and _was_heard_of(worker, since)]


def _was_heard_of(worker: dict[str, Any], since: datetime | None) -> bool:
    return since is None or datetime.fromisoformat(worker["last_heartbeat_time"]) > since
