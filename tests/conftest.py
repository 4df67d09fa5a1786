"""What many tests stand on: real stores on free ports in a home of their own, started at first need and stopped at the end."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from adapters.settings import Settings
from deployments.local_stack import clickhouse as clickhouse_part
from deployments.local_stack import graph as graph_part
from deployments.local_stack import home as places
from deployments.local_stack import postgres as postgres_part
from deployments.local_stack.ports import free_base
from deployments.local_stack.supervisor import Supervisor

settings.register_profile("untimed", deadline=None, max_examples=50)  # a busy machine is no failed claim
settings.load_profile("untimed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Alone, the fast ones come first. Side by side, a long file that begins last would be waited for alone."""
    side_by_side = hasattr(config, "workerinput")
    items.sort(key=lambda item: (item.get_closest_marker("long") is not None) is not side_by_side)


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
def prefect_harness() -> Iterator[None]:
    """A Prefect server of the tests' own, for flows that are called here."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
