"""Requests that come at once share a commit, and each learns what became of its own rows."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.inbox import group_commit
from adapters.inbox.group_commit import GroupCommit
from adapters.stores.memory import MemoryResults
from data_contracts import Delivery, Venue
from data_contracts.errors import Unavailable
from domain.ids import row_id

AT = datetime(2026, 11, 28, tzinfo=UTC)


def delivery(name: str) -> Delivery:
    return Delivery(delivery_id=row_id(name), venue=Venue.SOLANA, source="helius", signature=name, payload="{}", received_at=AT)


def run(store: Callable[[Sequence[Delivery]], list[Delivery]], act: Callable[[GroupCommit[Delivery]], Coroutine[Any, Any, Any]]) -> Any:
    async def together() -> Any:
        group = GroupCommit[Delivery](store)
        running = asyncio.create_task(group.run())
        try:
            return await act(group)
        finally:
            group.end()
            await running

    return asyncio.run(together())


def names(rows: Sequence[Delivery]) -> list[str]:
    return [row.signature for row in rows]


def test_while_one_commit_is_under_way_the_next_gathers() -> None:
    commits, first_is_in, going_on = list[int](), threading.Event(), threading.Event()
    memory = MemoryResults()

    def store(rows: Sequence[Delivery]) -> list[Delivery]:
        commits.append(len(rows))
        first_is_in.set()
        assert going_on.wait(20)
        return memory.receive(rows)

    async def act(group: GroupCommit[Delivery]) -> list[list[Delivery]]:
        first = asyncio.create_task(group.put([delivery("first")]))
        await asyncio.to_thread(first_is_in.wait, 20)
        others = [asyncio.create_task(group.put([delivery(str(number))])) for number in range(100)]
        await asyncio.sleep(0)
        going_on.set()
        return await asyncio.gather(first, *others)

    answers = run(store, act)
    assert commits == [1, 100]
    assert [names(answer) for answer in answers] == [["first"], *([str(number)] for number in range(100))]


def test_of_a_row_that_several_bring_one_did() -> None:
    async def act(group: GroupCommit[Delivery]) -> list[list[Delivery]]:
        return await asyncio.gather(*(group.put([delivery("a"), delivery(str(number))]) for number in range(5)))

    answers = run(MemoryResults().receive, act)
    assert [names(answer) for answer in answers] == [["a", "0"], ["1"], ["2"], ["3"], ["4"]]


def test_one_row_that_cannot_be_stored_takes_nobody_else_s_answer() -> None:
    memory = MemoryResults()

    def store(rows: Sequence[Delivery]) -> list[Delivery]:
        if "poison" in names(rows):
            raise ValueError("no store takes it")
        return memory.receive(rows)

    async def act(group: GroupCommit[Delivery]) -> list[Any]:
        return await asyncio.gather(*(group.put([delivery(name)]) for name in ("a", "poison", "b")), return_exceptions=True)

    first, poison, last = run(store, act)
    assert (names(first), names(last)) == (["a"], ["b"])
    assert isinstance(poison, Unavailable)


def test_more_than_the_store_keeps_up_with_is_turned_away_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST_WAITING", 3)
    going_on = threading.Event()
    memory = MemoryResults()

    def store(rows: Sequence[Delivery]) -> list[Delivery]:
        assert going_on.wait(20)
        return memory.receive(rows)

    async def act(group: GroupCommit[Delivery]) -> list[Any]:
        waiting = [asyncio.create_task(group.put([delivery(str(number))])) for number in range(9)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert all(isinstance(one.exception(), Unavailable) for one in done)
        going_on.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    answers = run(store, act)
    stored = [answer for answer in answers if not isinstance(answer, Unavailable)]
    assert 3 <= len(stored) < 9
    assert len(memory.rows(Delivery)) == len(stored)


def test_what_waits_when_the_house_closes_is_stored() -> None:
    memory = MemoryResults()

    async def act(group: GroupCommit[Delivery]) -> "asyncio.Task[list[Delivery]]":
        waiting = asyncio.create_task(group.put([delivery("last")]))
        await asyncio.sleep(0)
        return waiting

    run(memory.receive, act)
    assert names(memory.rows(Delivery)) == ["last"]


def test_commits_begin_apart_and_whoever_comes_alone_waits_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit costs as much CPU for one row as for ten: what comes soon after one is the next one's, together."""
    monkeypatch.setattr(group_commit, "APART_S", 0.5)
    commits, memory = list[int](), MemoryResults()

    def store(rows: Sequence[Delivery]) -> list[Delivery]:
        commits.append(len(rows))
        return memory.receive(rows)

    async def act(group: GroupCommit[Delivery]) -> None:
        await group.put([delivery("alone")])
        assert commits == [1]
        soon = []
        for number in range(10):
            soon.append(asyncio.create_task(group.put([delivery(str(number))])))
            await asyncio.sleep(0)
        await asyncio.gather(*soon)

    run(store, act)
    assert commits == [1, 10]
