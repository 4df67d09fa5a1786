"""A Prefect server with one worker of ours, for the tests of both kinds of worker."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx
import pytest

from adapters.settings import Settings
from deployments import prefect_api
from deployments.local_stack import home as places
from deployments.local_stack import records
from deployments.local_stack.prefect_server import client_environment
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import Supervisor, spawn
from deployments.processes import Process

NOTHING: Mapping[str, str] = MappingProxyType({})
PATIENCE_S = 300  # how long something may take that must happen: on a busy machine all of it does


def wait_until(ask: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := ask()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.2)  # most of what is asked is Prefect's server, which works for each answer
    return found


@dataclass
class House:
    """A Prefect server with a worker, and the few questions the tests ask."""

    settings: Settings
    server: Service
    worker: Service
    supervisor: Supervisor
    api: httpx.Client
    pool: str
    flows: str = "warm_flows.py"
    worker_process: Process | None = None

    wait_until = staticmethod(wait_until)

    def start_worker(self) -> None:
        self.worker_process = spawn(self.worker, places.log_of(self.settings.home, "worker"))

    def stop_server(self) -> None:
        record = records.read(self.settings.home, self.server.name)
        assert record is not None
        self.supervisor.stop(record)

    def deploy(self, flow: str, **options: Any) -> str:
        flow_id = self.api.post("/flows/", json={"name": flow}).json()["id"]
        body = {"name": f"{flow}-{uuid4()}", "flow_id": flow_id, "entrypoint": f"{self.flows}:{flow}", "work_pool_name": self.pool}
        answer = self.api.post("/deployments/", json={**body, **options})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def start(self, deployment: str, **parameters: Any) -> str:
        answer = self.api.post(f"/deployments/{deployment}/create_flow_run", json={"parameters": parameters})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def state(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/flow_runs/{run}").json()["state"]
        return found

    def final_state(self, run: str) -> dict[str, Any]:
        ends = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        return wait_until(lambda: state if (state := self.state(run))["type"] in ends else None, "the run's end")

    def of_run(self, kind: str, run: str) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"flow_runs": {"id": {"any_": [run]}}}
        if kind == "logs":
            body = {"logs": {"flow_run_id": {"any_": [run]}}}
        found: list[dict[str, Any]] = self.api.post(f"/{kind}/filter", json=body).json()
        return found


@pytest.fixture(scope="module")
def house_with(stack: tuple[Settings, Supervisor], prefect: Service) -> Callable[..., AbstractContextManager[House]]:
    @contextmanager
    def started(pool: str, kind: str, command: Sequence[str], told: Mapping[str, str] = NOTHING, **more: Any) -> Iterator[House]:
        """While it lasts, a worker of `pool` works, started by `python -m command`."""
        settings, supervisor = stack
        environment = {
            **client_environment(settings),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PYTHONPATH": str(Path(__file__).parent),
            **told,
        }
        worker = Service("tester", "", (sys.executable, "-m", *command), is_ready=lambda: True, environment=environment)
        auth = prefect_api.credentials(settings)
        with httpx.Client(base_url=settings.prefect_api_url, auth=auth, timeout=30, trust_env=False) as api:
            if api.get(f"/work_pools/{pool}").is_error:  # another file of this process may have had it
                api.post("/work_pools/", json={"name": pool, "type": kind}).raise_for_status()
            found = House(settings, prefect, worker, supervisor, api, pool, **more)
            found.start_worker()
            yield found
            assert found.worker_process is not None
            found.worker_process.stop(15)

    return started
