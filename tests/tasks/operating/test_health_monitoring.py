"""Alerts where they are noticed: raised at once, kept up, told once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters import connect
from adapters.connect import Place
from adapters.venues.simulated import SimulatedVenue
from data_contracts import Alert, Kind, Severity, Venue
from domain.copying.policy import Policy
from domain.operating.alerts import Finding
from tasks.operating import alerting
from tasks.operating.alerting import raise_alert
from tasks.operating.health_monitoring import ask_parts
from tasks.operating.strategies import put_strategy
from tests.second_venue import SecondFeed


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that were sent."""
    events: list[str] = []
    monkeypatch.setattr(alerting, "emit_event", lambda event, resource, payload: events.append(event))
    return events


def test_two_things_about_which_the_same_is_wrong_are_two_alerts(rooms: Any, t0: datetime, told: list[str]) -> None:
    house = rooms()
    for name in ("graph", "clob", "graph"):
        raise_alert(Finding(Severity.WARNING, "down", name, "why"), house.settings, t0)
    assert [alert.about for alert in sorted(house.rows(Alert), key=lambda alert: alert.about)] == ["clob", "graph"]
    assert len(told) == 2


@pytest.mark.usefixtures("bare")
def test_each_venue_of_the_table_is_asked_by_itself(rooms: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polymarket alone was asked: another venue could be away for days, and nobody was told."""
    house, second = rooms(), SecondFeed(t0)
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: second, lambda settings: SimulatedVenue(second)))
    put_strategy("sols", Kind.MIRROR, Policy(), Decimal(10), True, house.settings, t0, Venue.SOLANA)
    second.lag_s = 500.0
    assert ask_parts(house.settings, t0).lags_s == {"polymarket": 0.0, "solana": 500.0}
    second.is_away = True
    parts = ask_parts(house.settings, t0)
    assert (list(parts.down), parts.unsafe) == (["solana instruments", "solana books"], {})
    second.unsafe = "it answers for another chain"
    assert ask_parts(house.settings, t0).unsafe == {"solana": "it answers for another chain"}
