"""`python -m deployments.warm_process --pool warm`: import everything flows need, then be the warm worker until told to stop."""

import argparse
import asyncio
import pkgutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from prefect.client.orchestration import get_client
from prefect.context import SyncClientContext
from prefect.logging import get_logger
from prefect.logging.configuration import setup_logging
from prefect.settings import PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from adapters.connect import open_results
from adapters.settings import load_settings
from deployments.calm_events import calm_events
from deployments.local_stack.registration import EXECUTION
from deployments.posted_waking import Waker, ringing
from deployments.processes import keep_memory_private, spare_the_collector
from deployments.warm_watch import Watch
from deployments.warm_worker import WarmWorker

# Slow to import, needed by nearly every run: paid once, here.
HEAVY = ("polars", "clickhouse_connect", "sqlalchemy.dialects.postgresql.psycopg", "neo4j")


def flow_modules() -> list[str]:
    import flows

    return [f"flows.{module.name}" for module in pkgutil.iter_modules(flows.__path__)]


@contextmanager
def warm() -> Iterator[None]:
    """How runs find the process: imports are done, and cost nothing any more.

    A run would wait up to a second for its heartbeat's thread to end; runs of a dead worker are reported in another way here. The
    collector of cycles would look through all that was imported again and again. And each run would read a file of certificates,
    for 25 ms, and connect to the server anew: they share one client. It must not ask the server's version: the server may come later.
    """
    spare_the_collector()
    spared = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False}
    with temporary_settings(spared), SyncClientContext.get_or_create(), calm_events():
        yield


async def start(worker: WarmWorker, wakes: bool) -> None:
    async with get_client() as client:
        while await client.api_healthcheck() is not None:
            await asyncio.sleep(0.2)
    worker.asked_at = time.monotonic()
    Watch(lambda: list(worker.active.values()), lambda: worker.asked_at).start()
    await (wake_and_work(worker) if wakes else worker.start())


async def wake_and_work(worker: WarmWorker) -> None:
    settings = load_settings()
    waker = Waker(worker, open_results(settings))
    with ringing(waker, settings):
        await asyncio.gather(worker.start(), waker.run())


async def work(pool: str, name: str | None, grace_s: float, wakes: bool = False) -> None:
    """Work until SIGTERM or SIGINT, then drain. `wakes`: the copy cycle runs whenever something is posted."""
    worker = WarmWorker(work_pool_name=pool, name=name)
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    working = asyncio.create_task(start(worker, wakes))
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        waiting.cancel()
        return await working
    await worker.drain(grace_s)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pool", default="warm")
    parser.add_argument("--name", default=None, help="its own earlier runs are known by this name: one live process a name")
    parser.add_argument("--grace", type=float, default=10, help="seconds that running flows have to finish after SIGTERM")
    parser.add_argument("--import", dest="imports", action="append", default=None, help="import these modules, not all flows")
    parser.add_argument("--wakes", action="store_true", help="run the copy cycle whenever something is posted")
    options = parser.parse_args()
    if options.pool == EXECUTION:
        keep_memory_private()
    setup_logging()
    for module in options.imports if options.imports is not None else [*HEAVY, *flow_modules()]:
        import_module(module)
    get_logger("worker").info("Warm: every import is done.")
    with warm():
        asyncio.run(work(options.pool, options.name, options.grace, options.wakes))


if __name__ == "__main__":
    main()
