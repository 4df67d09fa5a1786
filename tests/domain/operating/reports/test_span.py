"""Which days a report is about."""

from datetime import UTC, date, datetime, timedelta

import pytest

from data_contracts import Period
from domain.operating.reports.span import Span, last_span, span_on

FRIDAY = datetime(2026, 11, 27, tzinfo=UTC)  # a Friday
MONDAY, SUNDAY = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "begins_at"),
    [
        (FRIDAY + timedelta(days=1), FRIDAY),  # midnight: the day is over
        (FRIDAY + timedelta(days=1) - timedelta(microseconds=1), FRIDAY - timedelta(days=1)),
    ],
)
def test_the_last_day_is_one_that_is_over(as_of: datetime, begins_at: datetime) -> None:
    span = last_span(Period.DAILY, as_of)
    assert span == Span(Period.DAILY, begins_at, begins_at + timedelta(days=1))
    assert span.is_over(as_of)


@pytest.mark.parametrize(
    ("as_of", "begins_at"),
    [
        (MONDAY + timedelta(days=7), MONDAY),  # Monday, midnight
        (MONDAY + timedelta(days=7, microseconds=-1), MONDAY - timedelta(days=7)),  # Sunday, just before
    ],
)
def test_a_week_begins_on_monday(as_of: datetime, begins_at: datetime) -> None:
    assert last_span(Period.WEEKLY, as_of).begins_at == begins_at


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 29)])
def test_monday_and_sunday_are_of_one_week(day: date) -> None:
    assert span_on(Period.WEEKLY, day, FRIDAY) == Span(Period.WEEKLY, MONDAY, SUNDAY + timedelta(days=1))


def test_a_day_that_goes_on_is_not_over() -> None:
    assert not span_on(Period.DAILY, date(2026, 11, 27), FRIDAY).is_over(FRIDAY + timedelta(hours=23))
