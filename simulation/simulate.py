"""Simulations by their seeds: what came of each, and of many of them on all cores."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from simulation.house import House
from simulation.plan import plan_of
from simulation.seat import Fell

MEMORY = Path("/dev/shm")  # noqa: S108 (where there is one: the executor's own file is written with every order)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fell`: the invariant that did, and what of it; empty where all held."""

    seed: int
    story_hash: str
    fell: str
    lines: tuple[str, ...]
    orders: int
    kills: int
    steps: int
    faults: int


def simulate(seed: int) -> Outcome:
    """One seed, from its plan to what came of it."""
    with TemporaryDirectory(prefix="walletflow-sim-", dir=MEMORY if MEMORY.is_dir() else None) as home:
        house, fell = House(plan_of(seed), Path(home)), ""
        try:
            house.run()
        except Fell as error:
            fell = str(error)
    lines = house.story.lines
    steps = sum(" step " in line for line in lines)
    return Outcome(seed, house.story.hash, fell, tuple(lines), len(house.exchange.orders), house.kills, steps, house.faults)


def simulate_many(seeds: Iterable[int], processes: int | None = None) -> Iterator[Outcome]:
    """In the order of the seeds, without the stories of those that held."""
    # Not forked: threads of polars, whose locks would be copied as they are.
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield from pool.map(_briefly, seeds, chunksize=8)


def _briefly(seed: int) -> Outcome:
    found = simulate(seed)
    return found if found.fell else replace(found, lines=())
