"""The one instant a run takes for now."""

from collections.abc import Callable
from datetime import UTC, datetime

from prefect.runtime import flow_run


def instant_of(given: datetime | None) -> datetime:
    """The given instant, or the second the run was scheduled for: a run may start a little before or after it. Plain UTC."""
    instant = given or flow_run.scheduled_start_time or datetime.now(UTC)
    return datetime.fromtimestamp(instant.timestamp(), UTC)  # Prefect's own type does not mix with timedelta


def run_name(word: str) -> Callable[[], str]:
    """A run's name: the word and the instant it takes for now."""

    def name() -> str:
        given = (flow_run.parameters or {}).get("as_of")
        instant = datetime.fromisoformat(given) if isinstance(given, str) else given
        return f"{word} {instant_of(instant):%Y-%m-%d %H:%M:%S}"

    return name
