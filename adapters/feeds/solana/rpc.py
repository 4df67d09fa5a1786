"""A Solana node, asked by the `solana` package: what may be tried again is, and a no says whose and why. It reads no answer.

Its client is asynchronous, so one thread of this process runs its loop: many wallets are asked about at once, whoever wants to know.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import ceil
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError
from solana.exceptions import SolanaRpcException
from solana.rpc.async_api import AsyncClient
from solana.rpc.jsonrpc import JsonRpcErrorCode, JsonRpcRequest, SolanaJsonRpcError
from tenacity import retry, retry_if_exception, stop_after_attempt

from adapters.feeds.json_api import MAX_WAIT_S, TRIES, TRY_AGAIN, Later, Spent, asked_to_wait_s, may_answer, wait_s
from adapters.feeds.pace import OwnPace, Pace, granted, slots_in
from data_contracts.errors import Refused, Unavailable

AT_ONCE, MOST_AT_ONCE, ANSWER_S = 8, 64, 0.3  # eight on their way are enough for 26 calls a second of a node that takes so long
TIMEOUT_S = 10.0
PARTS, PART_S = 3, 2.0  # of many questions three times as many, or what two seconds grant, are asked before somebody looks at the clock
SHARES = 3  # of what a node grants: a third is for lists at looks, one for whom nobody waits, and one for all else
LONGEST_WAIT_S = 300.0  # of whom nobody waits for
# A node that is behind, or does not have it yet: another one, or the same a moment later, answers.
NOT_YET = {
    JsonRpcErrorCode.SERVER_ERROR_NODE_UNHEALTHY,
    JsonRpcErrorCode.SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
    JsonRpcErrorCode.SERVER_ERROR_BLOCK_STATUS_NOT_AVAILABLE_YET,
    JsonRpcErrorCode.SERVER_ERROR_LONG_TERM_STORAGE_UNREACHABLE,
    JsonRpcErrorCode.INTERNAL_ERROR,
}
TOO_MANY = {429, -32429}  # some say so in an answer of status 200
# What one call costs at Helius; any other costs one. Of a stream it is ten for a page of 100, and larger ones are not asked for.
# Source: https://www.helius.dev/docs/billing/credits
CREDITS = {"getTransactionsForAddress": 10, "getProgramAccounts": 10}
T = TypeVar("T")


class NodeRefused(Refused):
    """The node's own no, with its code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class SolanaRpc:
    """One node or provider by its address, which may hold a key: it is shown to nobody. Safe to share between threads."""

    url: str
    pace: Pace = field(default_factory=OwnPace)
    calls_per_s: float = 10.0
    calls: Counter[str] = field(default_factory=Counter)  # by method, each try
    is_unhurried: bool = False

    def __post_init__(self) -> None:
        self.host = urlsplit(self.url).netloc.rpartition("@")[2]
        self._client: AsyncClient | None = None

    def unhurried(self) -> "SolanaRpc":
        """The same node for whom nobody waits: at a third of its pace, so that a look finds what it counts on."""
        return replace(self, is_unhurried=True)

    def ask(self, method: str, *parameters: Any) -> Any:
        """The result. Raises Unavailable after four tries, NodeRefused when asking again would not help."""
        return _wait_for(self._asked(method, parameters))

    def ask_all(self, method: str, questions: Sequence[Sequence[Any]]) -> list[Any | Refused | Unavailable]:
        """The result or the error of each, in their order: what one question meets costs no other its answer."""
        return _wait_for(self._all(method, questions))

    @property
    def credits(self) -> int:
        """What was asked so far costs, in Helius' credits; elsewhere it is only a measure."""
        return sum(count * CREDITS.get(method, 1) for method, count in self.calls.items())

    async def _all(self, method: str, questions: Sequence[Sequence[Any]]) -> list[Any | Refused | Unavailable]:
        room = asyncio.Semaphore(at_once(self.calls_per_s))

        async def one(parameters: Sequence[Any]) -> Any | Refused | Unavailable:
            async with room:
                try:
                    return await self._asked(method, parameters)
                except (Refused, Unavailable) as error:
                    return error

        return list(await asyncio.gather(*map(one, questions)))

    @retry(retry=retry_if_exception(may_answer), stop=stop_after_attempt(TRIES), wait=wait_s, reraise=True)
    async def _asked(self, method: str, parameters: Sequence[Any]) -> Any:
        await self._take_slot(method)
        self.calls[method] += 1
        if self._client is None:  # within the loop it is used in
            self._client = AsyncClient(self.url, timeout=TIMEOUT_S, max_transport_retries=0)
        try:
            return await self._client.send_rpc_request(JsonRpcRequest(method=method, params=list(parameters)), Any)
        except SolanaJsonRpcError as error:
            raise self._said(method, error) from None
        except SolanaRpcException as error:
            raise self._failed(method, error.__cause__) from None  # its address may hold a key
        except ValidationError:
            raise Unavailable(f"{self.host} {method}: no JSON-RPC answer") from None

    def _said(self, method: str, error: SolanaJsonRpcError) -> Refused | Unavailable:
        what = f"{self.host} {method}: {error.code} {str(error)[:200]}"
        return Unavailable(what) if error.code in NOT_YET | TOO_MANY else NodeRefused(what, error.code)

    def _failed(self, method: str, cause: BaseException | None) -> Refused | Unavailable:
        what, response = f"{self.host} {method}: ", getattr(cause, "response", None)
        if response is None:
            return Unavailable(what + type(cause).__name__)
        status, said = response.status_code, response.text[:200]
        if status not in TRY_AGAIN and status < 500:
            return Refused(f"{what}{status} {said}")
        told_s = asked_to_wait_s(response.headers.get("Retry-After", ""))
        if told_s is not None:
            self.pace.hold(self._slot, told_s)  # whoever else of us would ask is told as well
        return Later(f"{what}{status} {said}", 0.0 if told_s is not None else None)

    @property
    def _slot(self) -> str:
        return f"{self.host}/"

    async def _take_slot(self, method: str) -> None:
        limit = granted(self.calls_per_s)
        if self.is_unhurried:
            await self._wait(f"{self._slot}unhurried", max(1, limit // SHARES), LONGEST_WAIT_S, method)
        await self._wait(self._slot, limit, MAX_WAIT_S, method)

    async def _wait(self, slot: str, limit: int, longest_s: float, method: str) -> None:
        free_in_s = await asyncio.to_thread(self.pace.wait_s, slot, limit)
        if free_in_s > longest_s:
            raise Spent(f"{self.host} {method}: no slot within the rate limit for {free_in_s:.0f} s")
        if free_in_s:
            await asyncio.sleep(free_in_s)


def at_once(calls_per_s: float) -> int:
    """So many questions are on their way at once, for such a pace to be kept whatever time an answer takes."""
    return min(MOST_AT_ONCE, max(AT_ONCE, ceil(calls_per_s * ANSWER_S)))


def part_of(calls_per_s: float) -> int:
    """How many questions such a pace grants in two seconds, and never more than a fast node answers at one go."""
    return min(PARTS * at_once(calls_per_s), max(1, slots_in(PART_S, granted(calls_per_s))))


def _wait_for(question: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(question, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="solana rpc", daemon=True).start()
    return loop
