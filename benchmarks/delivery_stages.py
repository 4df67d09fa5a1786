"""Where the seconds of a delivery go: when its rows are first seen in Postgres, which cycle wrote them, and what that cycle did."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Delivery, JudgedTrade, Order, OrderStatus
from deployments import prefect_api
from deployments.waking import CYCLE

LOOK_S = 0.05
A_PAGE = 200  # task runs of one answer
STORED, ASKED, BEGUN, BY_SCHEDULE = "delivery → stored", "stored → a cycle is asked for", "asked for → begun", "stored → begun by schedule"
SIGNAL, ORDER, ANSWER = "begun → signal stored", "signal stored → order stored", "order stored → answer of the venue stored"
STAGES = (STORED, ASKED, BEGUN, BY_SCHEDULE, SIGNAL, ORDER, ANSWER)
TookS = dict[str, list[float]]  # seconds by the name of a stage or step


@dataclass
class Watch:
    """When rows of Postgres were first seen there: deliveries by signature, what was judged and ordered by signal."""

    results: Results
    stored: dict[str, datetime] = field(default_factory=dict)
    judged: dict[str, datetime] = field(default_factory=dict)
    ordered: dict[str, datetime] = field(default_factory=dict)
    answered: dict[str, datetime] = field(default_factory=dict)
    _read: int = 0

    def look(self) -> None:
        for one in self.results.arrived(Delivery, self._read, 1_000):
            self.stored.setdefault(one.signature, datetime.now(UTC))
            self._read = one.sequence
        orders = self.results.read(Order, only=["signal_id", "status"])
        _note(self.ordered, orders["signal_id"])
        _note(self.answered, orders.filter(orders["status"] != OrderStatus.PENDING)["signal_id"])
        _note(self.judged, self.results.read(JudgedTrade, only=["signal_id"])["signal_id"])

    def look_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            time.sleep(LOOK_S)


def _note(seen: dict[str, datetime], names: pl.Series) -> None:
    now = datetime.now(UTC)
    for name in names:
        seen.setdefault(name, now)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the cycle. `asked_at` is None of one that its schedule began."""

    id: str
    asked_at: datetime | None
    begun_at: datetime
    took_s: float


def runs_since(settings: Settings, began: datetime) -> list[Run]:
    """Oldest first."""
    found = [_run(one) for one in prefect_api.runs(settings, CYCLE, ("COMPLETED",))]
    return sorted((run for run in found if run.begun_at >= began), key=lambda run: run.begun_at)


def _run(told: Mapping[str, Any]) -> Run:
    asked_at = None if told["auto_scheduled"] else datetime.fromisoformat(told["created"])
    return Run(str(told["id"]), asked_at, datetime.fromisoformat(told["start_time"]), float(told["total_run_time"]))


def stages_of(signature: str, signal_id: str, received_at: datetime, watch: Watch, runs: Sequence[Run]) -> dict[str, float]:
    """Seconds of one delivery that was copied. One cycle runs at a time: the last that had begun when the signal was stored wrote it."""
    stored, judged, ordered = watch.stored[signature], watch.judged[signal_id], watch.ordered[signal_id]
    run = next((one for one in reversed(runs) if one.begun_at <= judged), None)
    if run is None:
        return {}
    waited = {BY_SCHEDULE: (stored, run.begun_at)}
    if run.asked_at is not None:
        waited = {ASKED: (stored, run.asked_at), BEGUN: (run.asked_at, run.begun_at)}
    done = {STORED: (received_at, stored), **waited, SIGNAL: (run.begun_at, judged), ORDER: (judged, ordered)}
    if signal_id in watch.answered:
        done[ANSWER] = ordered, watch.answered[signal_id]
    return {name: (after - before).total_seconds() for name, (before, after) in done.items()}


def steps_of(settings: Settings, runs: Sequence[Run]) -> TookS:
    """Seconds of each step of these runs, as Prefect has them, the dearest first."""
    found: TookS = defaultdict(list)
    wanted: dict[str, Any] = {"flow_runs": {"id": {"any_": [run.id for run in runs]}}, "limit": A_PAGE, "offset": 0}
    while told := prefect_api.call(settings, "/task_runs/filter", wanted):
        for one in told:
            found[str(one["name"]).rpartition("-")[0]].append(float(one["total_run_time"]))
        wanted["offset"] += len(told)
    return dict(sorted(found.items(), key=lambda item: -sum(item[1])))
