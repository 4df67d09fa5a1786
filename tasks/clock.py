"""The one instant a run takes for now."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.runtime import flow_run

LONGEST_WORD = 24  # in a run's name
log = logging.getLogger("walletflow.runs")


def instant_of(given: datetime | None) -> datetime:
    """The given instant, or the second a schedule has for the run, which may start a little before or after it. Plain UTC.

    A run that somebody asked for waits up to two seconds for its worker: it begins now, and sees what came meanwhile.
    """
    instant = given or _scheduled() or datetime.now(UTC)
    return datetime.fromtimestamp(instant.timestamp(), UTC)  # Prefect's own type does not mix with timedelta


def _scheduled() -> datetime | None:
    context = FlowRunContext.get()
    is_asked_for = context is not None and context.flow_run is not None and context.flow_run.auto_scheduled is False
    return None if is_asked_for else flow_run.scheduled_start_time


def run_name(word: str) -> Callable[[], str]:
    """A run's name: the word and the instant it takes for now."""

    def name() -> str:
        given = (flow_run.parameters or {}).get("as_of")
        instant = datetime.fromisoformat(given) if isinstance(given, str) else given
        return f"{word} {instant_of(instant):%Y-%m-%d %H:%M:%S}"

    return name


def asked_name(pattern: str) -> Callable[[], str]:
    """A run's name until it says what came of it: what was asked, with long ids cut."""
    return lambda: pattern.format_map({name: short(str(value)) for name, value in (flow_run.parameters or {}).items()})


def short(word: str) -> str:
    """An id of 77 digits is no name for anything."""
    return word if len(word) <= LONGEST_WORD else f"{word[:10]}…"


def name_run(name: str) -> None:
    """Gives the run that calls a name that says what came of it. Outside of a run nothing is named, and nothing fails over a name."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    try:
        with get_client(sync_client=True) as client:
            client.update_flow_run(context.flow_run.id, name=name)
    except Exception as error:  # noqa: BLE001
        log.warning("this run is not named %s: %s", name, error)
