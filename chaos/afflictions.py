"""What befalls a part without killing it: no file handles, a full disk, a late feed, a clock that jumps, an exchange in a mood.

As an ordinary user may do them: soft limits of our own processes (RLIMIT_NOFILE; RLIMIT_FSIZE, whose EFBIG stops a write as ENOSPC does),
and what the sandbox's operator can ask of it. A house on a disk of its own (`small_disk.py`) is told ENOSPC as well. Not done: a disk that
becomes read-only, which Linux refuses while a file on it is open for writing.
"""

import random
import resource
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.resources import descendants
from chaos.house import EXECUTOR, House
from chaos.kills import WARM
from chaos.small_disk import filled
from deployments.local_stack import clickhouse, inbox, postgres, prefect_server, records
from sandbox.feed_faults import LAG_S

LASTS_S = (2.0, 8.0)
SMALL_FILE = 4_096  # bytes: whoever writes beyond them is told that it cannot
LONGEST_JUMP_S = 3.0  # of the sandbox's clock, ahead; it never goes back
TWISTS = ("partial", "unmatched", "failed", "retrying", "cancel_only", "restarting", "timeout_before", "timeout_after", "rate_limited")
OFTEN = ("an order met a mood", "feed late", "trades final after 20 s", "clock jumped") * 2  # the others leave a part in ruins
# What opens connections and files all the time. The graph's Java asks for its handles at its start.
WITH_HANDLES = (WARM, EXECUTOR, inbox.NAME, prefect_server.NAME, clickhouse.NAME)
WITH_A_DISK = (postgres.NAME, clickhouse.NAME)


@dataclass
class Afflictions:
    """One at a time, for some seconds; drawn by a seed and counted."""

    house: House
    seed: int
    every_s: float
    done: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        drawn = random.Random(self.seed)  # noqa: S311, of a test
        kinds: dict[str, Callable[[random.Random], None]] = {
            "file handles used up": self._no_handles,
            "disk full (EFBIG)": self._no_disk,
            "feed late": self._late_feed,
            "cursors expired": lambda _: self._ask("/feed", {"expire_cursors": True}),
            "clock jumped": lambda draw: self._ask("/clock", {"advance_s": draw.uniform(0.5, LONGEST_JUMP_S)}),
            "trades final after 20 s": self._slow_settlement,
            "an order met a mood": self._twist,
        }
        if self.house.has_own_disk:
            kinds["disk full (ENOSPC)"] = self._full_disk
        while not self.stopped.wait(drawn.uniform(0.5, 1.5) * self.every_s):
            name = drawn.choice([*sorted(kinds), *OFTEN])
            with suppress(httpx.HTTPError, OSError):  # the part it was meant for is dead just now
                kinds[name](drawn)
                self.done[name] += 1

    def _no_handles(self, drawn: random.Random) -> None:
        pids = list(self._pids(drawn.choice(WITH_HANDLES)))
        self._limited(resource.RLIMIT_NOFILE, {pid: _open_files(pid) for pid in pids}, drawn)

    def _no_disk(self, drawn: random.Random) -> None:
        pids = list(self._pids(drawn.choice(WITH_A_DISK)))
        self._limited(resource.RLIMIT_FSIZE, dict.fromkeys(pids, SMALL_FILE), drawn)

    def _full_disk(self, drawn: random.Random) -> None:
        with filled(self.house.settings.home):
            self._last(drawn)

    def _limited(self, what: int, soft: dict[int, int], drawn: random.Random) -> None:
        before = {}
        for pid, limit in soft.items():
            with suppress(ProcessLookupError):
                before[pid] = resource.prlimit(pid, what)
                resource.prlimit(pid, what, (limit, before[pid][1]))
        self._last(drawn)
        forked = {child: before[parent] for parent in before for child in descendants(parent)}  # meanwhile: they have it too
        for pid, limits in (forked | before).items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, what, limits)

    def _late_feed(self, drawn: random.Random) -> None:
        self._ask("/feed", {"lag_s": drawn.uniform(10, 60)})
        self._last(drawn)
        self._ask("/feed", {"lag_s": LAG_S})

    def _slow_settlement(self, drawn: random.Random) -> None:
        self._ask("/settlement", {"mined_s": 10, "confirmed_s": 10})
        self._last(drawn)
        self._ask("/settlement", {"mined_s": 0.5, "confirmed_s": 0.5})

    def _twist(self, drawn: random.Random) -> None:
        what, hold_s = drawn.choice(TWISTS), drawn.choice((0, 0, 2, 12))
        wanted = [{"on": path, "what": what, "hold_s": hold_s, "share": "0.4"} for path in ("POST /order", "POST /orders")]
        self._ask("/faults", wanted)

    def _ask(self, path: str, body: object) -> None:
        self.house.control(path, body)

    def _last(self, drawn: random.Random) -> None:
        self.stopped.wait(drawn.uniform(*LASTS_S))

    def _pids(self, name: str) -> Iterable[int]:
        record = records.read(self.house.supervisor.home, name)
        if record is not None and record.process.is_alive():
            yield record.pid
            yield from descendants(record.pid)


def _open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
