"""`make soak`: 2,000 cycles in a row on a whole house. Does memory of each part stay flat within 5 %, do handles and connections?

Each cycle is 30 s of the sandbox's world after the one before, so they are 16 hours and 40 minutes of it. The first sixth warms up and does
not count; of the rest the median of the first third is held against that of the last. Prints a table, and ends with 1 if something grew.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from adapters.settings import Settings
from benchmarks.driven_house import DrivenHouse, driven_house
from benchmarks.resources import Holding, holding_of
from deployments.local_stack import inbox, records
from deployments.terminal import out, show_table

CYCLES = 2_000
MOST_GROWTH = 0.05
AT_LEAST_MIB = 4.0  # below this growth is nothing: a page more in a process of 30 MiB is no leak
AT_LEAST_HANDLES = 2
LOOK_EVERY = 10  # cycles
BESIDES_EVERY = 100  # cycles: what else runs in a process of its own
BESIDES = ("health-monitoring", "gap-filling")
REST_S = 0.5  # before a look: what was told of a cycle is stored by then


@dataclass
class Soak:
    """What was seen of each service, look by look, and how long each cycle took."""

    looks: dict[str, list[Holding]] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)

    def look(self, settings: Settings) -> None:
        for record in records.read_all(settings.home):
            self.looks.setdefault(record.name, []).append(holding_of(record.pid))


@dataclass(frozen=True, slots=True)
class Grown:
    """A figure of a service in the first and in the last third."""

    name: str
    first: float
    last: float
    spared: float  # growth up to this is none

    @property
    def is_flat(self) -> bool:
        return self.last - self.first <= max(self.spared, MOST_GROWTH * self.first)


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    soak = Soak()
    with driven_house() as house, suppress(SystemExit):  # told to end it shows what it saw until then
        run(house, soak, options.cycles, options.step_s, 60 * options.minutes)
    sys.exit(verdict(soak, house.not_completed, options.cycles))


def run(house: DrivenHouse, soak: Soak, cycles: int, step_s: float, most_s: float) -> None:
    deadline = time.monotonic() + most_s
    for number in range(1, cycles + 1):
        if time.monotonic() > deadline:
            break
        began = time.monotonic()
        house.cycle(step_s)
        soak.took_s.append(time.monotonic() - began)
        if number % BESIDES_EVERY == 0:
            for name in BESIDES:
                house.run(name)
        if number % LOOK_EVERY == 0:
            knock(house.settings)
            time.sleep(REST_S)
            soak.look(house.settings)
        if number % BESIDES_EVERY == 0:
            say_how_far(soak, number)


def knock(settings: Settings) -> None:
    """Whoever knocks at the inbox is answered, and nothing he says is taken in: no cycle is woken."""
    token = {"Authorization": f"Bearer {inbox.token_file(settings).read_text().strip()}"}
    for headers, body in (({}, "{}"), (token, '{"intent_id": "soak"}'), (token, "no JSON")):
        httpx.post(f"{inbox.url(settings)}/intents", content=body, headers={"Content-Type": "application/json", **headers}, trust_env=False)


def say_how_far(soak: Soak, number: int) -> None:
    own = ", ".join(f"{name} {looks[-1].own_mib:.0f}" for name, looks in soak.looks.items())
    took_s = statistics.median(soak.took_s[-BESIDES_EVERY:])
    out.print(f"cycle {number}: {took_s:.2f} s each; own MiB: {own}; load {os.getloadavg()[0]:.1f}")


def verdict(soak: Soak, failed: str, cycles: int) -> int:
    """The table, and the exit code: 1 if something grew, or a run failed."""
    found = {name: grown(looks) for name, looks in soak.looks.items()}
    heads = ["service", "own MiB, first third", "last", "", "PSS MiB", "last", "RSS MiB", "last", "handles", "last", "connections", "last"]
    show_table(heads, [_row(name, soak.looks[name], figures) for name, figures in found.items()])
    done = len(soak.took_s)
    runs = f"not completed: {failed}" if failed else "no run failed"
    out.print(f"{done} of {cycles} cycles, p50 {statistics.median(soak.took_s):.2f} s each with the wait for their worker; {runs}")
    bad = [f"{name}: {one.name} {one.first:.1f} to {one.last:.1f}" for name, figures in found.items() for one in figures if not one.is_flat]
    flat = f"own memory flat within {MOST_GROWTH:.0%}, handles and connections constant"
    out.print(f"{flat}: {'NO: ' + '; '.join(bad) if bad else 'yes'}")
    if done < cycles:
        out.print(f"not shown: it ended after {done} cycles")
    return int(bool(bad or failed) or done < cycles)


def grown(looks: Sequence[Holding]) -> list[Grown]:
    first, last = thirds(looks)
    figures: tuple[tuple[str, Callable[[Holding], float], float], ...] = (
        ("own MiB", lambda one: one.own_mib, AT_LEAST_MIB),
        ("handles", lambda one: one.handles, AT_LEAST_HANDLES),
        ("connections", lambda one: one.connections, AT_LEAST_HANDLES),
    )
    return [Grown(name, _median(first, of), _median(last, of), spared) for name, of, spared in figures]


def thirds(looks: Sequence[Holding]) -> tuple[Sequence[Holding], Sequence[Holding]]:
    """The first and the last of what comes after the warm-up."""
    warm = looks[len(looks) // 6 :]
    size = max(1, len(warm) // 3)
    return warm[:size], warm[-size:]


def _median(looks: Sequence[Holding], of: Callable[[Holding], float]) -> float:
    return statistics.median(map(of, looks))


def _row(name: str, looks: Sequence[Holding], figures: Sequence[Grown]) -> list[str]:
    own, handles, connections = figures
    first, last = thirds(looks)
    shared = [f"{_median(part, of):.1f}" for of in (lambda one: one.pss_mib, lambda one: one.rss_mib) for part in (first, last)]
    counts = [f"{value:.0f}" for one in (handles, connections) for value in (one.first, one.last)]
    return [name, f"{own.first:.1f}", f"{own.last:.1f}", f"{(own.last / own.first - 1) if own.first else 0:+.1%}", *shared, *counts]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cycles", type=int, default=CYCLES)
    parser.add_argument("--step-s", type=float, default=30, help="seconds of the sandbox world between two cycles")
    parser.add_argument("--minutes", type=float, default=240, help="after so many it ends, and shows what there is")
    return parser.parse_args()


if __name__ == "__main__":
    main()
