"""A house of the benchmark's own: stores and a Prefect server in a new home, on free ports, gone at the end.

The house that trades is not touched, and no two measurements differ by what stood in its tables.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from adapters.settings import Settings, load_settings
from deployments.local_stack import clickhouse, graph, home, inbox, postgres, prefect_server, registration, sandbox, worker
from deployments.local_stack.ports import free_base
from deployments.local_stack.services import Service
from deployments.local_stack.stack import write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import migrate
from deployments.terminal import out


@contextmanager
def own_home() -> Iterator[tuple[Settings, Supervisor]]:
    """Nothing runs in it yet. What is started by that supervisor ends with it, also where this process is told to end."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    place = Path(tempfile.mkdtemp(prefix="walletflow-bench-"))
    place.chmod(0o755)  # as root, PostgreSQL runs as another user, who must get in
    given = Settings(home=place, port_base=free_base(), postgres_url=None, clickhouse_url=None, graph_url=None)
    supervisor = Supervisor(place, say=lambda line: None)
    try:
        yield given, supervisor
    finally:
        supervisor.down()
        shutil.rmtree(place)
        signal.signal(signal.SIGTERM, before)


@contextmanager
def own_house() -> Iterator[Settings]:
    """Its settings: tables are there, and no row. From here on this process talks to its Prefect server, so import Prefect within only."""
    with own_home() as (given, supervisor):
        out.print("starting stores and a Prefect server for this run alone")
        supervisor.up(_parts(given))
        os.environ.update(prefect_server.client_environment(given))
        settings = _with_addresses(given)
        migrate(settings)
        yield settings


def warm_worker_alone(given: Settings) -> list[Service]:
    """Cycles run, and no heavy flow."""
    return [worker.warm_worker(given, ())]


@contextmanager
def trading_house(workers: Callable[[Settings], list[Service]] = warm_worker_alone) -> Iterator[Settings]:
    """The same with the sandbox, the inbox and workers: cycles run by their schedule and are woken.

    This process finds that house from here on, by its environment.
    """
    with own_home() as (given, supervisor):
        os.environ.update({"WALLETFLOW_HOME": str(given.home), "WALLETFLOW_PORT_BASE": str(given.port_base)})
        out.print("starting a whole house for this run alone")
        write_addresses(given)
        supervisor.up([*_parts(given), sandbox.sandbox(given)])
        os.environ.update(prefect_server.client_environment(given))
        migrate(load_settings())
        registration.register(given, lambda line: None, supervisor.stopping)
        supervisor.up([inbox.inbox(given, ()), *workers(given)])
        yield load_settings()


def _parts(given: Settings) -> list[Service]:
    return [part(given) for part in (postgres.postgres, clickhouse.clickhouse, graph.graph, prefect_server.prefect_server)]


def _with_addresses(given: Settings) -> Settings:
    return given.model_copy(
        update={
            "postgres_url": SecretStr(postgres.url(given)),
            "clickhouse_url": SecretStr(clickhouse.url(given)),
            "graph_url": graph.url(given),
            "graph_user": graph.USER,
            "graph_password": SecretStr(home.secret(given.home, graph.NAME)),
        }
    )
