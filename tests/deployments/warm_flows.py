"""Flows that the warm worker's tests run in its process. Each says on disk how far it came."""

import os
import time
from pathlib import Path

from polars.exceptions import PanicException
from prefect import flow, task


@task
def add_one(number: int) -> int:
    return number + 1


@task
def nap() -> None:
    time.sleep(0.05)


@flow(log_prints=True)
def count(start: int = 0, steps: int = 3) -> None:
    for _ in range(steps):
        start = add_one(start)
    print(f"counted to {start}")  # noqa: T201


@flow
def wait_for(gate: str, seconds: float = 30) -> None:
    """Nap after nap until the gate opens."""
    Path(f"{gate}.began").touch()
    for _ in range(int(seconds / 0.05)):
        if Path(gate).exists():
            Path(f"{gate}.ended").touch()
            return
        nap()


@flow
def fail() -> None:
    raise ValueError("the book was empty")


@flow
def panic() -> None:
    """As one market of NaN made it: no `Exception`."""
    in_a_step()


@flow(name="copy-trading")
def read_posted() -> None:
    """As far as whoever wakes it can see, a copy cycle."""
    from adapters.stores.postgres import PostgresResults  # the flows beside it need none of these
    from adapters.stores.results import Write, read_count
    from data_contracts import Counter, Delivery
    from tasks.copying.unread import posted_counts

    results = PostgresResults(os.environ["WALLETFLOW_POSTGRES_URL"])
    until = posted_counts(results)[Delivery].until
    results.write([Write(Counter, [Counter(name=read_count(Delivery), reached=until)], "put")])


@task
def in_a_step() -> None:
    raise PanicException("called `Result::unwrap()` on an `Err` value")


@flow
def run_out() -> None:
    raise MemoryError("no more")


@flow
def leave() -> None:
    raise SystemExit(3)
