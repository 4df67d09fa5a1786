"""Houses for the tests of the results page: in memory, and one on the suite's own stores for the browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.connect import in_memory
from adapters.settings import Settings
from notebooks.queries.house import House
from tests.notebooks.seeded import KnownOwners, NoOwners, fill, fill_with_coins, fill_with_owners, fill_with_the_rest
from tests.places import make_place


@pytest.fixture(scope="session")
def now() -> datetime:
    """Of all rows of these houses."""
    return datetime.now(UTC)


@pytest.fixture
def empty_house(tmp_path: Path, now: datetime) -> Iterator[House]:
    """Without a row."""
    with in_memory(tmp_path) as settings:
        house = House(settings, now)
        house.__dict__["graph"] = NoOwners()
        yield house


@pytest.fixture(scope="session")
def usd_house(now: datetime) -> House:
    """One copied and one skipped trade of today on Polymarket; nothing of Solana, as in a home of before it."""
    return filled("usd", now)


@pytest.fixture(scope="session")
def full_house(now: datetime) -> House:
    """Both venues, and everything an operator looks at."""
    house = filled("full", now)
    fill_with_coins(house.settings, now)
    fill_with_the_rest(house.settings, now)
    known = House(house.settings, now)
    known.__dict__["graph"] = KnownOwners()
    return known


@pytest.fixture(scope="session")
def stored_house(stack_settings: Settings, now: datetime) -> House:
    """The same on real stores."""
    settings = stack_settings.for_replay("page")
    make_place(settings)
    fill(settings, now)
    fill_with_coins(settings, now)
    fill_with_the_rest(settings, now)
    fill_with_owners(settings, now)
    return House(settings, now)


def filled(name: str, now: datetime) -> House:
    """In memory, under an address of its own; of owners nobody knows anything."""
    address = SecretStr(f"memory:page {name}")
    settings = Settings(postgres_url=address, clickhouse_url=address, graph_url="memory:", graph_password=None)
    fill(settings, now)
    house = House(settings, now)
    house.__dict__["graph"] = NoOwners()
    return house
