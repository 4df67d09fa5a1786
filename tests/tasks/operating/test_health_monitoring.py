"""Alerts where they are noticed: raised at once, kept up, told once."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters import connect
from adapters.connect import Place
from adapters.venues.simulated import SimulatedVenue
from data_contracts import Alert, Kind, Severity, TradingState, Venue
from domain.copying.policy import Policy
from domain.operating.alerts import Finding
from tasks.operating import alerting, health_monitoring, standing
from tasks.operating.alerting import raise_alert
from tasks.operating.health_monitoring import CONSENSUS, Parts, ask_parts, asked_again, report_alerts, watch_house
from tasks.operating.strategies import put_strategy
from tasks.operating.trading_state import order_state
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


@pytest.mark.usefixtures("bare")
def test_a_look_finds_a_halt_tells_it_once_and_tells_its_end(rooms: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Halted at once by an operator; told after ten minutes, over when resumed, and that it is over ten minutes later."""
    monkeypatch.setattr(health_monitoring, "ask_parts", lambda settings, as_of: Parts())
    monkeypatch.setattr(health_monitoring, "_cycles", list)
    monkeypatch.setattr(standing, "completed_at", lambda settings, as_of: {})
    sent: list[str] = []
    monkeypatch.setattr(alerting, "send", lambda notice: sent.append(notice.subject))
    house = rooms()
    put_strategy("one", Kind.MIRROR, Policy(), Decimal(10), True, house.settings, t0)
    order_state("one", TradingState.HALTED, house.settings, t0, "holiday")
    for minute, subjects in ((0, 0), (5, 0), (10, 1), (15, 1)):
        watch_house(house.settings, t0 + minute * timedelta(minutes=1))
        assert len(sent) == subjects
    order_state("one", TradingState.ACTIVE, house.settings, t0 + timedelta(minutes=16))
    for minute in (20, 25, 30, 35):
        watch_house(house.settings, t0 + minute * timedelta(minutes=1))
    assert sent == ["Warning: stopped by operator (one)", "Alert over: stopped by operator (one)"]
    (alert,) = house.rows(Alert, what="stopped_by_operator")
    assert (alert.cleared_at, alert.over_told_at) == (t0 + timedelta(minutes=20), t0 + timedelta(minutes=30))


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, str]]]:
    """What was shown under the run."""
    shown: list[list[dict[str, str]]] = []
    monkeypatch.setattr(health_monitoring, "show_table", lambda rows, key, said, tab: shown.append(rows))
    return shown


@pytest.mark.usefixtures("bare", "told")
def test_a_look_that_finds_nothing_leaves_no_table(rooms: Any, t0: datetime, tables: list[Any]) -> None:
    """There are 288 a day, and each left one."""
    house = rooms()
    report_alerts([], house.settings, t0)
    assert tables == []


@pytest.mark.usefixtures("bare", "told")
def test_what_is_open_stands_before_what_is_over_and_the_worst_first(rooms: Any, t0: datetime, tables: list[Any]) -> None:
    """They were mixed, with ids of 77 digits."""
    house = rooms()
    raise_alert(Finding(Severity.WARNING, "down", "graph", "look at it"), house.settings, t0)
    raise_alert(Finding(Severity.CRITICAL, "down", "7" * 77, "look at it now"), house.settings, t0)
    raise_alert(Finding(Severity.CRITICAL, "down", "clob", "it was away"), house.settings, t0)
    over = next(one for one in house.rows(Alert) if one.about == "clob")
    house.put(replace(over, cleared_at=t0))
    report_alerts(house.rows(Alert), house.settings, t0)
    ((first, second, last),) = tables
    assert (first["severity"], first["about"], first["says"]) == ("critical", "7" * 24 + "…", "look at it now")
    assert (second["about"], second["until (UTC)"]) == ("graph", "open")
    assert (last["about"], last["until (UTC)"]) == ("clob", f"{t0:%m-%d %H:%M}")


def test_only_what_was_asked_before_can_be_missing_in_the_cache(t0: datetime) -> None:
    """A new house warned in its first minutes that 140 of 142 values were not in the cache: each was asked for the first time."""
    asked = {"first": [0], "again": [0, 30], "two strategies": [0, 0], "just good": [0, 299], "not any more": [0, 300]}
    rows = [(token, t0 + timedelta(seconds=one), 0.0) for token, seconds in asked.items() for one in seconds]
    rows += [("its answer was old", t0, 200.0), ("its answer was old", t0 + timedelta(seconds=100), 0.0)]
    found = asked_again(pl.DataFrame(rows, schema=CONSENSUS, orient="row"))
    assert sorted(found["token_id"]) == ["again", "just good"]
