"""A deployment is woken early by what a websocket tells. Whoever listens goes on for ever; the schedule stays, whatever happens here."""

import threading
import time
from collections.abc import Callable

from adapters.settings import Settings
from adapters.stores.results import Results, read_count
from data_contracts import Counter, Delivery, TradeIntent, contract_of
from data_contracts.errors import Refused, Unavailable
from deployments import prefect_api
from deployments.terminal import say

FIRST_AGAIN_S, LAST_AGAIN_S = 1.0, 60.0
CYCLE = "copy-trading"
AT_WORK = ("PENDING", "RUNNING")
LOOK_S, PATIENCE_S = 0.25, 4.0  # a run that was asked for begins within two seconds, and reads within another
MOST_WAKINGS = 3  # for what nobody reads; then the schedule is left to it


def wake(settings: Settings, deployment: str) -> None:
    """One more run; while another is at work the new one is skipped, as the deployment's concurrency limit says."""
    known = {str(found["name"]): str(found["id"]) for found in prefect_api.deployments(settings)}
    if deployment in known:
        prefect_api.start_run(settings, known[deployment])


def wake_for_posted(settings: Settings, results: Results, stopped: threading.Event) -> None:
    """Wakes the copy cycle until one has read all that is posted: one that was at work looked before it came, and a second is skipped."""
    for _ in range(MOST_WAKINGS):
        if not unread(results) or stopped.is_set():
            return
        if not prefect_api.runs(settings, CYCLE, AT_WORK, limit=1):
            wake(settings, CYCLE)
        _wait_until_read(results, stopped)


def unread(results: Results) -> bool:
    """Whether something posted has not been read by a cycle yet."""
    reached = {row.name: row.reached for row in results.rows(Counter)}
    return any(reached.get(contract_of(posted).table, 0) > reached.get(read_count(posted), 0) for posted in (TradeIntent, Delivery))


def _wait_until_read(results: Results, stopped: threading.Event) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while unread(results) and time.monotonic() < deadline and not stopped.wait(LOOK_S):
        pass


def keep_listening(name: str, listen: Callable[[Callable[[], None]], object], stopped: threading.Event) -> None:
    """Listens again whenever it ended, each time twice as late; a line that stood (`listen` says so) begins with the shortest wait."""
    waits = [FIRST_AGAIN_S]

    def stood() -> None:
        waits[0] = FIRST_AGAIN_S

    while not stopped.is_set():
        try:
            listen(stood)
            stood()
        except (Unavailable, Refused) as error:
            if stopped.wait(waits[0]):
                return
            say(f"{name}: {error}; listening again after {waits[0]:g} s, runs go on by their schedule")
            waits[0] = min(2 * waits[0], LAST_AGAIN_S)


class Bell:
    """Calls `wake` at the first ring, and once more for all rings that came within `apart_s` of it: none is lost, few are runs."""

    def __init__(self, wake: Callable[[], None], apart_s: float) -> None:
        self._wake, self._apart_s = wake, apart_s
        self._rung, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)

    def ring(self) -> None:
        self._rung.set()

    def __enter__(self) -> "Bell":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        self._rung.set()
        self._thread.join()

    def _answer(self) -> None:
        while self._rung.wait() and not self._stopped.is_set():
            self._rung.clear()
            try:
                self._wake()
            except Unavailable as error:
                say(f"not woken early: {error}")
            self._stopped.wait(self._apart_s)
