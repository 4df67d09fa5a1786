"""The workers: a warm one for what must start at once, and one that gives each heavy and rare run a process of its own."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.local_stack import prefect_server
from deployments.local_stack.repository import ROOT, version_of
from deployments.local_stack.services import FEW_HEAPS, Service

WARM = "warm"
PROCESS = "process"
CODE = ("flows", "tasks", "adapters", "domain", "data_contracts", "deployments")
# How often a worker asks for runs: each time costs the server 10 ms. What is scheduled is known seconds before, so only a run that somebody
# asks for waits so long; in the process pool it waits for its imports anyhow.
WARM_QUERY_S, PROCESS_QUERY_S = 2, 4
# A cycle's frames have a thousand rows: to share them out to a second thread costs polars a third more processor time, and wins none back.
FOR_SMALL_FRAMES = {"POLARS_MAX_THREADS": "1"}
GRACE_S = 10  # for running flows, at `down`; stopping what does not finish takes half as long again


def warm_worker(settings: Settings, needs: tuple[str, ...], wakes: bool = True) -> Service:
    """`wakes`: it runs the copy cycle whenever something is posted."""
    woken = ("--wakes",) if wakes else ()
    command = ("-m", "deployments.warm_process", "--pool", WARM, "--name", worker_name(WARM), "--grace", str(GRACE_S), *woken)
    # It waits for the server itself: its imports take as long as the server's start, so they go side by side.
    return worker(settings, WARM, command, WARM_QUERY_S, needs, version_of(*CODE), FOR_SMALL_FRAMES)


def process_worker(settings: Settings, needs: tuple[str, ...]) -> Service:
    command = ("-m", "deployments.process_worker", "--pool", PROCESS, "--name", worker_name(PROCESS))
    version = version_of("deployments/process_worker.py", "deployments/lost_runs.py")
    return worker(settings, PROCESS, command, PROCESS_QUERY_S, (prefect_server.NAME, *needs), version)


def worker(
    settings: Settings,
    pool: str,
    command: tuple[str, ...],
    query_s: int,
    needs: tuple[str, ...],
    version: str = "",
    more: Mapping[str, str] = MappingProxyType({}),
) -> Service:
    """It opens no port: that it works is known to the server, which hears of it every half minute."""
    heartbeat = Heartbeat(settings, pool)
    return Service(
        name=worker_name(pool),
        address=f"pool {pool}",
        command=(sys.executable, *command),
        version=version,
        needs=needs,
        environment={**prefect_server.client_environment(settings), **worker_environment(settings, query_s), **more},
        prepare=heartbeat.prepare,
        is_ready=heartbeat.was_heard,
        directory=ROOT,  # flows are found by their path in the repository
        timeout_s=180,
        grace_s=2 * GRACE_S,
    )


@dataclass
class Heartbeat:
    """Whether the pool's worker was heard of: since it was started here, or lately if it ran before."""

    settings: Settings
    pool: str
    started_at: datetime | None = None

    def prepare(self) -> None:
        scratch(self.settings).mkdir(parents=True, exist_ok=True)
        self.started_at = datetime.now(UTC)

    def was_heard(self) -> bool:
        try:
            return worker_name(self.pool) in prefect_api.living_workers(self.settings, self.pool, self.started_at)
        except Unavailable:  # the server, or the pool, which the worker makes when it first reaches the server
            return False


def worker_name(pool: str) -> str:
    return f"{pool}-worker"


def scratch(settings: Settings) -> Path:
    return settings.home / "tmp"


def worker_environment(settings: Settings, query_s: int) -> dict[str, str]:
    return {
        "WALLETFLOW_HOME": str(settings.home),
        **FEW_HEAPS,
        "TMPDIR": str(scratch(settings)),  # Prefect's own place in /tmp belongs to whoever on this machine came first
        "PREFECT_LOGGING_EXTRA_LOGGERS": "walletflow",  # what our steps log is shown under their run
        "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "5",  # seconds until they are: each batch is a call
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "WARNING",  # that a step ended well is its state, and needs no line
        "PREFECT_WORKER_QUERY_SECONDS": str(query_s),
    }
