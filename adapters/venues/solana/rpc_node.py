"""A Solana node, asked over its RPC by the `solana` package. That is asynchronous: one thread of ours runs it for all that ask."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TookTooLong
from functools import cache
from typing import Any

from pydantic import SecretStr
from solana.exceptions import SolanaRpcException
from solana.rpc.async_api import AsyncClient
from solana.rpc.jsonrpc import JsonRpcRequest, SolanaJsonRpcError

from adapters.feeds.solana.rpc_transactions import MOST_RECENT_VERSION
from data_contracts.errors import Refused, Unavailable

TIMEOUT_S = 10.0
MOST_ACCOUNTS = 100  # of one call
CONFIRMED, FINALIZED, PROCESSED = "confirmed", "finalized", "processed"
NOT_NOW = frozenset({-32004, -32005, -32014, -32016, -32603, 429})  # it is behind, or has too much to do
Json = dict[str, Any]


class RpcNode:
    """Safe to share between threads. Its address may hold its provider's key: no error says it."""

    def __init__(self, url: SecretStr, timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._timeout_s = url, timeout_s
        self._client: AsyncClient | None = None

    def ask(self, method: str, *params: Any) -> Any:
        """The result of one method. Raises Unavailable when nobody answers in time, Refused with what the node says."""
        future = asyncio.run_coroutine_threadsafe(self._ask(method, params), _loop())
        try:
            return future.result(self._timeout_s + 1)
        except TookTooLong as error:
            future.cancel()
            raise Unavailable(f"solana {method}: no answer within {self._timeout_s:.0f} s") from error

    async def _ask(self, method: str, params: Sequence[Any]) -> Any:
        if self._client is None:  # made in the loop that runs it
            self._client = AsyncClient(self._url.get_secret_value(), timeout=self._timeout_s, http2=False, max_transport_retries=0)
        try:
            return await self._client.send_rpc_request(JsonRpcRequest(method=method, params=list(params)), Any)
        except SolanaJsonRpcError as error:
            raise (Unavailable if error.code in NOT_NOW else Refused)(f"solana {method}: {error.code} {error.message[:200]}") from None
        except (SolanaRpcException, ValueError) as error:  # nobody, too many requests, or a page of the front door
            raise Unavailable(f"solana {method}: {type(error.__cause__ or error).__name__}") from None

    def genesis_hash(self) -> str:
        return str(self.ask("getGenesisHash"))

    def lamports(self, address: str) -> int:
        """As far as the cluster agrees."""
        return int(self.ask("getBalance", address, {"commitment": CONFIRMED})["value"])

    def accounts(self, addresses: Sequence[str]) -> list[Json | None]:
        """In their order, base 64; None where there is none."""
        found: list[Json | None] = []
        for at in range(0, len(addresses), MOST_ACCOUNTS):
            some = list(addresses[at : at + MOST_ACCOUNTS])
            found += self.ask("getMultipleAccounts", some, {"encoding": "base64", "commitment": PROCESSED})["value"]
        return found

    def last_valid_height(self) -> int:
        """Of the newest blockhash: none that is known by now lives longer."""
        return int(self.ask("getLatestBlockhash", {"commitment": PROCESSED})["value"]["lastValidBlockHeight"])

    def final_height(self) -> tuple[int, int]:
        """How many blocks are final for good, and the slot of the last of them."""
        epoch = self.ask("getEpochInfo", {"commitment": FINALIZED})
        return int(epoch["blockHeight"]), int(epoch["absoluteSlot"])

    def history_begins_s(self) -> int:
        """Unix seconds of the first block it can still tell of: what it does not find may have been before."""
        return int(self.ask("getBlockTime", int(self.ask("getFirstAvailableBlock"))))

    def seconds(self) -> int:
        """The chain's clock: Unix seconds of the last block the cluster agrees on."""
        return int(self.ask("getBlockTime", int(self.ask("getSlot", {"commitment": CONFIRMED}))))

    def status(self, signature: str) -> tuple[Json | None, int]:
        """What became of a transaction as far as this node knows, and the slot it knows of."""
        answer = self.ask("getSignatureStatuses", [signature], {"searchTransactionHistory": True})
        return answer["value"][0], int(answer["context"]["slot"])

    def transaction(self, signature: str) -> Any:
        """Confirmed, of any version; None where it is not there yet."""
        config = {"encoding": "json", "commitment": CONFIRMED, "maxSupportedTransactionVersion": MOST_RECENT_VERSION}
        return self.ask("getTransaction", signature, config)

    def simulate(self, transaction: str, addresses: Sequence[str]) -> Json:
        """What it would do now. It is not signed yet: signatures are not looked at; its own blockhash is."""
        config = {
            "encoding": "base64",
            "commitment": PROCESSED,
            "sigVerify": False,
            "replaceRecentBlockhash": False,
            "innerInstructions": True,
            "accounts": {"encoding": "base64", "addresses": list(addresses)},
        }
        return dict(self.ask("simulateTransaction", transaction, config)["value"])

    def send(self, transaction: str) -> str:
        """To be brought into a block. The signature comes back whether or not it ever is."""
        config = {"encoding": "base64", "skipPreflight": True, "maxRetries": 3}
        return str(self.ask("sendTransaction", transaction, config))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="solana rpc", daemon=True).start()
    return loop
