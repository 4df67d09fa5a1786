"""What is tried with made-up inputs: a target makes some from a seed, hands them to our code, and says what it may never do."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

Trial = Callable[[Random], Counter[str]]  # what became of the inputs of one chunk, by a word


@dataclass(frozen=True)
class Target:
    """`trial` tries some inputs, about `chunk` of them. It raises for whatever must not be."""

    name: str
    chunk: int
    trial: Trial


@dataclass
class Tally:
    """What became of a target's inputs."""

    name: str
    became: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)  # where it was raised → which chunk, and the traceback
    seconds: float = 0.0

    @property
    def inputs(self) -> int:
        return self.became.total()


def tried(target: Target, inputs: int, seed: int, first: int = 0) -> Iterator[Tally]:
    """Chunk after chunk, until so many inputs were tried. A failure is noted once for each place it comes from, and the rest goes on."""
    tally, began, chunk = Tally(target.name), time.monotonic(), first
    while tally.inputs < inputs:
        try:
            tally.became += target.trial(Random(f"{seed}:{target.name}:{chunk}"))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is to be told; a panic of polars is no Exception)
            _note(tally, error, f"{target.name}, seed {seed}, chunk {chunk}")
            tally.became["failed"] += target.chunk
        chunk += 1
        tally.seconds = time.monotonic() - began
        yield tally


def _note(tally: Tally, error: BaseException, where: str) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{type(error).__name__} at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}"
    tally.failures.setdefault(place, f"{where}\n{''.join(traceback.format_exception(error))[-6_000:]}")
