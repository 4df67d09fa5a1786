"""What is read for whoever calls a person."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from adapters.connect import open_results
from data_contracts import OrderStatus, Reason, Side
from tasks.operating import standing
from tasks.operating.standing import entry_orders, findings_of_standing, last_completed
from tests.ledger_rows import an_order

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


@pytest.mark.usefixtures("bare")
def test_copies_of_the_last_hour_that_are_not_filled_are_told(rooms: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """6 of 10. What was sold, and what was bought before that hour, are none of them."""
    monkeypatch.setattr(standing, "completed_at", lambda settings, as_of: {})
    house, minute = rooms(), timedelta(minutes=1)
    denied = {"status": OrderStatus.DENIED, "reason": Reason.SLIPPAGE_TOO_HIGH}
    house.put(
        *(an_order(t0, f"in {place}") for place in range(4)), *(an_order(t0 + minute, f"out {place}", **denied) for place in range(6))
    )
    house.put(
        *(an_order(t0, f"sale {place}", side=Side.SELL) for place in range(9)), *(an_order(t0 - minute, str(place)) for place in range(9))
    )
    (found,) = [one for one in findings_of_standing(house.settings, [], t0 + 60 * minute) if one.what == "copies_not_filled"]
    assert (found.about, found.message[:23]) == ("one", "6 of 10 copies of one w")
    assert [one.orders for one in entry_orders(open_results(house.settings), t0 + 60.5 * minute)] == [6]
