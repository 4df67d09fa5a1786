"""What a node answers of the ledger: the methods that sending a swap and looking for it need.

Source: https://solana.com/docs/rpc/http. A transaction is processed at once, confirmed a slot later, final 32 slots later."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.solana.keys import address, base58
from sandbox.solana.ledger import Landed, Ledger, Rejected, landed_row
from sandbox.solana.slots import CONFIRMED_AFTER, FINAL_AFTER, FIRST_SLOT, block_time, has_block, height_of
from sandbox.wire import Json

DEPTH = {"processed": 0, "confirmed": CONFIRMED_AFTER, "finalized": FINAL_AFTER}
VERSION = "3.1.8"


class RpcFault(Exception):
    """An error of the RPC: its number, and its message."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class LedgerRpc:
    """`send` is who lands what is sent: the ledger, or whoever lands it for others too."""

    def __init__(self, ledger: Ledger, send: Callable[[bytes], Landed] | None = None) -> None:
        self._ledger, self._send = ledger, send or ledger.submit
        self.methods: dict[str, Callable[[Sequence[Any]], Any]] = {
            "getHealth": lambda params: "ok",
            "getVersion": lambda params: {"solana-core": VERSION, "feature-set": 1},
            "getGenesisHash": lambda params: genesis_hash(ledger.seed),
            "getSlot": lambda params: self._slot(_config(params, 0)),
            "getBlockHeight": lambda params: height_of(self._slot(_config(params, 0))),
            "getFirstAvailableBlock": lambda params: FIRST_SLOT,
            "getBlockTime": lambda params: block_time(int(params[0])),
            "getEpochInfo": lambda params: self._epoch(_config(params, 0)),
            "getLatestBlockhash": self._latest_blockhash,
            "isBlockhashValid": lambda params: self._in_context(ledger.is_alive(str(params[0]))),
            "getBalance": lambda params: self._in_context(ledger.lamports(str(params[0]))),
            "getAccountInfo": lambda params: self._in_context(ledger.account_row(ledger.account(str(params[0])))),
            "getMultipleAccounts": lambda params: self._in_context([ledger.account_row(ledger.account(key)) for key in params[0]]),
            "getMinimumBalanceForRentExemption": lambda params: 6_960 * (128 + int(params[0])),
            "getSignatureStatuses": self._statuses,
            "getTransaction": self._transaction,
            "simulateTransaction": self._simulate,
            "sendTransaction": self._sent,
        }

    def answer(self, request: Any) -> Json:
        """One request of JSON-RPC 2.0."""
        try:
            method = self.methods.get(str(request["method"]))
            if method is None:
                raise RpcFault(-32601, "Method not found")
            return {"jsonrpc": "2.0", "id": request.get("id"), "result": method(request.get("params") or [])}
        except RpcFault as fault:
            data = {} if fault.data is None else {"data": fault.data}
            return {"jsonrpc": "2.0", "id": request.get("id"), "error": {"code": fault.code, "message": fault.message, **data}}
        except (KeyError, IndexError, TypeError, ValueError) as error:
            return {"jsonrpc": "2.0", "id": None, "error": {"code": -32602, "message": f"Invalid params: {error}"}}

    def _slot(self, config: Json) -> int:
        depth = DEPTH[str(config.get("commitment", "finalized"))]
        newest = self._ledger.slot
        return newest if not depth else _with_block(newest - depth)

    def _in_context(self, value: Any) -> Json:
        return {"context": {"apiVersion": VERSION, "slot": self._ledger.slot}, "value": value}

    def _epoch(self, config: Json) -> Json:
        slot = self._slot(config)
        return {
            "absoluteSlot": slot,
            "blockHeight": height_of(slot),
            "epoch": slot // 432_000,
            "slotIndex": slot % 432_000,
            "slotsInEpoch": 432_000,
            "transactionCount": slot * 2_000,
        }

    def _latest_blockhash(self, params: Sequence[Any]) -> Json:
        blockhash, last = self._ledger.latest_blockhash()
        return self._in_context({"blockhash": blockhash, "lastValidBlockHeight": last})

    def _statuses(self, params: Sequence[Any]) -> Json:
        return self._in_context([self._status(self._ledger.landed.get(str(signature))) for signature in params[0]])

    def _status(self, landed: Landed | None) -> Json | None:
        if landed is None:
            return None
        above = self._ledger.slot - landed.slot
        reached = next(name for name in reversed(DEPTH) if above >= DEPTH[name])
        confirmations = None if reached == "finalized" else above
        return {
            "slot": landed.slot,
            "confirmations": confirmations,
            "err": landed.error,
            "status": landed.meta["status"],
            "confirmationStatus": reached,
        }

    def _transaction(self, params: Sequence[Any]) -> Json | None:
        """Of the newest kind only where it is asked for: else the answer is an error."""
        config = _config(params, 1)
        landed = self._ledger.landed.get(str(params[0]))
        if landed is None or self._ledger.slot - landed.slot < DEPTH[str(config.get("commitment", "finalized"))]:
            return None
        row = landed_row(landed)
        if row["version"] != "legacy" and config.get("maxSupportedTransactionVersion", -1) < row["version"]:
            raise RpcFault(-32015, f"Transaction version ({row['version']}) is not supported by the requesting client")
        return row

    def _simulate(self, params: Sequence[Any]) -> Json:
        config = _config(params, 1)
        watched = (config.get("accounts") or {}).get("addresses") or []
        return self._in_context(self._ledger.simulate(b64decode(params[0]), watched))

    def _sent(self, params: Sequence[Any]) -> str:
        """What landed before is sent once more and nobody minds; what fails is refused before it is sent, unless that is skipped."""
        data, config = b64decode(params[0]), _config(params, 1)
        if not config.get("skipPreflight"):
            told = self._ledger.simulate(data)
            if told["err"] is not None:
                raise RpcFault(-32002, f"Transaction simulation failed: {told['err']}", told)
        try:
            return self._send(data).signature
        except Rejected as error:
            raise RpcFault(-32002, f"Transaction simulation failed: {error}", {"err": str(error)}) from error


def genesis_hash(seed: int) -> str:
    """Of the sandbox's chain: not mainnet's."""
    return base58(hashlib.sha256(f"{seed}:genesis:{address('chain', seed)}".encode()).digest())


def _config(params: Sequence[Any], place: int) -> Json:
    return dict(params[place]) if len(params) > place and params[place] else {}


def _with_block(slot: int) -> int:
    while not has_block(slot):
        slot -= 1
    return slot
