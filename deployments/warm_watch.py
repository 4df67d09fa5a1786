"""Ends a warm worker that hangs, so that whoever keeps it starts it again: its runs are reported as lost then, and their slots are free.

A thread of a run can be neither stopped nor waited for where it waits for what never comes: a lock, or Prefect's own loop that died when no
file handle was left. Until the worker ended every further cycle was skipped, for one was still at work.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from deployments.warm_runs import WarmRun

LOOK_S = 5.0
OVERDUE_S = 60.0  # past a run's own time-out, at which it should have ended
SILENT_S = 120.0  # without asking the server for runs, which is done every two seconds and fails while the server is away
HUNG = 3  # the exit code
log = logging.getLogger("walletflow.worker")


def hung(runs: Collection[WarmRun], asked_at: float, now: float) -> str:
    """What hangs, in words; empty where nothing does. Instants of the machine's steady clock."""
    for run in runs:
        if run.must_end_at is not None and now > run.must_end_at + OVERDUE_S:
            return f"flow run {run.flow_run.name} does not end, {now - run.must_end_at:.0f} s after its time-out"
    return f"the worker has asked for no runs for {now - asked_at:.0f} s" if now > asked_at + SILENT_S else ""


@dataclass
class Watch:
    """Looks from a thread of its own. `runs` are those at work, `asked_at` says when the worker last asked for some."""

    runs: Callable[[], Collection[WarmRun]]
    asked_at: Callable[[], float]
    end: Callable[[int], object] = os._exit

    def start(self) -> None:
        threading.Thread(target=self._watch, daemon=True, name="watch").start()

    def _watch(self) -> None:
        seen = ""
        while True:
            time.sleep(LOOK_S)
            before, seen = seen, self.look()
            if before and seen:  # twice: a machine that slept wakes with everything late
                log.critical("%s: this process ends, and is to be started again", seen)
                self.end(HUNG)
                return

    def look(self) -> str:
        return hung(self.runs(), self.asked_at(), time.monotonic())
