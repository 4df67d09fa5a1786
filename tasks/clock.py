"""The one instant a run takes for now."""

from datetime import UTC, datetime

from prefect.runtime import flow_run


def instant_of(given: datetime | None) -> datetime:
    """The given instant, or the second the run was scheduled for: a run may start a little before or after it. Plain UTC."""
    instant = given or flow_run.scheduled_start_time or datetime.now(UTC)
    return datetime.fromtimestamp(instant.timestamp(), UTC)  # Prefect's own type does not mix with timedelta
