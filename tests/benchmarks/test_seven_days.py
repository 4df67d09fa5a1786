"""When a week that nobody looked after counts as well: a report of each day, no alert that nothing explains, no run that failed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.connect import in_memory, open_results
from adapters.stores.results import Write
from benchmarks.driven_house import DrivenHouse
from benchmarks.seven_days import verdict
from data_contracts import Alert, Period, Report, Severity
from domain.ids import row_id

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def a_report(days: int) -> Report:
    begins_at = MONDAY + days * DAY
    return Report(period=Period.DAILY, begins_at=begins_at, ends_at=begins_at + DAY, summary="quiet", figures="{}", as_of=begins_at + DAY)


def an_alert(severity: Severity, at: datetime, what: str = "down", cleared_at: datetime | None = None) -> Alert:
    return Alert(
        alert_id=row_id(severity.value),
        severity=severity,
        what=what,
        about="clob",
        message="it is",
        raised_at=at,
        seen_at=at,
        cleared_at=cleared_at,
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[DrivenHouse]:
    """Two days of it are over, and reported; the day before is none of them."""
    with in_memory(tmp_path) as settings:
        open_results(settings).write([Write(Report, [a_report(days) for days in (-1, 0, 1)])])
        yield DrivenHouse(settings, MONDAY + 2 * DAY)


def test_two_days_with_their_reports_are_well_and_three_are_not(house: DrivenHouse) -> None:
    assert (verdict(house, MONDAY, 2, 30), verdict(house, MONDAY, 3, 30)) == (0, 1)


def test_a_run_that_failed_is_not_well(house: DrivenHouse) -> None:
    house.failed["copy-trading"] = 1
    assert verdict(house, MONDAY, 2, 30) == 1


@pytest.mark.parametrize(
    ("severity", "at", "code"),
    [(Severity.WARNING, MONDAY + DAY, 1), (Severity.INFO, MONDAY + DAY, 0), (Severity.WARNING, MONDAY - DAY, 0)],
)
def test_an_alert_of_those_days_is_not_well_and_a_summary_is_none(house: DrivenHouse, severity: Severity, at: datetime, code: int) -> None:
    open_results(house.settings).write([Write(Alert, [an_alert(severity, at)])])
    assert verdict(house, MONDAY, 2, 30) == code


@pytest.mark.parametrize(("what", "step_s", "code"), [("position_losing", 30, 0), ("cycle_slow", 31, 0), ("cycle_slow", 30, 1)])
def test_what_the_world_did_explains_an_alert_and_a_step_that_is_longer_than_a_cycle(
    house: DrivenHouse, what: str, step_s: float, code: int
) -> None:
    open_results(house.settings).write([Write(Alert, [an_alert(Severity.WARNING, MONDAY + DAY, what)])])
    assert verdict(house, MONDAY, 2, step_s) == code


@pytest.mark.parametrize(("reason", "code"), [("SLIPPAGE_TOO_HIGH", 0), ("BOOK_MISSING", 0), ("VENUE_UNAVAILABLE", 1)])
def test_the_market_explains_copies_that_are_not_filled_and_the_house_does_not(house: DrivenHouse, reason: str, code: int) -> None:
    alert = replace(an_alert(Severity.WARNING, MONDAY + DAY, "copies_not_filled"), message=f"9 of them by {reason} (…): look at it")
    open_results(house.settings).write([Write(Alert, [alert])])
    assert verdict(house, MONDAY, 2, 30) == code


@pytest.mark.parametrize(("cleared_at", "code"), [(MONDAY + DAY, 0), (None, 1)])
def test_trades_that_a_long_step_left_out_explain_themselves_only_once_they_are_read(
    house: DrivenHouse, cleared_at: datetime | None, code: int
) -> None:
    open_results(house.settings).write([Write(Alert, [an_alert(Severity.WARNING, MONDAY + DAY, "trades_missing", cleared_at)])])
    assert verdict(house, MONDAY, 2, 3600) == code
