"""Runs that a worker left unfinished when it died: they would hold their concurrency slot until its lease ends, so it is freed now."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect import State
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed
from prefect.workers.base import BaseWorker

UNFINISHED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
Worker = BaseWorker[Any, Any, Any]


async def report_lost_runs(worker: Worker, known: Collection[UUID], is_lost: Callable[[FlowRun], bool]) -> None:
    """Crashed, or Cancelled where that was asked: every unfinished run of the worker's pool that `is_lost`, unless it is `known`."""
    pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[worker.work_pool.name]))
    unfinished = FlowRunFilter(state=in_states(UNFINISHED))
    for flow_run in await worker.client.read_flow_runs(flow_run_filter=unfinished, work_pool_filter=pool):
        if flow_run.id not in known and is_lost(flow_run):
            await _report_lost(worker, flow_run.id, known)


async def _report_lost(worker: Worker, flow_run_id: UUID, known: Collection[UUID]) -> None:
    flow_run = await worker.client.read_flow_run(flow_run_id)  # it may have ended, or begun here, since it was listed
    state = flow_run.state
    if state is None or state.type not in UNFINISHED or flow_run_id in known:
        return
    worker._logger.warning("Flow run %s was left %s by a worker that is gone.", flow_run.name, state.name)
    message = f"The worker that ran this (process {flow_run.infrastructure_pid or 'unknown'}) is gone."
    await set_state(worker, flow_run, Cancelled(message=message) if state.is_cancelling() else Crashed(message=message))


async def set_state(worker: Worker, flow_run: FlowRun, state: State[Any]) -> None:
    try:
        await worker.client.set_flow_run_state(flow_run.id, state, force=True)
    except ObjectNotFound:
        worker._logger.debug("Flow run %s was deleted.", flow_run.name)


def in_states(types: list[StateType]) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=types))


def age_s(state: State[Any]) -> float:
    return (now() - state.timestamp).total_seconds()


def now() -> datetime:
    return datetime.now(UTC)
