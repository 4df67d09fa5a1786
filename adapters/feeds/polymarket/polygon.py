"""A node of Polygon, asked which dollars were sent to wallets: by logs, over ranges of blocks that are halved where it says too many."""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from adapters.feeds.json_api import JsonApi
from data_contracts.errors import Refused, Unavailable
from domain.polymarket.fundings import DOLLARS, Transfer

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"  # Transfer(address,address,uint256)
MOST_BLOCKS = 10_000  # of one call; many nodes take no more, some fewer
FINAL_AFTER = 128  # blocks: what lies deeper is not taken back
TOO_MANY = ("more than", "too many", "too large", "too big", "too wide", "range", "exceed", "limit", "size", "timeout", "timed out")
RATE = ("rate limit", "request rate", "too many requests", "per second", "request count", "compute units")


class TooMany(Refused):
    """So many blocks, or what is in them, are more than this node tells at once."""


@dataclass(frozen=True, slots=True)
class Block:
    """Its number and when it was made."""

    number: int
    at: datetime


class Polygon:
    """One node by its address, which may hold a key: no message shows it."""

    def __init__(self, api: JsonApi) -> None:
        self._api, self._host = api, urlsplit(api.base_url).netloc.rpartition("@")[2]
        self._times: dict[int, datetime] = {}
        self.blocks_a_call = MOST_BLOCKS  # learned: a node that said too many is asked for fewer from then on
        self.calls = 0

    def newest(self) -> Block:
        """The newest that is final. Raises Unavailable, Refused."""
        number = max(_number(self._ask("eth_blockNumber"), "the newest block") - FINAL_AFTER, 0)
        return Block(number, self.time_of(number))

    def first_after(self, instant: datetime, newest: Block) -> int:
        """The first block after an instant; one past the newest where there is none yet."""
        back = 2 * int(max((newest.at - instant).total_seconds(), 0)) + 1  # blocks come every second at the most often
        first = max(newest.number - back, 0)
        return first + bisect_right(range(first, newest.number + 1), instant, key=self.time_of)

    def time_of(self, number: int) -> datetime:
        if number not in self._times:
            block = self._ask("eth_getBlockByNumber", hex(number), False)
            if not isinstance(block, dict):
                raise Unavailable(f"{self._host} eth_getBlockByNumber: it does not have block {number}")
            self._times[number] = _instant(block.get("timestamp"))
        return self._times[number]

    def transfers(self, wallets: Collection[str], first: int, last: int) -> Iterator[tuple[list[Transfer], int]]:
        """Dollars sent to these wallets, part after part, each with the last block that it covers."""
        while first <= last:
            end = min(first + self.blocks_a_call - 1, last)
            try:
                found = [self._transfer(row) for row in _rows(self._logs(wallets, first, end)) if row.get("removed") is not True]
            except TooMany:
                if end == first:
                    raise
                self.blocks_a_call = max((end - first + 1) // 2, 1)
                continue
            yield found, end
            first = end + 1

    def _logs(self, wallets: Collection[str], first: int, end: int) -> Any:
        to = ["0x" + wallet.removeprefix("0x").rjust(64, "0") for wallet in sorted(wallets)]
        asked = {"fromBlock": hex(first), "toBlock": hex(end), "address": list(DOLLARS), "topics": [TRANSFER, None, to]}
        return self._ask("eth_getLogs", asked)

    def _transfer(self, row: dict[str, Any]) -> Transfer:
        try:
            _, payer, paid = row["topics"]
            number, raw, tx = _number(row["blockNumber"], "a block"), _number(row["data"], "an amount"), str(row["transactionHash"])
            at = _instant(row["blockTimestamp"]) if row.get("blockTimestamp") else self.time_of(number)
            return Transfer(f"0x{payer[-40:]}".lower(), f"0x{paid[-40:]}".lower(), raw, at, tx.lower())
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"{self._host} eth_getLogs: a log that cannot be read: {type(error).__name__}") from error

    def _ask(self, method: str, *parameters: Any) -> Any:
        self.calls += 1
        try:
            answer = self._api.send("POST", "", {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)})
        except (Refused, Unavailable) as error:  # some say it with an HTTP status
            said = str(error).replace(self._api.base_url, self._host)
            raise self._no(said) if isinstance(error, Refused) else Unavailable(said) from None
        if not isinstance(answer, dict) or not answer.keys() & {"result", "error"}:
            raise Unavailable(f"{self._host} {method}: no JSON-RPC answer")
        if answer.get("error") is not None:
            raise self._no(f"{self._host} {method}: {str(answer['error'])[:200]}")
        return answer.get("result")

    def _no(self, said: str) -> Refused | Unavailable:
        words = said.lower()
        if any(word in words for word in RATE):
            return Unavailable(said)
        return TooMany(said) if any(word in words for word in TOO_MANY) else Refused(said)


def _rows(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise Unavailable(f"eth_getLogs: no list of logs: {answer!r:.80}")
    return answer


def _number(value: Any, name: str) -> int:
    if not isinstance(value, str) or not value.startswith("0x"):
        raise Unavailable(f"{name} is no number: {value!r:.80}")
    try:
        return int(value, 16)
    except ValueError:
        raise Unavailable(f"{name} is no number: {value!r:.80}") from None


def _instant(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(_number(value, "the time of a block"), UTC)
    except (OverflowError, OSError, ValueError):
        raise Unavailable(f"the time of a block is no instant: {value!r:.80}") from None
