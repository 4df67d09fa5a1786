"""The run history of the Prefect server: what ran, with its steps, log lines and artifacts. What is old is taken away page by page."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import Artifact, FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from adapters.batches import batches

CYCLE = "copy-trading"  # a flow, and its deployment: thousands of runs a day; what they did is in rows
DONE = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]
QUIET = [StateType.COMPLETED, StateType.CANCELLED]
A_PAGE, AT_ONCE = 200, 50  # what the server gives, and takes away, in one call
MOST_RUNS = 20_000  # of one run of ours: the next goes on


def last_runs(client: SyncPrefectClient, deployment: str, states: Sequence[StateType], most: int) -> list[FlowRun]:
    """Of those of a deployment that ended so, the newest first."""
    return client.read_flow_runs(
        deployment_filter=of_deployment(deployment),
        flow_run_filter=FlowRunFilter(state=in_state(*states)),
        sort=FlowRunSort.START_TIME_DESC,
        limit=most,
    )


def of_deployment(name: str) -> DeploymentFilter:
    """As Prefect is asked for it."""
    return DeploymentFilter(name=DeploymentFilterName(any_=[name]))


def in_state(*states: StateType) -> FlowRunFilterState:
    """The same of runs that are in one of these."""
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))


def forget_runs(end: datetime, dry_run: bool, only_quiet: bool) -> int:
    """How many runs that ended before then went, or would go; `only_quiet`: of those that say nothing that stands nowhere else.

    Their steps go with them, their log lines soon after, their artifacts within a day.
    """
    gone = 0
    with get_client(sync_client=True) as client:
        cycle = _id_of(client, CYCLE)
        for page in _pages(client, end, QUIET if only_quiet else DONE):
            chosen = _quiet(client, page, cycle) if only_quiet else page
            if not dry_run:
                _forget(client, [run.id for run in chosen])
            gone += len(chosen)
            if gone >= MOST_RUNS:
                break
    return gone


def _pages(client: SyncPrefectClient, end: datetime, states: Sequence[StateType]) -> Iterator[list[FlowRun]]:
    """The oldest first. Each page begins where the one before ended, whatever of that is gone by now."""
    after, seen = None, set[UUID]()
    while True:
        wanted = FlowRunFilter(
            state=in_state(*states),
            end_time=FlowRunFilterEndTime(before_=end),
            expected_start_time=FlowRunFilterExpectedStartTime(after_=after) if after else None,
        )
        found = client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=A_PAGE)
        new = [run for run in found if run.id not in seen]
        if not new:
            return
        yield new
        seen = {run.id for run in found}
        after = max((run.expected_start_time for run in found if run.expected_start_time), default=None)


def _quiet(client: SyncPrefectClient, runs: Sequence[FlowRun], cycle: UUID | None) -> list[FlowRun]:
    """Cycles, whose tables are made of rows that stay; and what its schedule started and left no artifact."""
    told = {artifact.flow_run_id for artifact in _artifacts(client, [run.id for run in runs])}
    return [run for run in runs if run.flow_id == cycle or (run.auto_scheduled and run.id not in told)]


def _id_of(client: SyncPrefectClient, flow: str) -> UUID | None:
    try:
        return client.read_flow_by_name(flow).id
    except ObjectNotFound:
        return None


def _artifacts(client: SyncPrefectClient, run_ids: Sequence[UUID]) -> Iterator[Artifact]:
    offset = 0
    while True:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=list(run_ids))), limit=A_PAGE, offset=offset
        )
        yield from found
        if len(found) < A_PAGE:
            return
        offset += A_PAGE


def _forget(client: SyncPrefectClient, run_ids: Sequence[UUID]) -> None:
    for part in batches(run_ids, AT_ONCE):
        wanted = {"flow_runs": {"id": {"any_": [str(one) for one in part]}}, "limit": AT_ONCE}
        client.request("POST", "/flow_runs/bulk_delete", json=wanted)  # type: ignore[arg-type]  # the client's list of routes lacks it
