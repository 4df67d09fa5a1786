"""A copy cycle begins as soon as something is posted: whoever runs cycles hears of it, and knows when the cycle at work is over.

The schedule stays, whatever happens here.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from anyio import move_on_after, to_thread
from prefect.exceptions import PrefectException
from prefect.logging import get_logger

from adapters.settings import Settings
from adapters.stores.postgres_notices import posted
from adapters.stores.results import Results
from data_contracts.errors import Unavailable
from deployments.waking import CYCLE, keep_listening
from deployments.warm_worker import WarmWorker
from tasks.copying.unread import Posted, posted_counts, unread

TOGETHER_S = 0.1  # what is posted within so long is one cycle's work
LOOK_S = 2.0  # between looks where nobody rings: a proxy that pools transactions passes nothing on
AGAIN_S = 10.0  # when somebody did not answer
PATIENCE_S = 4.0  # for a cycle that another worker runs
MOST_WAKINGS = 3  # for what nobody reads; then the schedule is left to it
DEPLOYMENT = f"{CYCLE}/{CYCLE}"  # its flow and its own name


class Waker:
    """Runs the copy cycle until all that is posted is read. `rung` is set whenever something is."""

    def __init__(self, worker: WarmWorker, results: Results) -> None:
        self.rung = asyncio.Event()
        self._worker, self._results = worker, results
        self._left: dict[type, int] = {}  # up to which numbers nobody reads it

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            with move_on_after(LOOK_S):
                await self.rung.wait()
                await asyncio.sleep(TOGETHER_S)
            self.rung.clear()
            try:
                await self.wake()
            except (Unavailable, PrefectException, httpx.HTTPError) as error:
                get_logger("worker").warning("The copy cycle is not woken: %r", error)
                await asyncio.sleep(AGAIN_S)

    async def wake(self) -> None:
        """One cycle after the other: what comes while one reads is the next one's, at once."""
        due, idle = await self._due(), 0
        if not due:
            return
        cycle = (await self._worker.client.read_deployment_by_name(DEPLOYMENT)).id
        while due and idle < MOST_WAKINGS:
            await self._worker.wait_until_over(cycle)
            if due := await self._due():
                await self._worker.run_at_once(cycle)
                idle = 0 if await self._is_read_on(due) else idle + 1
        self._left = {kind: count.until for kind, count in due.items()}

    async def _due(self) -> dict[type, Posted]:
        due = await to_thread.run_sync(unread, self._results) if self._worker.is_setup else {}
        return {} if {kind: count.until for kind, count in due.items()} == self._left else due

    async def _is_read_on(self, due: dict[type, Posted]) -> bool:
        """Whether a cycle has read some of it: the one that ended here, or another worker's, where ours was skipped."""
        with move_on_after(PATIENCE_S):
            while True:
                now = await to_thread.run_sync(posted_counts, self._results)
                if any(now[kind].read > count.read for kind, count in due.items()):
                    return True
                await asyncio.sleep(0.25)
        return False


@contextmanager
def ringing(waker: Waker, settings: Settings) -> Iterator[None]:
    """Within, Postgres is listened to in a thread of its own."""
    loop, stopped, url = asyncio.get_running_loop(), threading.Event(), settings.required("postgres_url")

    def listen(stood: Callable[[], None]) -> None:
        for _ in posted(url):
            stood()
            loop.call_soon_threadsafe(waker.rung.set)

    threading.Thread(target=keep_listening, args=("posted", listen, stopped), daemon=True).start()
    try:
        yield
    finally:
        stopped.set()
