"""`python -m deployments.process_worker --pool process`: Prefect's process worker, which frees the runs of its earlier life at once.

Killed together with a run (a lack of memory takes both), Prefect's own leaves that run RUNNING, and where a deployment allows one run
at a time each new one is CANCELLED until a lease ends, minutes later: alerts and learning stand still.
"""

import argparse
import asyncio
import os
from abc import ABC
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from prefect.client.schemas.objects import FlowRun
from prefect.logging.configuration import setup_logging
from prefect.utilities.processutils import setup_signal_handlers_worker
from prefect.workers.process import ProcessWorker

from deployments.lost_runs import now, report_lost_runs


class OwnProcessWorker(
    ProcessWorker, ABC
):  # a class with ABC among its bases is not registered as the type "process" in place of Prefect's
    """Its own earlier runs are known by its name: one live process a name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._began_at = now()

    async def sync_with_backend(self) -> None:
        await super().sync_with_backend()
        try:
            await report_lost_runs(self, self._submitting_flow_run_ids, lambda run: is_lost(run, self.name, self._began_at))
        except httpx.HTTPError as error:
            self._logger.warning("Runs of an earlier life are looked for again later: %r", error)


def is_lost(flow_run: FlowRun, worker_name: str, began_at: datetime) -> bool:
    """Whether an earlier life of this worker left it: it bears our name, came to its state before us, and no process of it lives."""
    is_ours = flow_run.labels.get("prefect.worker.name") == worker_name
    return is_ours and flow_run.state is not None and flow_run.state.timestamp < began_at and not has_process(str(flow_run.id))


def has_process(flow_run_id: str) -> bool:
    """Prefect names the run in the environment of its process. A pid alone would do for a while only: pids are used again."""
    wanted = f"PREFECT__FLOW_RUN_ID={flow_run_id}".encode()
    return any(wanted in environment_of(process) for process in Path("/proc").glob("[0-9]*"))


def environment_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # another user's, or gone meanwhile
        return []


async def work(pool: str, name: str | None) -> None:
    setup_signal_handlers_worker(os.getpid(), f"the worker of pool {pool}", print)
    await OwnProcessWorker(work_pool_name=pool, name=name).start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pool", default="process")
    parser.add_argument("--name", default=None, help="its own earlier runs are known by this name: one live process a name")
    options = parser.parse_args()
    setup_logging()
    with suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(work(options.pool, options.name))


if __name__ == "__main__":
    main()
