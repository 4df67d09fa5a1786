"""Which service is struck when, by a seed: SIGKILL, or SIGSTOP and a SIGCONT some seconds later. And how long until it is well again."""

import random
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chaos.house import EXECUTOR, House
from deployments import prefect_api
from deployments.local_stack import clickhouse, graph, inbox, postgres, prefect_server, records, sandbox, worker
from deployments.local_stack.services import Service

WARM, PROCESS = worker.worker_name(worker.WARM), worker.worker_name(worker.PROCESS)
# How often each is chosen. What holds money in its hands is struck most.
WEIGHTS = {
    WARM: 5,
    EXECUTOR: 5,
    postgres.NAME: 4,
    clickhouse.NAME: 4,
    sandbox.NAME: 3,
    inbox.NAME: 3,
    prefect_server.NAME: 2,
    PROCESS: 2,
    graph.NAME: 2,
}
STOPS = 0.2  # of all strikes
STOPPED_S = (1.0, 8.0)
MOST_DOWN = 3  # services at once: where everything is dead nothing can go wrong
LOOK_S, PATIENCE_S = 0.25, 240.0
CYCLE = "copy-trading"


@dataclass
class Strike:
    """`again_s`: until it answers; `cycle_s`: until a copy cycle that began after it has ended well."""

    service: str
    how: str
    at: datetime
    clock_s: float
    again_s: float | None = None
    cycle_s: float | None = None


@dataclass
class Killer:
    house: House
    seed: int
    strikes: list[Strike] = field(default_factory=list)
    watching: list[threading.Thread] = field(default_factory=list)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311, of a test

    def wait_s(self, pace_s: float) -> float:
        return self._random.uniform(0.2, 1.8) * pace_s

    def strike(self) -> None:
        """One service that is alive. Where too many are down it waits for one to come back first."""
        name = self._chosen()
        stops = self._random.random() < STOPS
        stopped_s = self._random.uniform(*STOPPED_S)
        record = records.read(self.house.supervisor.home, name)
        if record is None or not record.process.is_alive():
            return
        done = Strike(name, "stopped" if stops else "killed", datetime.now(UTC), time.monotonic())
        record.process.send(signal.SIGSTOP if stops else signal.SIGKILL)
        self.strikes.append(done)
        thread = threading.Thread(target=self._watch, args=(done, record, stopped_s if stops else 0.0), daemon=True)
        thread.start()
        self.watching.append(thread)

    def settle(self) -> None:
        """All that was struck answers again, or patience is over."""
        for thread in self.watching:
            thread.join(PATIENCE_S)

    def down(self) -> list[str]:
        return [strike.service for strike in self.strikes if strike.again_s is None and time.monotonic() - strike.clock_s < PATIENCE_S]

    def _chosen(self) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while len(down := self.down()) >= MOST_DOWN and time.monotonic() < deadline:
            time.sleep(LOOK_S)
        now = time.monotonic()
        names = [name for name in WEIGHTS if name not in down and is_rested(name, self.strikes, now)]
        names = names or [name for name in WEIGHTS if name not in down]
        return self._random.choices(names, [WEIGHTS[name] for name in names])[0]

    def _watch(self, strike: Strike, record: records.Record, stopped_s: float) -> None:
        if stopped_s:
            time.sleep(stopped_s)
            record.process.send(signal.SIGCONT)
        service, deadline = self.house.services[strike.service], strike.clock_s + PATIENCE_S
        while time.monotonic() < deadline:
            if self._is_back(service, record, killed=not stopped_s):
                strike.again_s = time.monotonic() - strike.clock_s
                return
            time.sleep(LOOK_S)

    def _is_back(self, service: Service, before: records.Record, killed: bool) -> bool:
        now = records.read(self.house.supervisor.home, service.name)
        if now is None or not now.process.is_alive() or (killed and now.pid == before.pid):
            return False
        return service.is_ready()


def is_rested(name: str, strikes: Iterable[Strike], now: float) -> bool:
    """Whether it has stood for as long as its last return took: on a slow machine it would else die in every start and never work."""
    last = next((one for one in reversed(list(strikes)) if one.service == name and one.again_s is not None), None)
    return last is None or last.again_s is None or now - last.clock_s >= 2 * last.again_s


@dataclass
class Cycles:
    """Which copy cycles ended well, as the server tells it whenever it can be asked."""

    house: House
    ended: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def look(self) -> None:
        for run in prefect_api.runs(self.house.settings, CYCLE, ("COMPLETED",), limit=50):
            if run["start_time"] and run["end_time"]:
                self.ended[str(run["id"])] = datetime.fromisoformat(run["start_time"]), datetime.fromisoformat(run["end_time"])

    def recoveries(self, strikes: Iterable[Strike]) -> None:
        for strike in strikes:
            after = [end for start, end in self.ended.values() if start >= strike.at]
            strike.cycle_s = (min(after) - strike.at).total_seconds() if after else None


def by_kind(strikes: Sequence[Strike]) -> dict[tuple[str, str], list[Strike]]:
    kinds = sorted({(strike.service, strike.how) for strike in strikes})
    return {kind: [strike for strike in strikes if (strike.service, strike.how) == kind] for kind in kinds}
