"""Whoever runs cycles runs one as soon as something is posted, one after the other, and leaves to the schedule what nobody reads."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from adapters.stores.memory import MemoryResults
from adapters.stores.results import Write, read_count
from data_contracts import Counter, TradeIntent
from data_contracts.errors import Unavailable
from deployments import posted_waking
from deployments.posted_waking import MOST_WAKINGS, Waker
from deployments.warm_worker import WarmWorker

CYCLE = uuid4()


class Worker:
    """As far as waking asks it: a run reads what is posted, and then `meanwhile` happens; `at_work` says what goes on before."""

    is_setup = True

    def __init__(self, results: MemoryResults, meanwhile: Callable[[int], None] = lambda begun: None, reads: bool = True) -> None:
        self.results, self.meanwhile, self.reads = results, meanwhile, reads
        self.begun, self.at_work, self.client = 0, list[Callable[[], None]](), SimpleNamespace(read_deployment_by_name=self._named)

    async def _named(self, name: str) -> Any:
        assert name == "copy-trading/copy-trading"
        return SimpleNamespace(id=CYCLE)

    async def wait_until_over(self, deployment_id: UUID) -> None:
        while self.at_work:
            self.at_work.pop()()

    async def run_at_once(self, deployment_id: UUID) -> None:
        assert (deployment_id, self.at_work) == (CYCLE, [])
        self.begun += 1
        if self.reads:
            read(self.results, posted_so_far(self.results))
        self.meanwhile(self.begun)


def count(results: MemoryResults, name: str, reached: int) -> None:
    results.write([Write(Counter, [Counter(name=name, reached=reached)], "put")])


def post(results: MemoryResults, until: int) -> None:
    count(results, "trade_intents", until)


def read(results: MemoryResults, until: int) -> None:
    count(results, read_count(TradeIntent), until)


def posted_so_far(results: MemoryResults) -> int:
    return results.rows(Counter, name="trade_intents")[0].reached


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> MemoryResults:
    monkeypatch.setattr(posted_waking, "PATIENCE_S", 0.02)
    store = MemoryResults()
    post(store, 1)
    return store


def woken(worker: Worker, times: int = 1) -> int:
    waker = Waker(cast(WarmWorker, worker), worker.results)

    async def wake() -> None:
        for _ in range(times):
            await waker.wake()

    asyncio.run(wake())
    return worker.begun


def test_what_is_posted_wakes_one_cycle(results: MemoryResults) -> None:
    assert woken(Worker(results), times=3) == 1


def test_what_a_cycle_has_read_wakes_none(results: MemoryResults) -> None:
    read(results, 1)
    assert woken(Worker(results)) == 0


def test_a_cycle_that_looked_before_it_came_is_followed_by_another_as_soon_as_it_is_over(results: MemoryResults) -> None:
    """While one is at work a second would be skipped, and the intent would wait for the schedule: up to thirty seconds."""
    worker = Worker(results)
    worker.at_work = [lambda: None]
    assert woken(worker) == 1


def test_a_cycle_at_work_that_still_reads_it_is_enough(results: MemoryResults) -> None:
    worker = Worker(results)
    worker.at_work = [lambda: read(results, 1)]
    assert woken(worker) == 0


def test_what_comes_while_a_cycle_reads_is_the_next_one_s_at_once(results: MemoryResults) -> None:
    """Five arrive one by one, each when the cycle that was woken for the one before has read that."""
    worker = Worker(results, meanwhile=lambda begun: post(results, min(begun + 1, 5)))
    assert woken(worker) == 5


def test_what_nobody_reads_does_not_wake_for_ever_and_what_comes_later_wakes_again(results: MemoryResults) -> None:
    worker = Worker(results, reads=False)
    assert woken(worker, times=5) == MOST_WAKINGS
    worker.reads = True
    post(results, 2)
    assert woken(worker) == MOST_WAKINGS + 1


def test_a_store_that_is_away_ends_nothing(results: MemoryResults, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody rings while it is away, so it is looked for; and as soon as it answers a cycle begins."""
    monkeypatch.setattr(posted_waking, "AGAIN_S", 0.01)
    monkeypatch.setattr(posted_waking, "LOOK_S", 0.01)
    asked = iter([Unavailable("postgres: gone"), Unavailable("postgres: gone")])
    rows = results.rows
    monkeypatch.setattr(results, "rows", lambda *args, **where: _raise_next(asked) or rows(*args, **where))
    done = asyncio.Event()
    worker = Worker(results, meanwhile=lambda begun: done.set())

    async def run() -> None:
        running = asyncio.create_task(Waker(cast(WarmWorker, worker), results).run())
        await done.wait()
        running.cancel()

    asyncio.run(run())
    assert worker.begun == 1


def _raise_next(errors: Any) -> None:
    if (error := next(errors, None)) is not None:
        raise error
