"""How many calls leave in ten seconds: of one process, and of two that share a limit."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.feeds.pace import LIMITS, PERIOD_S, OwnPace, limit_of
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from adapters.stores.postgres_pace import SharedPace
from deployments.migrate import migrate_postgres


def calls_at(pace: Any, clock: list[float], limit: int, seconds: float) -> list[float]:
    """When each call leaves, of somebody who calls as often as allowed."""
    instants = []
    while clock[0] < seconds:
        clock[0] += pace.wait_s("data", limit)
        instants.append(clock[0])
    return instants


@pytest.mark.parametrize("limit", [150, 200, 1000])
def test_no_ten_seconds_ever_see_more_calls_than_the_limit(limit: int) -> None:
    clock = [0.0]
    instants = calls_at(OwnPace(lambda: clock[0]), clock, limit, 40)
    most = max(sum(start <= at < start + PERIOD_S for at in instants) for start in instants)
    assert limit * 0.95 <= most <= limit + 1  # the first half at once, the other half spread over the ten seconds


def test_limits_do_not_share_slots_and_a_hold_is_for_one() -> None:
    clock = [0.0]
    pace = OwnPace(lambda: clock[0])
    pace.hold("trades", 5)
    assert pace.wait_s("trades", 200) == pytest.approx(5.1)
    assert pace.wait_s("markets", 200) == 0


@pytest.mark.parametrize(
    ("service", "path", "expected"),
    [
        ("data", "/v2/trades", ("/v2/trades", 200)),
        ("data", "/v2/activity", ("", 600)),
        ("gamma", "/markets/keyset", ("/markets", 300)),
        ("clob", "/books", ("/books", 500)),
    ],
)
def test_a_path_counts_for_the_limit_it_has(service: str, path: str, expected: tuple[str, int]) -> None:
    assert limit_of(service, path) == expected


def test_all_limits_of_the_data_api_together_stay_below_its_own() -> None:
    assert sum(LIMITS["data"].values()) < 1000


@pytest.fixture
def shared(postgres_url: str) -> Iterator[str]:
    """A database with our tables, in a schema of its own."""
    url = f"{postgres_url}?options=-csearch_path%3Dpace_tests"
    migrate_postgres(Settings(postgres_url=url))  # type: ignore[arg-type]
    yield url
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS pace_tests CASCADE"))


TAKE = """
import sys
from adapters.stores.postgres_pace import SharedPace
pace = SharedPace(sys.argv[1])
print(*(pace.wait_s("trades", 200) for _ in range(70)))
"""


def test_two_processes_share_one_limit(shared: str) -> None:
    """200 in ten seconds: a hundred leave at once, whoever sends them, and each further one has a slot 0.1 s after the one before."""
    began = time.monotonic()
    processes = [subprocess.Popen([sys.executable, "-c", TAKE, shared], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    taken = sorted(float(wait) for process in processes for wait in process.communicate(timeout=60)[0].split())
    assert len(taken) == 140
    passed_s = time.monotonic() - began
    # 140 slots x 0.1 s = 14 s of them, less the 10 s that are kept, less what time has passed since the first.
    assert 140 * 0.1 - 10 - passed_s <= taken[-1] <= 4.0
    assert sum(wait == 0 for wait in taken) >= 100


def test_when_one_process_is_told_to_wait_all_wait(shared: str) -> None:
    SharedPace(shared).hold("trades", 60)
    assert 59 < SharedPace(shared).wait_s("trades", 200) <= 60.2
    assert SharedPace(shared).wait_s("markets", 200) == 0
