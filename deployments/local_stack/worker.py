"""The workers: a warm one for what must start at once, and one that gives each heavy and rare run a process of its own."""

import sys
from functools import partial
from pathlib import Path

from adapters.settings import Settings
from deployments.local_stack import prefect_server
from deployments.local_stack.repository import ROOT, version_of
from deployments.local_stack.services import LOOPBACK, Service, answers_http

WARM = "warm"
PROCESS = "process"
CODE = ("flows", "tasks", "adapters", "domain", "data_contracts")
GRACE_S = 10  # for running flows, at `down`; stopping what does not finish takes half as long again


def warm_worker(settings: Settings, needs: tuple[str, ...]) -> Service:
    name = worker_name(WARM)
    command = ("-m", "deployments.warm_process", "--pool", WARM, "--name", name, "--grace", str(GRACE_S), "--healthcheck")
    # It waits for the server itself: its imports take as long as the server's start, so they go side by side.
    return worker(settings, WARM, settings.port_base + 16, command, needs, version_of(*CODE))


def process_worker(settings: Settings, needs: tuple[str, ...]) -> Service:
    name = worker_name(PROCESS)
    command = ("-m", "prefect", "worker", "start", "--pool", PROCESS, "--type", "process", "--name", name, "--with-healthcheck")
    return worker(settings, PROCESS, settings.port_base + 17, command, (prefect_server.NAME, *needs))


def worker(settings: Settings, pool: str, port: int, command: tuple[str, ...], needs: tuple[str, ...], version: str = "") -> Service:
    health = f"http://{LOOPBACK}:{port}/health"
    answers = answers_http(health)
    has_pool = answers_http(f"{settings.prefect_api_url}/work_pools/{pool}")  # the worker makes it when it first reaches the server
    return Service(
        name=worker_name(pool),
        address=health,
        command=(sys.executable, *command),
        version=version,
        needs=needs,
        ports=(port,),
        environment={**prefect_server.client_environment(settings), **worker_environment(settings, port)},
        prepare=partial(scratch(settings).mkdir, parents=True, exist_ok=True),
        is_ready=lambda: answers() and has_pool(),
        directory=ROOT,  # flows are found by their path in the repository
        timeout_s=180,
        grace_s=2 * GRACE_S,
    )


def worker_name(pool: str) -> str:
    return f"{pool}-worker"


def scratch(settings: Settings) -> Path:
    return settings.home / "tmp"


def worker_environment(settings: Settings, port: int) -> dict[str, str]:
    return {
        "WALLETFLOW_HOME": str(settings.home),
        "TMPDIR": str(scratch(settings)),  # Prefect's own place in /tmp belongs to whoever on this machine came first
        "PREFECT_LOGGING_EXTRA_LOGGERS": "walletflow",  # what our steps log is shown under their run
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_WORKER_WEBSERVER_HOST": LOOPBACK,
        "PREFECT_WORKER_WEBSERVER_PORT": str(port),
    }
