"""Alerts where they are noticed: raised at once, kept up, told once."""

from datetime import datetime
from typing import Any

import pytest

from data_contracts import Alert, Severity
from domain.operating.alerts import Finding
from tasks.operating import health_monitoring as alerting
from tasks.operating.health_monitoring import raise_alert


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
