"""A deployment is woken early by what somebody tells. Whoever listens goes on for ever; the schedule stays, whatever happens here."""

import threading
from collections.abc import Callable

from adapters.settings import Settings
from data_contracts.errors import Refused, Unavailable
from deployments import prefect_api
from deployments.terminal import say

FIRST_AGAIN_S, LAST_AGAIN_S = 1.0, 60.0
CYCLE = "copy-trading"


def wake(settings: Settings, deployment: str) -> None:
    """One more run; while another is at work the new one is skipped, as the deployment's concurrency limit says."""
    known = {str(found["name"]): str(found["id"]) for found in prefect_api.deployments(settings)}
    if deployment in known:
        prefect_api.start_run(settings, known[deployment])


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
