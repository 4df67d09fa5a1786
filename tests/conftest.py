"""What many tests stand on: real stores on free ports in a home of their own, started at first need and stopped at the end."""

import gc
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from adapters.settings import Settings
from deployments.local_stack import clickhouse as clickhouse_part
from deployments.local_stack import graph as graph_part
from deployments.local_stack import home as places
from deployments.local_stack import postgres as postgres_part
from deployments.local_stack.ports import free_base
from deployments.local_stack.prefect_server import prefect_server
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import Supervisor
from tests.receiver import Receiver, receiving

settings.register_profile("untimed", deadline=None, max_examples=50)  # a busy machine is no failed claim
settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What was imported stays: the collector walked over all of it again and again, a sixth of the time of tests that wait for nobody."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Alone, the fast ones come first. Side by side, a long file that begins last would be waited for alone."""
    side_by_side = hasattr(config, "workerinput")
    items.sort(key=lambda item: (item.get_closest_marker("long") is not None) is not side_by_side)


# Files that share what is slow to start: side by side, each process would start its own.
TOGETHER = {
    "a Prefect server on Postgres": [
        "deployments/local_stack/test_open_ports",
        "deployments/test_both_pools",
        "deployments/test_process_worker",
        "deployments/test_registration",
        "deployments/test_warm_worker",
        "flows/test_killed_worker",
    ],
    "prefect_harness": [
        "adapters/venues/polymarket/test_key_nowhere",
        "deployments/test_calm_events",
        "flows/test_book_sampling",
        "flows/test_calibration_report",
        "flows/test_copy_trading",
        "flows/test_daily_report",
        "flows/test_data_retention",
        "flows/test_recording_replay",
        "flows/test_refused_runs",
        "flows/test_wallet_clustering",
        "flows/test_wallet_discovery",
        "tasks/test_quality",
        "tasks/test_steps",
    ],
}
SCOPES = {f"tests/{file}.py": name for name, files in TOGETHER.items() for file in files}


class FilesTogether(LoadFileScheduling):
    """A process gets a file, or all that need what it has started."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SCOPES.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return FilesTogether(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def _few_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each HTTP client reads all the world's certificates first, 17 ms, and speaks plain HTTP to this machine: one is enough here."""
    end = "-----END CERTIFICATE-----\n"
    place = tmp_path_factory.mktemp("certificates") / "one.pem"
    place.write_text(Path(certifi.where()).read_text().partition(end)[0] + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(place))
        for name in ("SSL_CERT_FILE", "PREFECT_API_SSL_CERT_FILE"):  # of the processes that are started here
            patch.setenv(name, str(place))
        yield


@pytest.fixture(scope="session")
def stack_home() -> Iterator[Path]:
    """Not pytest's own directory: as root, PostgreSQL runs as another user, who may not enter that."""
    home = Path(tempfile.mkdtemp(prefix="walletflow-test-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def stack(stack_home: Path) -> Iterator[tuple[Settings, Supervisor]]:
    """Nothing runs yet: each store's own fixture starts it."""
    settings = Settings(home=stack_home, port_base=free_base(), postgres_url=None, clickhouse_url=None, graph_url=None)
    places.make(stack_home)
    supervisor = Supervisor(stack_home, say=lambda line: None)
    yield settings, supervisor
    supervisor.down()


@pytest.fixture(scope="session")
def postgres_url(stack: tuple[Settings, Supervisor]) -> str:
    """A running PostgreSQL with an empty database."""
    settings, supervisor = stack
    supervisor.up([postgres_part.postgres(settings)])
    return postgres_part.url(settings)


@pytest.fixture(scope="session")
def clickhouse_url(stack: tuple[Settings, Supervisor]) -> str:
    """A running ClickHouse door with an empty database."""
    settings, supervisor = stack
    supervisor.up([clickhouse_part.clickhouse(settings)])
    return clickhouse_part.url(settings)


@pytest.fixture(scope="session")
def graph(stack: tuple[Settings, Supervisor]) -> tuple[str, str, str]:
    """A running graph database: its URL, user and password."""
    settings, supervisor = stack
    supervisor.up([graph_part.graph(settings)])
    return graph_part.url(settings), graph_part.USER, places.secret(settings.home, graph_part.NAME)


@pytest.fixture(scope="session")
def stack_settings(stack: tuple[Settings, Supervisor], postgres_url: str, clickhouse_url: str, graph: tuple[str, str, str]) -> Settings:
    """Settings by which the code under test reaches the three stores."""
    url, user, password = graph
    found = {
        "postgres_url": postgres_url,
        "clickhouse_url": clickhouse_url,
        "graph_url": url,
        "graph_user": user,
        "graph_password": password,
    }
    return Settings(home=stack[0].home, port_base=stack[0].port_base, **found)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def prefect(stack: tuple[Settings, Supervisor], postgres_url: str) -> Service:
    """A running Prefect server on that PostgreSQL, as `make up` starts it. Whoever stops it starts it again."""
    settings, supervisor = stack
    server = prefect_server(settings)
    supervisor.up([server])
    return server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Whoever is told something: a server on this machine."""
    with receiving() as found:
        yield found


@pytest.fixture(scope="session")
def prefect_harness() -> Iterator[None]:
    """A Prefect server of the tests' own, for flows that are called here."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
