"""One small world for all tests here: four days of history, 80 wallets."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.server import app_of
from sandbox.world import World

ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = ORIGIN.timestamp()

    def __call__(self) -> float:
        return self.now_s


def small_world(seed: int = 7) -> World:
    return World(seed, ORIGIN, wallets=80, history_days=4)


@pytest.fixture(scope="session")
def world() -> World:
    return small_world()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def client(world: World, clock: HandClock) -> Iterator[TestClient]:
    with TestClient(app_of(world, clock)) as client:
        yield client


@pytest.fixture
def get(client: TestClient) -> Callable[..., Any]:
    """The JSON of a GET that must succeed."""

    def got(path: str, **params: Any) -> Any:
        answer = client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return got
