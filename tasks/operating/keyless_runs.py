"""Runs that need a key, in a house that has none: a simulated one. Nobody would ever take them, so they are told why and ended."""

from datetime import datetime

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelled

from adapters.settings import Settings
from tasks.operating.run_history import in_state
from tasks.steps import step

WITH_THE_KEY = "execution"  # the pool
LIVE_ONLY = "Live only: in simulation nobody has a key, and nothing is to be redeemed, merged or allowed. Going live: docs/going_live.md"


@step
def end_keyless_runs(settings: Settings, now: datetime) -> int:
    """Cancels what was asked of the pool with the key before `now`, if nothing is live. How many runs that were."""
    if settings.is_live:
        return 0
    wanted = FlowRunFilter(state=in_state(StateType.SCHEDULED), expected_start_time=FlowRunFilterExpectedStartTime(before_=now))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[WITH_THE_KEY])), flow_run_filter=wanted)
        for run in runs:
            client.set_flow_run_state(run.id, Cancelled(message=LIVE_ONLY))
    return len(runs)
