"""`make simulate`: many seeds with what held, or one with its story. Ends with 1 where an invariant fell, and says by which seed."""

import argparse
import sys
from collections import Counter
from time import perf_counter

from simulation.simulate import Outcome, simulate, simulate_many

EVERY = 250  # seeds between two lines of progress
MOST_TOLD = 20


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="so many, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="this one alone, with all that happened")
    parser.add_argument("--processes", type=int, help="one for each core if not said")
    asked = parser.parse_args()
    return _tell_one(asked.seed) if asked.seed is not None else _tell_many(range(asked.first, asked.first + asked.seeds), asked.processes)


def _tell_one(seed: int) -> int:
    found = simulate(seed)
    say("\n".join(found.lines))
    say(f"\nseed {seed}: {found.orders} orders, {found.kills} kills, {found.steps} steps, story {found.story_hash}")
    say(f"FELL: {found.fell}" if found.fell else "all invariants held")
    return int(bool(found.fell))


def _tell_many(seeds: range, processes: int | None) -> int:
    began, done, fallen, sums = perf_counter(), 0, list[Outcome](), Counter[str]()
    for found in simulate_many(seeds, processes):
        done += 1
        sums.update(orders=found.orders, kills=found.kills, steps=found.steps, faults=found.faults)
        if found.fell:
            fallen.append(found)
            say(f"seed {found.seed} FELL: {found.fell[:300]}") if len(fallen) <= MOST_TOLD else None
        if done % EVERY == 0 or done == len(seeds):
            took = perf_counter() - began
            say(f"{done:>6} of {len(seeds)} seeds, {len(fallen)} fell, {took:.0f} s, {done / took:.1f} seeds a second")
    counts = ", ".join(f"{number} {name}" for name, number in sums.items())
    say(f"{done} seeds: {counts}; {len(fallen)} seeds fell{_replays(fallen)}")
    return int(bool(fallen))


def _replays(fallen: list[Outcome]) -> str:
    return (
        f": {' '.join(str(one.seed) for one in fallen[:MOST_TOLD])} (make simulate SEED={fallen[0].seed} tells one's story)"
        if fallen
        else ""
    )


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
