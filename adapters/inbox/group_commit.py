"""Rows of many requests, written together: one commit takes as long for a hundred rows as for one, and each waits for its own."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from data_contracts import contract_of
from data_contracts.errors import Unavailable, WalletflowError

R = TypeVar("R")
MOST_WAITING = 5_000  # rows; more is a store that does not keep up
MOST_AT_ONCE = 500
PATIENCE_S = 5.0
APART_S = 0.01  # from one commit's beginning to the next one's: a commit costs a millisecond of CPU however few its rows are
log = logging.getLogger("walletflow.inbox")


@dataclass(frozen=True, slots=True)
class Waiting(Generic[R]):
    """Rows of one request, and the promise of which of them were new."""

    rows: Sequence[R]
    new: "asyncio.Future[list[R]]"


class GroupCommit(Generic[R]):
    """While one commit is under way the next one gathers. `store` returns the rows that were new; it is called from a thread of its own."""

    def __init__(self, store: Callable[[Sequence[R]], list[R]]) -> None:
        self._store = store
        self._waiting: deque[Waiting[R]] = deque()
        self._rows_waiting, self._is_over = 0, False
        self._came = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")

    async def put(self, rows: Sequence[R]) -> list[R]:
        """Those of the rows that were new, once they are stored. Raises Unavailable where they may not be: to send again is safe."""
        if not rows:
            return []
        if self._rows_waiting + len(rows) > MOST_WAITING:
            raise Unavailable("the store does not keep up")
        waiting = Waiting(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._rows_waiting += len(rows)
        self._came.set()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await waiting.new
        except TimeoutError as error:
            raise Unavailable("the store does not answer") from error

    async def run(self) -> None:
        """Until `end`; what waits then is stored first."""
        while not self._is_over:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                began = time.monotonic()
                await self._commit(self._next())
                if not self._is_over:
                    await asyncio.sleep(began + APART_S - time.monotonic())
        self._thread.shutdown()

    def end(self) -> None:
        self._is_over = True
        self._came.set()

    def _next(self) -> list[Waiting[R]]:
        taken, rows = list[Waiting[R]](), 0
        while self._waiting and (not taken or rows + len(self._waiting[0].rows) <= MOST_AT_ONCE):
            taken.append(self._waiting.popleft())
            rows += len(taken[-1].rows)
        self._rows_waiting -= rows
        return taken

    async def _commit(self, group: Sequence[Waiting[R]]) -> None:
        """One that the store cannot take must not take the others' answer away: then each is tried by itself."""
        try:
            new = await self._stored([row for one in group for row in one.rows])
        except WalletflowError as error:
            _answer(group, error)
        except Exception as error:
            if len(group) == 1:
                log.exception("a row that keeps its contract could not be stored")
                _answer(group, Unavailable(f"it could not be stored: {type(error).__name__}"))
            for one in group if len(group) > 1 else ():
                await self._commit([one])
        else:
            _share_out(group, new)

    async def _stored(self, rows: Sequence[R]) -> list[R]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._store, rows)


def _answer(group: Sequence[Waiting[Any]], error: Exception) -> None:
    for one in group:
        if not one.new.done():
            one.new.set_exception(error)
            one.new.exception()  # whoever waited may have gone: it is no error that nobody looked


def _share_out(group: Sequence[Waiting[R]], new: Sequence[R]) -> None:
    """Of a row that several brought, the first did."""
    names = contract_of(type(group[0].rows[0])).key
    by_key = {tuple(getattr(row, name) for name in names): row for row in new}
    for one in group:
        mine = [by_key.pop(tuple(getattr(row, name) for name in names), None) for row in one.rows]
        if not one.new.done():
            one.new.set_result([row for row in mine if row is not None])
