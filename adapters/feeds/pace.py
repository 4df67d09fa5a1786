"""The venue's rate limits, kept by asking for a slot before each call. A limit is counted by address, so all our processes share it.

`SharedPace` in `adapters/stores/postgres_pace.py` keeps the count in Postgres: it is there wherever two processes run, on one machine or on
many, and a slot costs one statement. Prefect's global limits would do the same, but adapters know no Prefect and a slot there is an HTTP
call. Source of the limits: https://docs.polymarket.com/quickstart/introduction/rate-limits
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

PERIOD_S = 10.0
# Calls in ten seconds. What has no limit of its own shares the last line, so that all together stay below the service's 1,000 and 4,000.
LIMITS = {
    "data": {"/v2/trades": 200, "/v2/positions": 150, "": 600},
    "gamma": {"/markets": 300, "/events": 500, "": 3_000},
    "clob": {"/books": 500, "": 1_500},
    "dexscreener": {"/latest/dex": 50, "/tokens/": 50, "/token-pairs/": 50, "": 10},
    "polygon": {"": 100},
    "helius": {"": 20},  # two calls a second of a free plan
    "jupiter": {"": 5},  # half a call a second without a key
    "jupiter with a key": {"": 10},
}


class Pace(Protocol):
    """Who may call when."""

    def wait_s(self, name: str, limit: int) -> float:
        """Takes the next slot of `limit` calls in ten seconds; how long it is until then."""
        ...

    def hold(self, name: str, seconds: float) -> None:
        """Nobody gets a slot before then: the service said so."""
        ...


class OwnPace:
    """For a process that is alone: the same count in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._free_at: dict[str, float] = defaultdict(lambda: float("-inf"))
        self._clock, self._lock = clock, threading.Lock()

    def wait_s(self, name: str, limit: int) -> float:
        with self._lock:
            now = self._clock()
            gap_s, burst_s = spacing(limit)
            self._free_at[name] = max(self._free_at[name], now - burst_s) + gap_s
            return max(0.0, self._free_at[name] - now)

    def hold(self, name: str, seconds: float) -> None:
        with self._lock:
            self._free_at[name] = max(self._free_at[name], self._clock() + seconds)


def spacing(limit: int) -> tuple[float, float]:
    """Seconds between slots, and for how many seconds unused ones are kept: half the limit at once, half spread over the ten seconds."""
    return 2 * PERIOD_S / limit, PERIOD_S


def slots_in(seconds: float, limit: int) -> int:
    """How many slots of a limit so many seconds have, kept ones aside: what it grants to whoever goes on asking."""
    return int(seconds / spacing(limit)[0] + 1e-9)


def limit_of(service: str, path: str) -> tuple[str, int]:
    """The part of the path that has a limit of its own, and the limit."""
    limits = LIMITS[service]
    part = next((part for part in limits if part and path.startswith(part)), "")
    return part, limits[part]


def granted(calls_per_s: float) -> int:
    """Calls in ten seconds, at least one."""
    return max(1, int(calls_per_s * PERIOD_S))
