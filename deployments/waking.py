"""A deployment is woken early by what a websocket tells. Whoever listens goes on for ever; the schedule stays, whatever happens here."""

import threading
import time
from collections.abc import Callable, Mapping

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
    """Wakes the copy cycle until one has read all that is posted: one that is at work looked before it came, and a second is skipped."""
    idle = 0
    while idle < MOST_WAKINGS:
        _wait_for_cycle(settings, results, stopped)
        due = unread(results)
        if not due or stopped.is_set():
            return
        wake(settings, CYCLE)
        idle = 0 if _wait_until_read(due, results, stopped) else idle + 1


def unread(results: Results) -> dict[str, int]:
    """Of what was posted and no cycle has read yet: up to which number it has come, by the name of who reads it."""
    reached = {row.name: row.reached for row in results.rows(Counter)}
    posted = {read_count(kind): reached.get(contract_of(kind).table, 0) for kind in (TradeIntent, Delivery)}
    return {reader: number for reader, number in posted.items() if number > reached.get(reader, 0)}


def _wait_for_cycle(settings: Settings, results: Results, stopped: threading.Event) -> None:
    """Until none is at work: the next begins at once, and not when patience is over."""
    deadline = time.monotonic() + PATIENCE_S
    while unread(results) and time.monotonic() < deadline and prefect_api.runs(settings, CYCLE, AT_WORK, limit=1):
        if stopped.wait(LOOK_S):
            return


def _wait_until_read(due: Mapping[str, int], results: Results, stopped: threading.Event) -> bool:
    """Whether a cycle has read something of it. What comes meanwhile is the next one's."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not stopped.wait(LOOK_S):
        reached = {row.name: row.reached for row in results.rows(Counter)}
        if all(reached.get(reader, 0) >= number for reader, number in due.items()):
            return True
    return False


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
