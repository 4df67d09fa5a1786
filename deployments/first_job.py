"""The first job of a new house: whatever copying rests on runs once, then the scheduled copy cycles are seen to go through."""

import threading
import time
from datetime import datetime

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.local_stack import live_data
from deployments.local_stack.prefect_server import url as ui_url
from deployments.local_stack.supervisor import Say

RUN_FIRST = (  # deployments, one after the other: each rests on those before it
    "token-discovery",
    "wallet-discovery",
    "wallet-profiling",
    "copyability-rating",
    "wallet-clustering",
    "token-surveillance",
)
RUN_FIRST_LIVE = ("wallet-profiling", "wallet-clustering")  # the others ask public services for long: their schedules see to it
SEE_THROUGH = "copy-trading"  # a scheduled deployment whose first runs are awaited
CYCLES = 2
LIMIT_S = 240
POLL_S = 0.5


def run(given: Settings, say: Say, stopping: threading.Event) -> None:
    """Runs only what never completed yet. Raises Unavailable when a run of it fails."""
    known = {str(deployment["name"]): str(deployment["id"]) for deployment in prefect_api.deployments(given)}
    for name in RUN_FIRST_LIVE if live_data.is_live(given.home) else RUN_FIRST:
        if name in known and not prefect_api.runs(given, name, ("COMPLETED",), limit=1):
            run_once(given, name, known[name], say, stopping)
    if SEE_THROUGH in known:
        see_through(given, SEE_THROUGH, say, stopping)


def run_once(given: Settings, name: str, deployment_id: str, say: Say, stopping: threading.Event) -> None:
    say(f"{name}: running")
    began = time.monotonic()
    parameters = {"days": live_data.FIRST_DAYS} if live_data.is_live(given.home) and name == "wallet-profiling" else {}
    run_id = prefect_api.start_run(given, deployment_id, parameters)
    while not stopping.wait(POLL_S):
        found = prefect_api.run(given, run_id)
        if found["state_type"] == "CANCELLED":  # its schedule was there first
            if prefect_api.runs(given, name, ("COMPLETED",), limit=1):
                return say(f"{name}: completed by its schedule")
            if not prefect_api.runs(given, name, ("PENDING", "RUNNING"), limit=1):
                run_id = prefect_api.start_run(given, deployment_id, parameters)
        elif found["state_type"] in prefect_api.DONE:
            return judge(given, name, found, time.monotonic() - began, say)
        if time.monotonic() - began > LIMIT_S:
            raise Unavailable(f"{name}: not done after {LIMIT_S} s. Watch it at {ui_url(given)}/runs/flow-run/{run_id}")
    return None


def judge(given: Settings, name: str, found: dict[str, object], seconds: float, say: Say) -> None:
    if found["state_type"] != "COMPLETED":
        state = found["state"]
        message = state.get("message") if isinstance(state, dict) else None
        raise Unavailable(f"{name}: {found['state_name']}: {message}. See {ui_url(given)}/runs/flow-run/{found['id']}")
    say(f"{name}: completed in {seconds:.1f} s")


def see_through(given: Settings, name: str, say: Say, stopping: threading.Event) -> None:
    """Wait until the first cycles are done, so that there is something to look at. What failed in the past does not count."""
    began, seen = time.time(), set[str]()
    if len(prefect_api.runs(given, name, ("COMPLETED",), limit=CYCLES)) == CYCLES:
        return say(f"{name}: cycles have completed before")
    say(f"{name}: waiting for the first {CYCLES} cycles")
    while not stopping.wait(POLL_S) and len(seen) < CYCLES:
        for found in prefect_api.runs(given, name, ("COMPLETED", "FAILED", "CRASHED"), limit=CYCLES):
            if found["id"] not in seen and len(seen) < CYCLES and datetime.fromisoformat(found["start_time"]).timestamp() > began:
                judge(given, f"{name} {len(seen) + 1}/{CYCLES}", found, float(found["total_run_time"]), say)
                seen.add(str(found["id"]))
        if time.time() - began > LIMIT_S:
            raise Unavailable(f"{name}: no {CYCLES} cycles within {LIMIT_S} s. See {ui_url(given)} and `walletflow logs warm-worker`")
    return None
