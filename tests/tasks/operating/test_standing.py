"""What is read for whoever calls a person."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx

from tasks.operating.standing import last_completed

SERVERS_NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Server:
    """A Prefect server on which one run has ended."""

    def __init__(self, ended_at: datetime | None) -> None:
        self.ended_at = ended_at

    def read_flow_runs(self, **_: Any) -> list[Any]:
        return [SimpleNamespace(end_time=self.ended_at)]

    def request(self, method: str, path: str) -> httpx.Response:
        assert (method, path) == ("GET", "/health")
        return httpx.Response(200, headers={"date": "Sat, 28 Nov 2026 12:00:00 GMT"})


def test_how_long_ago_a_run_completed_is_told_by_the_clock_that_timed_it() -> None:
    """A week was simulated within the hour: for all of it "No run of copy-trading has completed" stood there."""
    a_week_on = SERVERS_NOW + timedelta(days=7)
    found = last_completed(Server(SERVERS_NOW - timedelta(seconds=20)), "copy-trading", a_week_on)  # type: ignore[arg-type]
    assert found == a_week_on - timedelta(seconds=20)


def test_a_run_that_is_not_over_has_not_completed() -> None:
    assert last_completed(Server(None), "copy-trading", SERVERS_NOW) is None  # type: ignore[arg-type]
