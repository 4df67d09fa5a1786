"""What a node answers about executing: what a transaction would do, and bringing it into a block. All else the chain's node answers.

Source: https://solana.com/docs/rpc/http"""

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.solana.ledger import Landed, Ledger, Rejected
from sandbox.solana.slots import CONFIRMED_AFTER, FINAL_AFTER, has_block, height_of
from sandbox.wire import Json

DEPTH = {"processed": 0, "confirmed": CONFIRMED_AFTER, "finalized": FINAL_AFTER}
EPOCH_SLOTS = 432_000
INVALID, FAILED = -32602, -32002


class RpcFault(Exception):
    """An error of the RPC: its number, and its message."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.row = {"code": code, "message": message} | ({} if data is None else {"data": data})


class LedgerRpc:
    """`send` is who lands what is sent."""

    def __init__(self, ledger: Ledger, send: Callable[[bytes], Landed]) -> None:
        self._ledger, self._send = ledger, send
        self.methods: dict[str, Callable[[Sequence[Any]], Any]] = {
            "simulateTransaction": self._simulate,
            "sendTransaction": self._sent,
            "getEpochInfo": lambda params: self._epoch(_config(params, 0)),
        }

    def answer(self, request: Any) -> Json:
        """One request of JSON-RPC 2.0."""
        head = {"jsonrpc": "2.0", "id": request.get("id")}
        try:
            return head | {"result": self.methods[request["method"]](request.get("params") or [])}
        except RpcFault as fault:
            return head | {"error": fault.row}
        except (KeyError, IndexError, TypeError, ValueError) as error:
            return head | {"error": {"code": INVALID, "message": f"Invalid params: {error}"}}

    def _epoch(self, config: Json) -> Json:
        slot = _with_block(self._ledger.slot - DEPTH[str(config.get("commitment", "finalized"))])
        place = {"absoluteSlot": slot, "blockHeight": height_of(slot), "epoch": slot // EPOCH_SLOTS, "slotIndex": slot % EPOCH_SLOTS}
        return place | {"slotsInEpoch": EPOCH_SLOTS, "transactionCount": slot * 2_000}

    def _simulate(self, params: Sequence[Any]) -> Json:
        watched = (_config(params, 1).get("accounts") or {}).get("addresses") or []
        return {"context": {"slot": self._ledger.slot}, "value": self._ledger.simulate(b64decode(params[0]), watched)}

    def _sent(self, params: Sequence[Any]) -> str:
        """What would fail is refused before it is sent, unless that is skipped."""
        data = b64decode(params[0])
        if not _config(params, 1).get("skipPreflight"):
            told = self._ledger.simulate(data)
            if told["err"] is not None:
                raise RpcFault(FAILED, f"Transaction simulation failed: {told['err']}", told)
        try:
            return self._send(data).signature
        except Rejected as error:
            raise RpcFault(FAILED, f"Transaction simulation failed: {error}", {"err": str(error)}) from error


def _config(params: Sequence[Any], place: int) -> Json:
    return dict(params[place]) if len(params) > place and params[place] else {}


def _with_block(slot: int) -> int:
    return slot if has_block(slot) else slot - 1
