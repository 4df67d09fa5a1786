"""A whole house whose time is driven: a cycle after each other, as soon as the one before is over, each so many seconds later than that.

The sandbox's clock is moved on, and a cycle is asked for with that instant as its `as_of`; it goes through the warm worker as in life. The
schedules of the house stand still: they would go by this machine's clock. What is posted to the inbox is refused, for the same reason.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.settings import Settings
from benchmarks.own_house import trading_house
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.local_stack import sandbox, worker
from deployments.local_stack.services import Service
from domain.solana.programs import WSOL

CYCLE = "copy-trading"
QUERY_S = "0.25"  # a run that is asked for waits so long for its worker: two seconds would be most of a cycle
LOOK_S = 0.1
PATIENCE_S = 300.0
FIRST = ("wallet-profiling",)  # what a copy cycle rests on: whom to follow


@dataclass
class DrivenHouse:
    """`now` is the instant of the last cycle. `failed` counts what did not complete, by deployment."""

    settings: Settings
    now: datetime
    failed: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """With the strategies of a new house, whose leaders are chosen once."""
        from tasks.operating.first_strategies import put_first_strategies  # Prefect, which may be imported only when its address is known

        put_first_strategies(self.settings, self.now)
        self._known = {str(found["name"]): found for found in prefect_api.deployments(self.settings)}
        for name in FIRST:
            self.run(name)

    def cycle(self, step_s: float) -> None:
        """The next one, so many seconds of the world after the last."""
        self.now += timedelta(seconds=step_s)
        self._move_clock()
        self.run(CYCLE)

    def run(self, name: str, **parameters: Any) -> None:
        """As of now where it asks for an instant, and waited for."""
        known = self._known[name]
        as_of = {"as_of": self.now.isoformat()} if "as_of" in known["parameter_openapi_schema"]["properties"] else {}
        run_id = prefect_api.start_run(self.settings, str(known["id"]), {**as_of, **parameters})
        deadline = time.monotonic() + PATIENCE_S
        while (state := prefect_api.run(self.settings, run_id)["state_type"]) not in prefect_api.DONE:
            if time.monotonic() > deadline:
                raise Unavailable(f"{name}: not done after {PATIENCE_S:.0f} s")
            time.sleep(LOOK_S)
        if state != "COMPLETED":
            self.failed[name] = self.failed.get(name, 0) + 1

    @property
    def not_completed(self) -> str:
        """What failed in words; nothing where nothing did."""
        return ", ".join(f"{count} of {name}" for name, count in self.failed.items())

    def _move_clock(self) -> None:
        """The world's is real time and what it was moved ahead by. What happens meanwhile is drawn when somebody asks: we, who can wait."""
        missing_s = (self.now - datetime.now(UTC)).total_seconds() - self._ahead_s
        if missing_s > 0:
            control(self.settings, "clock", {"advance_s": missing_s})
            self._ahead_s += missing_s
            httpx.get(sandbox.url(self.settings, "data/v2/trades?limit=1"), timeout=PATIENCE_S, trust_env=False).raise_for_status()
            asked = {"jsonrpc": "2.0", "id": 1, "method": "getAccountInfo", "params": [WSOL]}
            httpx.post(sandbox.url(self.settings, "solana"), json=asked, timeout=PATIENCE_S, trust_env=False).raise_for_status()

    _ahead_s: float = 0.0
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)


def control(settings: Settings, what: str, body: dict[str, Any]) -> None:
    """Asks it of the sandbox's operator."""
    httpx.post(
        sandbox.url(settings, f"control/{what}"), json=body, headers=sandbox.operator(settings), timeout=60, trust_env=False
    ).raise_for_status()


@contextmanager
def driven_house(workers: Callable[[Settings], list[Service]] | None = None) -> Iterator[DrivenHouse]:
    def workers_of_still(given: Settings) -> list[Service]:
        still_schedules(given)
        return (workers or both_workers)(given)

    with trading_house(workers_of_still) as settings:
        house = DrivenHouse(settings, datetime.now(UTC).replace(microsecond=0))
        house.begin()
        yield house


def still_schedules(settings: Settings) -> None:
    """With what they had planned."""
    for found in prefect_api.deployments(settings):
        prefect_api.call(settings, f"/deployments/{found['id']}/pause_deployment", {})


def warm_worker_for_all(given: Settings) -> list[Service]:
    """What has a process of its own in life runs in the warm one: it does the same, and a simulated week would start thousands."""
    for found in prefect_api.deployments(given):
        if found["work_pool_name"] == worker.PROCESS:
            prefect_api.call(given, f"/deployments/{found['id']}", {"work_pool_name": worker.WARM}, "PATCH")
    return [unwoken(given)]


def both_workers(given: Settings) -> list[Service]:
    return [unwoken(given), worker.process_worker(given, ())]


def unwoken(given: Settings) -> Service:
    """The warm worker, which asks often. A cycle that is woken goes by this machine's clock: what was posted waits for the next of ours."""
    service = worker.warm_worker(given, (), wakes=False)
    return replace(service, environment={**service.environment, "PREFECT_WORKER_QUERY_SECONDS": QUERY_S})
