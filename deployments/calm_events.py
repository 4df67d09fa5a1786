"""How a warm process tells its Prefect server of task runs: in bursts, and from when they begin to run.

By itself Prefect hands every single event from thread to thread and back, which was a tenth of a copy cycle's processor time. And a step
of ours is pending for no time at all: that it begins to run says as much.
"""

import asyncio
import queue
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from prefect import task_engine
from prefect.events.schemas.events import Event
from prefect.events.worker import EventsWorker

BURST_S = 0.25
Handle = Callable[[EventsWorker, Event], Coroutine[Any, Any, None]]


@contextmanager
def calm_events() -> Iterator[None]:
    """Within, an event leaves up to a quarter of a second later. None gets lost: Prefect's worker ends when its queue is empty, as ever."""
    engine: Any = task_engine
    worker: Any = EventsWorker
    handle, emit = worker._handle, engine.emit_task_run_state_change_event
    worker._handle = _in_bursts(handle)
    engine.emit_task_run_state_change_event = _but_for_the_first(emit)
    try:
        yield
    finally:
        worker._handle = handle
        engine.emit_task_run_state_change_event = emit


def _but_for_the_first(emit: Callable[..., Event | None]) -> Callable[..., Event | None]:
    """Without the event of a task run that is there, and does not run yet."""
    return lambda *args, initial_state, **named: emit(*args, initial_state=initial_state, **named) if initial_state is not None else None


def _in_bursts(handle: Handle) -> Handle:
    async def handle_burst(worker: EventsWorker, event: Event) -> None:
        await handle(worker, event)
        await asyncio.sleep(0.0 if worker._stopped else BURST_S)
        while (other := _waiting(worker._queue)) is not None:
            try:
                await handle(worker, other)
            except Exception as error:  # noqa: BLE001 (as Prefect does: one event that cannot be sent stops no other)
                worker._logger.error("An event could not be sent: %s", error)
            finally:
                worker._queue.task_done()

    return handle_burst


def _waiting(events: "queue.Queue[Event | None]") -> Event | None:
    """The next event, if one waits. The sign to end is left to whom it is for."""
    try:
        event = events.get_nowait()
    except queue.Empty:
        return None
    if event is None:
        events.put_nowait(None)
        events.task_done()
    return event
