"""Alerts where they are noticed: raised at once, kept up, told once."""

from datetime import datetime, timedelta
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
    assert told == ["walletflow.alert.warning"] * 2  # and no notice yet: warnings wait for each other


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


def test_who_cannot_be_told_stops_nobody_and_the_alert_is_stored(rooms: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's server is away: what was noticed in a cycle must not end that cycle."""

    def away(**named: object) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(alerting, "emit_event", away)
    house = rooms()
    raise_alert(Finding(Severity.CRITICAL, "down", "graph", "why"), house.settings, t0)
    assert [(alert.about, alert.told_as) for alert in house.rows(Alert)] == [("graph", Severity.CRITICAL)]


def test_an_alert_raised_at_every_cycle_is_told_once(rooms: Any, t0: datetime, told: list[str]) -> None:
    house = rooms()
    for number in range(3):
        raise_alert(Finding(Severity.CRITICAL, "down", "graph", f"for {number} min"), house.settings, t0 + number * timedelta(minutes=1))
    assert told == ["walletflow.alert.critical", "walletflow.notice.critical"]
