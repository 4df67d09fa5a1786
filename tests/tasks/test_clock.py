"""The one instant a run takes for now."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from tasks.clock import instant_of

LONG_AGO = datetime(2026, 11, 1, 12, tzinfo=UTC)


def instant_within(is_scheduled: bool) -> datetime:
    """Of a run that was to start long ago."""
    run = FlowRun(flow_id=uuid4(), auto_scheduled=is_scheduled, expected_start_time=LONG_AGO, next_scheduled_start_time=LONG_AGO)
    context = FlowRunContext.model_construct(flow_run=run)
    token = FlowRunContext.__var__.set(context)
    try:
        return instant_of(None)
    finally:
        FlowRunContext.__var__.reset(token)


def test_a_run_of_a_schedule_takes_its_second() -> None:
    assert instant_within(is_scheduled=True) == LONG_AGO


def test_a_run_that_somebody_asked_for_sees_what_came_while_it_waited_for_its_worker() -> None:
    """A cycle that a delivery woke took the instant it was asked for: what came before it began, up to two seconds later, was left out."""
    assert abs(datetime.now(UTC) - instant_within(is_scheduled=False)) < timedelta(minutes=1)


def test_what_is_given_is_kept() -> None:
    assert instant_of(LONG_AGO) == LONG_AGO
