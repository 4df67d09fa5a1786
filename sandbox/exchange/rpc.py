"""A JSON-RPC node, as far as the venue's client asks one: reads of the known contracts, and signed transactions of plain accounts.

Source: polymarket-client 0.14.0, eoa.rpc and eoa.broadcast"""

from collections.abc import Callable
from typing import Any

import rlp
from eth_account import Account
from starlette.requests import Request
from starlette.routing import Route

from sandbox.exchange.chain import Call, Chain, Reverted
from sandbox.exchange.contracts import CHAIN_ID
from sandbox.exchange.deposits import TooManyLogs, logs_of
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.requests import Doors, read_json
from sandbox.noise import hex_id
from sandbox.wire import Json

_GAS, _GAS_PRICE = 200_000, 30_000_000_000
_REVERTED, _TOO_MANY, _UNKNOWN, _INVALID = 3, -32_005, -32_601, -32_602
_MOST_KEPT = 10_000


class Node:
    def __init__(self, exchange: Exchange, chain: Chain) -> None:
        self._exchange, self._chain = exchange, chain
        self._receipts: dict[str, Json] = {}
        self._methods: dict[str, Callable[..., object]] = {
            "eth_chainId": lambda *_: hex(CHAIN_ID),
            "eth_gasPrice": lambda *_: hex(_GAS_PRICE),
            "eth_call": lambda call, *_: "0x" + chain.read(_call(call)).hex(),
            "eth_estimateGas": self._estimate,
            "eth_getTransactionCount": lambda address, *_: hex(exchange.ledger.account(address).nonce),
            "eth_getTransactionReceipt": lambda hash_, *_: self._receipts.get(hash_),
            "eth_sendRawTransaction": self._send,
            "eth_blockNumber": lambda *_: hex(int(exchange.clock())),
            "eth_getBlockByNumber": self._block,
            "eth_getLogs": lambda asked, *_: logs_of(exchange.world, asked, exchange.clock()),
        }

    def answer(self, asked: Any) -> object:
        """One request, or several at once."""
        return [self._one(one) for one in asked] if isinstance(asked, list) else self._one(asked)

    def _one(self, asked: Any) -> Json:
        head: Json = {"jsonrpc": "2.0", "id": asked.get("id")}
        method = self._methods.get(asked.get("method", ""))
        if method is None:
            return head | {"error": {"code": _UNKNOWN, "message": "the method does not exist"}}
        try:
            return head | {"result": method(*asked.get("params", []))}
        except Reverted as error:
            return head | {"error": {"code": _REVERTED, "message": f"execution reverted: {error}"}}
        except TooManyLogs as error:
            return head | {"error": {"code": _TOO_MANY, "message": str(error)}}
        except (TypeError, ValueError, KeyError) as error:
            return head | {"error": {"code": _INVALID, "message": str(error)}}

    def _block(self, number: str, *_: object) -> Json | None:
        """One a second, by the second's own number; what a client asks for by a word is the newest."""
        newest = int(self._exchange.clock())
        asked = int(number, 16) if number.startswith("0x") else newest
        return {"number": hex(asked), "timestamp": hex(asked)} if 0 <= asked <= newest else None

    def _estimate(self, transaction: Json, *_: object) -> str:
        self._chain.would_run(transaction["from"], _call(transaction))
        return hex(_GAS)

    def _send(self, raw: str) -> str:
        """The signature says who sends; one transaction per nonce, in order."""
        sender, fields = str(Account.recover_transaction(raw)), rlp.decode(bytes.fromhex(raw.removeprefix("0x")))
        nonce, to, data = int.from_bytes(fields[0]), "0x" + fields[3].hex(), fields[5]
        account = self._exchange.ledger.account(sender)
        if nonce != account.nonce:
            raise ValueError(f"nonce is {nonce}, next is {account.nonce}")
        account.nonce += 1
        return self._mined(sender, Call(to, data))

    def _mined(self, sender: str, call: Call) -> str:
        number = hex_id(64, self._exchange.world.seed, "transaction", self._exchange.counted())
        try:
            self._chain.run(sender, [call])
            status = "0x1"
        except Reverted:
            status = "0x0"
        if len(self._receipts) >= _MOST_KEPT:
            del self._receipts[next(iter(self._receipts))]
        self._receipts[number] = {"transactionHash": number, "status": status, "from": sender, "to": call.to, "logs": []}
        return number


def rpc_routes(exchange: Exchange, chain: Chain) -> list[Route]:
    node = Node(exchange, chain)

    def answer(request: Request, body: bytes) -> object:
        return node.answer(read_json(body, "parse error"))

    return [Doors(exchange).public("POST", "/rpc", answer)]


def _call(transaction: Json) -> Call:
    return Call(transaction["to"], bytes.fromhex(transaction["data"].removeprefix("0x")))
