"""What is due in a span of time, by the crons of prefect.yaml."""

import inspect
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from benchmarks.schedules import Schedule, due, schedules
from flows.data_retention import retention

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "a_week"),
    [
        ("7 * * * *", 168),
        ("*/5 * * * *", 2016),
        ("1-59/5 * * * *", 2016),
        ("4-59/15 * * * *", 672),
        ("23 */6 * * *", 28),
        ("17 6 * * 1", 1),
    ],
)
def test_a_week_in_half_minutes_has_each_as_often_as_it_says(cron: str, a_week: int) -> None:
    spans = [MONDAY + timedelta(seconds=30 * number) for number in range(7 * 2880 + 1)]
    assert sum(len(list(due([Schedule("one", cron)], after, until))) for after, until in pairwise(spans)) == a_week


def test_a_minute_is_due_when_it_comes_and_not_again() -> None:
    at = MONDAY + timedelta(hours=6, minutes=17)
    found = {
        offset: names(due([Schedule("weekly", "17 6 * * 1")], at + timedelta(seconds=offset - 30), at + timedelta(seconds=offset)))
        for offset in (-1, 0, 30)
    }
    assert found == {-1: [], 0: ["weekly"], 30: []}


def test_every_cron_of_the_file_can_be_read() -> None:
    wanted = schedules()
    assert {"health-monitoring", "retention", "wallet-profiling"} <= set(names(wanted))
    assert names(due(wanted, MONDAY - timedelta(minutes=1), MONDAY + timedelta(days=7))) == names(wanted)


def test_retention_takes_something_away_by_its_schedule_alone() -> None:
    """Its form opens with a dry run: whoever starts it by hand sees first what would go."""
    (daily,) = [one for one in schedules() if one.deployment == "retention"]
    assert daily.parameters == {"dry_run": False}
    assert inspect.signature(retention.fn).parameters["dry_run"].default is True


def names(found: Iterable[Schedule]) -> list[str]:
    return [one.deployment for one in found]
