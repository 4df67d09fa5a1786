"""The house that is tried: all services of the local stack and an executor with a key, live on the sandbox's exchange, in a new home.

What it asks over HTTP goes through proxies that may spoil it. Whoever checks it asks the servers themselves.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import yaml  # type: ignore[import-untyped]
from pydantic import SecretStr

from adapters.settings import LIVE_WORD, Settings, load_settings
from chaos.faults import FRONT_DOOR, OWN_SERVER
from chaos.proxy import Draw, Proxies, Proxy
from deployments import prefect_api
from deployments.local_stack import clickhouse, graph, home, inbox, postgres, prefect_server, registration, sandbox, worker
from deployments.local_stack.keeper import Keeper
from deployments.local_stack.ports import free_base
from deployments.local_stack.repository import ROOT
from deployments.local_stack.services import LOOPBACK, Service
from deployments.local_stack.stack import write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import migrate
from deployments.terminal import out
from sandbox.state import found_or_new

if TYPE_CHECKING:
    from prefect import Flow

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # public: key 0 of every test chain, worth nothing
WALLET = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
DOLLARS = 1_000_000
VENUES, HISTORY, INBOX = 17, 18, 19  # ports of the proxies, above the base
EXECUTOR = worker.worker_name(registration.EXECUTION)
EXECUTOR_QUERY_S = 1
START_S = 300.0  # a service has so long to start: on a busy machine it takes as long as it takes
WORLD_SEED, WORLD_WALLETS, WORLD_DAYS = 7, 150, 2
# What runs, and how often, in seconds. The real intervals are 30 s, 5 s, 15 min and 5 min.
AT_WORK = {"copy-trading": 10, "order-execution": 5, "gap-filling": 90, "health-monitoring": 120}


@dataclass
class House:
    """`settings` name the servers themselves. `keeper` runs until the block is left."""

    settings: Settings
    supervisor: Supervisor
    services: dict[str, Service]
    proxies: Proxies

    @property
    def has_own_disk(self) -> bool:
        """Whose filling harms nobody else."""
        return self.settings.home.is_mount()

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """What operates the sandbox's exchange, asked directly."""
        return self._asked(f"control{path}", body, method or ("GET" if body is None else "POST"))

    def account(self) -> Any:
        return self.control(f"/accounts/{WALLET}")

    def wallets(self) -> list[str]:
        """Everybody of that world, by what it knows of itself."""
        return [str(wallet["proxy_wallet"]).lower() for wallet in self._asked("truth", None, "GET")["wallets"]]

    def _asked(self, api: str, body: Any, method: str) -> Any:
        headers = {"Authorization": f"Bearer {home.secret(self.settings.home, sandbox.NAME)}"}
        url = sandbox.url(self.settings, api)
        return httpx.request(method, url, json=body, headers=headers, timeout=60, trust_env=False).raise_for_status().json()


@contextmanager
def live_house(seed: int, place: Path | None = None) -> Iterator[House]:
    """Everything runs, the wallet is funded, nobody is followed yet. `place` stays; without one the home is gone at the end."""
    chosen = place or Path(tempfile.mkdtemp(prefix="walletflow-chaos-"))
    chosen.mkdir(parents=True, exist_ok=True)
    chosen.chmod(0o755)  # as root, PostgreSQL runs as another user, who must get in
    given = Settings(home=chosen, port_base=free_base(), postgres_url=None, clickhouse_url=None, graph_url=None)
    os.environ.update(_environment(given))
    supervisor = Supervisor(chosen, say=lambda line: None)
    services = {service.name: service for service in _services(given)}
    proxies = Proxies(_proxies(given, seed))
    keeping = threading.Thread(target=Keeper(supervisor, services.values()).keep, name="keeper")
    try:
        with proxies:
            out.print(f"starting a whole house in {chosen}, ports from {given.port_base}")
            _start(given, supervisor, services)
            keeping.start()
            found = House(_direct(given), supervisor, services, proxies)
            found.control(f"/accounts/{WALLET}", {"collateral": DOLLARS * 1_000_000, "allowances": True})
            yield found
    finally:
        supervisor.stopping.set()
        if keeping.is_alive():
            keeping.join()
        supervisor.down()
        if place is None:
            shutil.rmtree(chosen)


def deploy(given: Settings) -> None:
    """What is at work, as prefect.yaml declares it, by intervals of our own. No other flow runs: they would take all of a processor."""
    registration.set_pools(given)
    for declared in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]:
        if every_s := AT_WORK.get(declared["name"]):
            path, _, function = declared["entrypoint"].partition(":")
            flow = prefect_api.call(given, "/flows/", {"name": _flow_name(path, function)})
            limit = declared["concurrency_limit"]
            body = {
                "name": declared["name"],
                "flow_id": flow["id"],
                "entrypoint": declared["entrypoint"],
                "work_pool_name": declared["work_pool"]["name"],
                "concurrency_limit": limit["limit"],
                "concurrency_options": {"collision_strategy": limit["collision_strategy"]},
                "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
                "schedules": [{"schedule": {"interval": every_s}, "active": True}],
            }
            prefect_api.call(given, "/deployments/", body)


def _flow_name(path: str, function: str) -> str:
    flow: Flow[..., Any] = getattr(import_module(path.removesuffix(".py").replace("/", ".")), function)
    return flow.name


def end_schedule(settings: Settings, name: str) -> bool:
    """It runs no more by itself; whoever asks still gets a run. Raises Unavailable where the server is away."""
    for deployment in prefect_api.deployments(settings):
        if deployment["name"] == name:
            for schedule in deployment["schedules"]:
                prefect_api.call(settings, f"/deployments/{deployment['id']}/schedules/{schedule['id']}", method="DELETE")
    return True


def run_once(settings: Settings, name: str) -> str:
    """Its id."""
    known = {str(deployment["name"]): str(deployment["id"]) for deployment in prefect_api.deployments(settings)}
    return prefect_api.start_run(settings, known[name])


def _environment(given: Settings) -> dict[str, str]:
    """Of every service: the venues and ClickHouse are asked through the proxies, and orders are real to the sandbox."""
    venues, history = f"http://{LOOPBACK}:{given.port_base + VENUES}", urlsplit(clickhouse.url(given))
    through = history._replace(netloc=f"{history.username}:{history.password}@{LOOPBACK}:{given.port_base + HISTORY}")
    return {
        "WALLETFLOW_HOME": str(given.home),
        "WALLETFLOW_PORT_BASE": str(given.port_base),
        "WALLETFLOW_CLICKHOUSE_URL": through.geturl(),
        "WALLETFLOW_DATA_API_URL": f"{venues}/data",
        "WALLETFLOW_GAMMA_URL": f"{venues}/gamma",
        "WALLETFLOW_CLOB_URL": f"{venues}/clob",
        "WALLETFLOW_RELAYER_URL": f"{venues}/relayer",
        "WALLETFLOW_RPC_URL": f"{venues}/rpc",
        "WALLETFLOW_GEOBLOCK_URL": f"{venues}/geo/api/geoblock",
        "WALLETFLOW_LIVE": LIVE_WORD,
        "WALLETFLOW_LIVE_WALLET": WALLET,
        "WALLETFLOW_LIVE_SIGNER": WALLET,
        "WALLETFLOW_LIVE_MAX_ORDER": "100",
        "WALLETFLOW_LIVE_MAX_OUT": str(DOLLARS),
        "PYTHONDONTWRITEBYTECODE": "",  # what is started again two hundred times must not be compiled two hundred times
        "PREFECT_LOGGING_LEVEL": os.environ.get("PREFECT_LOGGING_LEVEL", "INFO"),
    }


def _services(given: Settings) -> list[Service]:
    workers = (worker.warm_worker(given, ()), worker.process_worker(given, ()), _executor(given))
    stores = (postgres.postgres(given), clickhouse.clickhouse(given), graph.graph(given), prefect_server.prefect_server(given))
    world = replace(sandbox.sandbox(given), prepare=partial(_a_small_world, given.home / sandbox.NAME / "state.json"))
    return [replace(one, timeout_s=START_S) for one in (*stores, world, inbox.inbox(given, ()), *workers)]


def _a_small_world(state: Path) -> None:
    """Its past is drawn anew at each start, which takes a second a week; of markets that are open it has as many as any."""
    state.parent.mkdir(parents=True, exist_ok=True)
    found_or_new(state, WORLD_SEED, WORLD_WALLETS, WORLD_DAYS, datetime.now(UTC))


def _executor(given: Settings) -> Service:
    """As docs/going_live.md starts it: the one process with the key."""
    command = ("-m", "deployments.warm_process", "--pool", registration.EXECUTION, "--name", EXECUTOR, "--grace", str(worker.GRACE_S))
    keyed = {"WALLETFLOW_LIVE_KEY": KEY, **worker.FOR_SMALL_FRAMES}
    return worker.worker(given, registration.EXECUTION, command, EXECUTOR_QUERY_S, (), more=keyed)


def _start(given: Settings, supervisor: Supervisor, services: dict[str, Service]) -> None:
    write_addresses(given)
    first = (postgres.NAME, clickhouse.NAME, graph.NAME, prefect_server.NAME, sandbox.NAME)
    supervisor.up([services[name] for name in first])
    os.environ.update(prefect_server.client_environment(given))
    migrate(load_settings())
    deploy(given)
    supervisor.up([service for name, service in services.items() if name not in first])


def _proxies(given: Settings, seed: int) -> list[Proxy]:
    """A cycle asks ClickHouse some twenty times and tries nothing again within itself: of more spoiled calls none would ever end well."""
    ways = (
        (VENUES, given.sandbox_port, FRONT_DOOR, 0.45),
        (HISTORY, given.clickhouse_port, OWN_SERVER, 0.06),
        (INBOX, given.inbox_port, OWN_SERVER, 0.50),
    )
    return [Proxy(given.port_base + port, upstream, Draw(seed + port, kinds, part)) for port, upstream, kinds, part in ways]


def _direct(given: Settings) -> Settings:
    """As load_settings says, and no proxy between."""
    addresses = {
        "clickhouse_url": SecretStr(clickhouse.url(given)),
        "data_api_url": sandbox.url(given, "data"),
        "gamma_url": sandbox.url(given, "gamma"),
        "clob_url": sandbox.url(given, "clob"),
    }
    return load_settings().model_copy(update=addresses)
