"""Alerts where they are noticed: raised at once, kept up, told once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.connect import open_results
from adapters.feeds.feed import TooFarBack
from adapters.feeds.recorded import RecordedFeed
from data_contracts import Alert, Severity
from domain.operating.alerts import Finding
from tasks.copying.observing import observe_trades
from tasks.copying.watermarks import TRADES, moved, reached
from tasks.operating import health_monitoring as alerting
from tasks.operating.health_monitoring import raise_alert


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that were sent."""
    events: list[str] = []
    monkeypatch.setattr(alerting, "emit_event", lambda event, resource, payload: events.append(event))
    return events


@pytest.mark.usefixtures("bare")
def test_a_walk_that_ends_too_early_raises_an_alert_and_leaves_the_watermark(
    rooms: Any, t0: datetime, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cycles long: one alert, told once; what lies between is read when the watermark can move again."""

    def too_far(self: Any, *args: Any) -> Any:
        raise TooFarBack("12 pages of trades did not reach back: run wallet-profiling")

    monkeypatch.setattr(RecordedFeed, "trades", too_far)
    house = rooms()
    open_results(house.settings).write([moved(TRADES, t0)])
    for seconds in (30, 60):
        with pytest.raises(TooFarBack):
            observe_trades(house.settings, t0 + timedelta(seconds=seconds))
    (alert,) = house.rows(Alert)
    assert (alert.severity, alert.what, alert.cleared_at) == (Severity.CRITICAL, "pages_exhausted", None)
    assert "run wallet-profiling" in alert.message
    assert alert.seen_at - alert.raised_at == timedelta(seconds=30)
    assert told == ["walletflow.alert.critical"]
    assert reached(open_results(house.settings), TRADES) == t0


def test_it_lasts_until_the_watermark_has_moved_past_it(rooms: Any, t0: datetime, told: list[str]) -> None:
    house = rooms()
    raise_alert(Finding(Severity.CRITICAL, "pages_exhausted", "polymarket", "why"), house.settings, t0)
    (alert,), results = house.rows(Alert), open_results(house.settings)
    for watermark, lasts in ((t0, True), (t0 + timedelta(seconds=1), False)):
        results.write([moved(TRADES, watermark)])
        assert alerting._still_open(alert, results) is lasts


def test_two_things_about_which_the_same_is_wrong_are_two_alerts(rooms: Any, t0: datetime, told: list[str]) -> None:
    house = rooms()
    for name in ("graph", "clob", "graph"):
        raise_alert(Finding(Severity.WARNING, "down", name, "why"), house.settings, t0)
    assert [alert.about for alert in sorted(house.rows(Alert), key=lambda alert: alert.about)] == ["clob", "graph"]
    assert len(told) == 2
