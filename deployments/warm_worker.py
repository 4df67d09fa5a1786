"""A Prefect worker that runs flows inside its own, already imported process: a run starts in milliseconds, not seconds.

It is a worker like any other: schedules, late runs, concurrency limits, cancellation, retries and the UI are Prefect's own.
Its price: a flow can change the process it shares with others, and new code is seen after a restart only.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import httpx
from polars.exceptions import PanicException
from prefect import State
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, FlowRun, StateType
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import ObjectNotFound, PrefectSignal
from prefect.states import Cancelled, Crashed, Scheduled
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from deployments.lost_runs import age_s, in_states, now, report_lost_runs, set_state
from deployments.processes import identity, is_running
from deployments.warm_runs import WarmRun, crashed, load_flow

TYPE = "walletflow-warm"
PREFETCH_S = 5  # how early a run is fetched; it then waits here, so a slow poll does not make it late
CLAIM_LEAD_S = 1.0  # how early its concurrency slot is asked for and the run is made ready
START_LEAD_S = 0.1  # from here to the first step it takes 0.13 s, measured; from 0.5 the server would tell the run to wait a second
ORPHAN_AGE_S = 30  # a Pending run that no worker labelled for this long was lost between two of our calls
INTERRUPT_AFTER_S = 10  # how long a run may take to reach a task boundary before it is interrupted where it stands


class WarmWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Runs each flow run in a thread of this process."""

    type = TYPE
    _description = "Runs flows in a warm process of Walletflow."
    _display_name = "Walletflow warm process"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefetch_seconds": PREFETCH_S, **kwargs})
        self.active: dict[UUID, WarmRun] = {}
        self.claimed: dict[UUID, UUID | None] = {}  # runs that asked for their slot and are not over, with their deployment
        self.draining = asyncio.Event()
        self._threads = anyio.CapacityLimiter(64)
        self._reachable = True
        self.asked_at = time.monotonic()
        self._fetching, self._over = asyncio.Lock(), asyncio.Event()

    async def run(
        self, flow_run: FlowRun, configuration: BaseJobConfiguration, task_status: anyio.abc.TaskStatus[Any] | None = None
    ) -> BaseWorkerResult:
        deployment = configuration._related_objects["deployment"]
        try:
            flow = await anyio.to_thread.run_sync(load_flow, deployment.entrypoint)
        except (Exception, SystemExit, PanicException) as error:  # noqa: BLE001 (a file of flows may throw anything when it is imported)
            await self._set_state(flow_run, crashed(error))
            return BaseWorkerResult(identifier=identity(), status_code=1)
        run = self.active[flow_run.id] = WarmRun(flow_run)
        try:
            if task_status is not None:
                task_status.started(identity())
            if await self._waited_until(scheduled_at(flow_run), START_LEAD_S):
                await anyio.to_thread.run_sync(run.execute, flow, limiter=self._threads)
            else:  # the worker ends: whoever comes next may have it
                await self._set_state(flow_run, Scheduled(scheduled_time=scheduled_at(flow_run)))
        except PrefectSignal:  # an interruption that came when the run was over
            self._logger.debug("Flow run %s was interrupted after its end.", flow_run.name)
        finally:
            del self.active[flow_run.id]
            self._note_over(flow_run.id)
        return BaseWorkerResult(identifier=identity(), status_code=0)

    # Polling: a server that is away must not end the worker, as it would after a minute of Prefect's own backoff.

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        self.asked_at = time.monotonic()
        if self.draining.is_set():
            return []
        try:
            async with self._fetching:
                runs = await super().get_and_submit_flow_runs()
            await self._stop_cancelled_runs()
        except httpx.HTTPError as error:
            return self._unreachable(error)
        if not self._reachable:
            self._logger.info("The Prefect server answers again.")
        self._reachable = True
        return runs

    async def sync_with_backend(self) -> None:
        try:
            await super().sync_with_backend()
            await self._report_lost_runs()
        except httpx.HTTPError as error:
            self._unreachable(error)

    def _unreachable(self, error: httpx.HTTPError) -> list[FlowRun]:
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500:
            raise error
        if self._reachable:
            self._logger.warning("The Prefect server does not answer (%r); asking again until it does.", error)
        self._reachable = False
        return []

    # Starting: on its second, and never two where one is due.

    async def _submit_scheduled_flow_runs(self, flow_run_response: list[WorkerFlowRunResponse]) -> list[FlowRun]:
        overtaken = await self._cancel_overtaken([entry.flow_run for entry in flow_run_response])
        return await super()._submit_scheduled_flow_runs([entry for entry in flow_run_response if entry.flow_run.id not in overtaken])

    async def _cancel_overtaken(self, runs: list[FlowRun]) -> set[UUID]:
        """After an outage many cycles are late. Where the deployment cancels what collides, only the newest still has a purpose."""
        overtaken = set()
        for run in overtaken_runs(runs, now()):
            if run.id not in self._submitting_flow_run_ids and await self._cancels_collisions(run):
                overtaken.add(run.id)
                await self._set_state(run, Cancelled(name="Skipped", message="Late, and a later run of this schedule is due already."))
        return overtaken

    async def _cancels_collisions(self, run: FlowRun) -> bool:
        if run.deployment_id is None:
            return False
        try:
            options = (await self.client.read_deployment(run.deployment_id)).concurrency_options
        except ObjectNotFound:
            return False
        return options is not None and options.collision_strategy == ConcurrencyLimitStrategy.CANCEL_NEW

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Ask for its concurrency slot just before its second: taken early, the slot would be denied to the run before."""
        try:
            if await self._waited_until(scheduled_at(flow_run), CLAIM_LEAD_S):
                self.claimed[flow_run.id] = flow_run.deployment_id
                await super()._submit_run(flow_run)
            else:
                self._submitting_flow_run_ids.discard(flow_run.id)
        finally:
            if flow_run.id not in self.active:
                self._note_over(flow_run.id)

    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """A call to the server for a state that lasts no time here: a warm run begins at once."""

    async def _waited_until(self, at: datetime, lead_s: float) -> bool:
        """False when the worker must end instead."""
        with anyio.move_on_after(max((at - now()).total_seconds() - lead_s, 0)):
            await self.draining.wait()
        return not self.draining.is_set()

    # At once: a run that somebody waits for.

    async def run_at_once(self, deployment_id: UUID) -> None:
        """One more run of it, to its end, and fetched without waiting for the next poll. While another is at work the server skips it."""
        run = await self.client.create_flow_run_from_deployment(deployment_id)
        self.claimed[run.id] = deployment_id
        await self.get_and_submit_flow_runs()
        if run.id not in self._submitting_flow_run_ids and run.id not in self.active:
            self._note_over(run.id)  # another worker's, or nobody's: its pool is paused
        await self._over_when(lambda: run.id not in self.claimed)

    async def wait_until_over(self, deployment_id: UUID) -> None:
        """Until no run of it is at work here."""
        await self._over_when(lambda: deployment_id not in self.claimed.values())

    async def _over_when(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self._over.clear()
            await self._over.wait()

    def _note_over(self, run_id: UUID) -> None:
        self.claimed.pop(run_id, None)
        self._over.set()

    # Stopping: cancelled runs, runs of a worker that died, and runs that are still here when the worker must go.

    async def _setup_cancellation_observer(self) -> None:
        """Prefect's observer forgets a run once it started, as an ordinary worker's runs look after themselves. Ours are polled."""

    async def _stop_cancelled_runs(self) -> None:
        if self.active:
            wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(self.active)), state=in_states([StateType.CANCELLING]))
            for flow_run in await self.client.read_flow_runs(flow_run_filter=wanted):
                if (run := self.active.get(flow_run.id)) is not None:
                    run.cancel()
                    self._interrupt_if_overdue(run, flow_run)

    def _interrupt_if_overdue(self, run: WarmRun, flow_run: FlowRun) -> None:
        if flow_run.state is not None and age_s(flow_run.state) > INTERRUPT_AFTER_S:
            run.interrupt()

    async def _report_lost_runs(self) -> None:
        await report_lost_runs(self, [*self.active, *self._submitting_flow_run_ids], lambda run: is_lost(run, self.name))

    async def _set_state(self, flow_run: FlowRun, state: State[Any]) -> None:
        await set_state(self, flow_run, state)

    async def drain(self, grace_s: float) -> None:
        """Start nothing new, let what runs finish, stop at a task boundary what does not, and mark what will not stop."""
        self.draining.set()
        if await self._emptied(grace_s):
            return
        for run in list(self.active.values()):
            run.crash("The worker was shut down while this ran.")
        if await self._emptied(grace_s / 2):
            return
        for run in list(self.active.values()):
            run.interrupt()
        if not await self._emptied(1):
            await self._abandon()

    async def _emptied(self, within_s: float) -> bool:
        with anyio.move_on_after(within_s):
            while self.active:
                await anyio.sleep(0.05)
        return not self.active

    async def _abandon(self) -> None:
        for run in list(self.active.values()):
            await self._set_state(run.flow_run, Crashed(message="The worker was shut down and this did not stop."))
        os._exit(1)  # a thread inside a C call can be neither stopped nor waited for


def scheduled_at(flow_run: FlowRun) -> datetime:
    return flow_run.next_scheduled_start_time or flow_run.expected_start_time or now()


def overtaken_runs(runs: Iterable[FlowRun], at: datetime) -> list[FlowRun]:
    """Scheduled runs that are due although a later one of the same schedule is due as well."""
    due: dict[UUID | None, list[FlowRun]] = defaultdict(list)
    for run in sorted(runs, key=scheduled_at):
        waits = run.state is None or run.state.name in ("Scheduled", "Late")  # not a retry that somebody asked for
        if run.auto_scheduled and waits and scheduled_at(run) <= at + timedelta(seconds=CLAIM_LEAD_S):
            due[run.deployment_id].append(run)
    return [run for group in due.values() for run in group[:-1]]


def is_lost(flow_run: FlowRun, worker_name: str) -> bool:
    """Whether the process that had this run is gone: it bears our name, and no living process."""
    owner = flow_run.labels.get("prefect.worker.name")
    if owner is None:
        state = flow_run.state
        return state is not None and state.is_pending() and age_s(state) > ORPHAN_AGE_S
    pid = flow_run.infrastructure_pid
    return owner == worker_name and (pid is None or pid == identity() or is_running(pid) is False)
