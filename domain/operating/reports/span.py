"""Which time a report is about: whole days and weeks, UTC."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from data_contracts import Period
from domain.copying.risk.daily_loss import midnight

DAY = timedelta(days=1)
LENGTHS = {Period.DAILY: DAY, Period.WEEKLY: 7 * DAY}


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins_at` on, and before `ends_at`."""

    period: Period
    begins_at: datetime
    ends_at: datetime

    def is_over(self, as_of: datetime) -> bool:
        """Whether nothing more can happen in it."""
        return self.ends_at <= as_of

    @property
    def name(self) -> str:
        """Such as daily 2026-11-27."""
        return f"{self.period} {self.begins_at:%Y-%m-%d}"


def last_span(period: Period, as_of: datetime) -> Span:
    """The last day, or week from Monday on, that is over."""
    return span_of(period, as_of - LENGTHS[period])


def span_on(period: Period, day: date, as_of: datetime) -> Span:
    """The one with this day in it. `as_of` only says the time zone."""
    return span_of(period, as_of.replace(year=day.year, month=day.month, day=day.day))


def span_of(period: Period, at: datetime) -> Span:
    """The one with this instant in it."""
    begins_at = midnight(at) - (at.weekday() * DAY if period is Period.WEEKLY else timedelta(0))
    return Span(period, begins_at, begins_at + LENGTHS[period])
