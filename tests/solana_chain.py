"""A chain as small as a test, behind a node's JSON-RPC and Jupiter's HTTP: who traded what and when, and all that a node does wrong."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data_contracts import Delivery, Venue
from domain.ids import row_id
from domain.solana.programs import WSOL
from domain.solana.transactions import ChainTransaction
from tests.solana_transactions import SOL, Making

FIRST_SLOT = 400_000_000
SLOT_S = 0.4
TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
FEE_BPS = 50
Json = dict[str, Any]


@dataclass
class Block:
    """One transaction, alone in its block."""

    signature: str
    slot: int
    at: datetime
    transaction: ChainTransaction


@dataclass
class Coin:
    """A pool of it, whose reserves no trade of a test moves. `sol` 0: no route."""

    decimals: int = 6
    sol: int = 1_000 * SOL
    tokens: int = 10**15
    is_sellable: bool = True
    info: Json = field(default_factory=dict)


class NodeSays(Exception):
    """An error of JSON-RPC."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class SmallChain:
    """Its node has all up to `now`, but for `behind_s`. `hides`: signatures it lists and whose transactions it does not have.

    `refuses`: method → HTTP status and headers instead of an answer; `fails`: method → code of a JSON-RPC error.
    """

    now: datetime
    begins: datetime
    behind_s: float = 0.0
    begins_s: float | None = None  # its history begins so long after the chain's
    sol_usd: float | None = 150.0
    is_jupiter_away: bool = False
    has_stream: bool = False
    blocks: list[Block] = field(default_factory=list)
    coins: dict[str, Coin] = field(default_factory=lambda: defaultdict(Coin))
    hides: set[str] = field(default_factory=set)
    unsupported: set[str] = field(default_factory=set)
    refuses: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    fails: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, transaction: ChainTransaction, at_s: float, signature: str = "") -> str:
        at = self.begins + timedelta(seconds=at_s)
        name = signature or f"signature{len(self.blocks) + 1}"
        self.blocks.append(Block(name, self.slot_of(at), at.replace(microsecond=0), transaction))
        return name

    def buy(self, at_s: float, wallet: str, mint: str, lamports: int, raw: int, pool: str = "CURVE") -> str:
        making = Making(payer=wallet, signers=(wallet,)).pay(wallet, pool, lamports).give(mint, pool, wallet, raw)
        return self.add(self._with_decimals(making, mint), at_s)

    def sell(self, at_s: float, wallet: str, mint: str, raw: int, lamports: int, pool: str = "CURVE") -> str:
        making = Making(payer=wallet, signers=(wallet,)).give(mint, wallet, pool, raw).take(pool, wallet, lamports)
        return self.add(self._with_decimals(making, mint), at_s)

    def send(self, at_s: float, wallet: str, mint: str, raw: int, to: str) -> str:
        making = Making(payer=wallet, signers=(wallet,)).give(mint, wallet, to, raw)
        return self.add(self._with_decimals(making, mint), at_s)

    def forget(self, signature: str) -> None:
        """Its block was not voted for in the end."""
        self.blocks = [block for block in self.blocks if block.signature != signature]

    def slot_of(self, at: datetime) -> int:
        return FIRST_SLOT + int((at - self.begins).total_seconds() / SLOT_S)

    def time_of(self, slot: int) -> datetime:
        return (self.begins + timedelta(seconds=(slot - FIRST_SLOT) * SLOT_S)).replace(microsecond=0)

    def calls(self) -> Counter[str]:
        return Counter(method for method, _ in self.asked)

    def app(self) -> Starlette:
        routes = [
            Route("/solana", self._rpc, methods=["POST"]),
            Route("/jupiter/price/v3", self._prices),
            Route("/jupiter/swap/v2/order", self._order),
        ]
        return Starlette(routes=routes)

    def _with_decimals(self, making: Making, mint: str) -> ChainTransaction:
        making.decimals[mint] = self.coins[mint].decimals
        return making.done()

    @property
    def _reaches(self) -> datetime:
        return self.now - timedelta(seconds=self.behind_s)

    def _visible(self) -> list[Block]:
        first = self.begins + timedelta(seconds=self.begins_s or 0)
        return [block for block in self.blocks if first <= block.at and block.slot <= self.slot_of(self._reaches)]

    async def _rpc(self, request: Request) -> Response:
        asked = await request.json()
        method, parameters = asked["method"], asked.get("params") or []
        self.asked.append((method, parameters))
        if method in self.refuses:
            status, headers = self.refuses[method]
            return JSONResponse({"error": "no"}, status, headers)
        head = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            if method in self.fails:
                raise NodeSays(self.fails[method], "it said so")
            return JSONResponse(head | {"result": self._answer(method, parameters)})
        except NodeSays as error:
            return JSONResponse(head | {"error": {"code": error.code, "message": str(error)}})

    def _answer(self, method: str, parameters: list[Any]) -> Any:
        answers: dict[str, Callable[..., Any]] = {
            "getSlot": lambda options=None: self.slot_of(self._reaches),
            "getBlockTime": self._block_time,
            "getFirstAvailableBlock": lambda: 0 if self.begins_s is None else FIRST_SLOT + int(self.begins_s / SLOT_S),
            "getSignaturesForAddress": self._signatures,
            "getTransaction": self._transaction,
            "getMultipleAccounts": self._accounts,
            "getTokenAccountsByOwner": self._purses,
            "getSignatureStatuses": self._statuses,
            "getTransactionsForAddress": self._stream,
        }
        if method not in answers or (method == "getTransactionsForAddress" and not self.has_stream):
            raise NodeSays(-32601, "Method not found")
        for options in parameters:
            if isinstance(options, dict) and options.get("minContextSlot", 0) > self.slot_of(self._reaches):
                raise NodeSays(-32016, "Minimum context slot has not been reached")
        return answers[method](*parameters)

    def _block_time(self, slot: int) -> int | None:
        return int(self.time_of(slot).timestamp()) if slot <= self.slot_of(self._reaches) else None

    def _signatures(self, wallet: str, options: Json) -> list[Json]:
        mine = sorted((one for one in self._visible() if one.transaction.has(wallet)), key=lambda one: one.slot, reverse=True)
        if "before" in options:
            names = [one.signature for one in mine]
            mine = mine[names.index(options["before"]) + 1 :] if options["before"] in names else []
        return [
            {
                "signature": one.signature,
                "slot": one.slot,
                "blockTime": int(one.at.timestamp()),
                "err": None if one.transaction.error is None else {"InstructionError": [0, one.transaction.error]},
                "confirmationStatus": "finalized" if one.at < self.now - timedelta(seconds=13) else "confirmed",
                "memo": None,
            }
            for one in mine[: options["limit"]]
        ]

    def _stream(self, wallet: str, options: Json) -> Json:
        bounds = options["filters"]["blockTime"]
        mine = [one for one in self._visible() if one.transaction.has(wallet) and bounds["gte"] <= one.at.timestamp() <= bounds["lte"]]
        if any(one.signature in self.unsupported for one in mine):
            raise NodeSays(-32015, "Transaction version (2) is not supported by the requesting client")
        begin = int(options.get("paginationToken", 0))
        page = sorted(mine, key=lambda one: one.slot, reverse=True)[begin : begin + options["limit"]]
        end = begin + len(page)
        return {"data": [row_of(one) for one in page], "paginationToken": str(end) if end < len(mine) else None}

    def _transaction(self, signature: str, options: Json) -> Json | None:
        found = next((one for one in self._visible() if one.signature == signature and signature not in self.hides), None)
        if signature in self.unsupported:
            raise NodeSays(-32015, "Transaction version (2) is not supported by the requesting client")
        return None if found is None else row_of(found)

    def _statuses(self, signatures: list[str], options: Json | None = None) -> Json:
        known = {one.signature for one in self._visible()}
        return {"context": {"slot": 1}, "value": [{"slot": 1} if one in known else None for one in signatures]}

    def _accounts(self, mints: list[str], options: Json) -> Json:
        value = [
            {
                "owner": TOKEN_PROGRAM,
                "lamports": 1,
                "data": {
                    "program": "spl-token",
                    "space": 82,
                    "parsed": {"type": "mint", "info": self._mint(self.coins[mint]) | self.coins[mint].info},
                },
            }
            if mint in self.coins
            else None
            for mint in mints
        ]
        return {"context": {"slot": self.slot_of(self._reaches)}, "value": value}

    def _mint(self, coin: Coin) -> Json:
        return {"decimals": coin.decimals, "supply": str(10**15), "mintAuthority": None, "freezeAuthority": None, "isInitialized": True}

    def _purses(self, owner: str, chosen: Json, options: Json) -> Json:
        mint = chosen["mint"]
        raw = sum(one.transaction.token_change(owner, mint) for one in self._visible())
        amount = {"amount": str(raw), "decimals": self.coins[mint].decimals, "uiAmount": None}
        account = {"pubkey": f"{owner}/{mint}", "account": {"data": {"parsed": {"info": {"tokenAmount": amount}}}}}
        return {"context": {"slot": self.slot_of(self._reaches)}, "value": [account] if raw else []}

    async def _prices(self, request: Request) -> Response:
        priced = {WSOL: {"usdPrice": self.sol_usd, "decimals": 9}} if self.sol_usd else {}
        return JSONResponse({name: priced[name] for name in request.query_params["ids"].split(",") if name in priced})

    async def _order(self, request: Request) -> Response:
        if self.is_jupiter_away:
            return JSONResponse({"error": "Rate limit exceeded"}, 429, {"Retry-After": "0"})
        query = request.query_params
        given, wanted, raw = query["inputMint"], query["outputMint"], int(query["amount"])
        mint = wanted if given == WSOL else given
        coin = self.coins.get(mint)
        if coin is None or not coin.sol or (given != WSOL and not coin.is_sellable):
            return JSONResponse({"requestId": "r", "error": "COULD_NOT_FIND_ANY_ROUTE"}, 400)
        out = coin.tokens * raw // (coin.sol + raw) if given == WSOL else coin.sol * raw // (coin.tokens + raw)
        net = out * (10_000 - FEE_BPS) // 10_000
        return JSONResponse({"inAmount": str(raw), "outAmount": str(net), "otherAmountThreshold": str(net), "feeBps": FEE_BPS})


def row_of(block: Block) -> Json:
    """As getTransaction writes it, in json."""
    made = block.transaction
    keys = [made.fee_payer, *(one.address for one in made.accounts if one.address != made.fee_payer)]
    accounts = {one.address: one for one in made.accounts}
    place = {key: number for number, key in enumerate(keys)}
    return {
        "slot": block.slot,
        "blockTime": int(block.at.timestamp()),
        "version": "legacy",
        "transaction": {
            "signatures": [block.signature],
            "message": {
                "accountKeys": keys,
                "header": {"numRequiredSignatures": len(made.signers or ())},
                "instructions": [],
            },
        },
        "meta": {
            "err": made.error,
            "fee": made.fee,
            "preBalances": [accounts[key].before for key in keys],
            "postBalances": [accounts[key].after for key in keys],
            "preTokenBalances": [_balance(place, one, one.before) for one in made.tokens],
            "postTokenBalances": [_balance(place, one, one.after) for one in made.tokens],
            "innerInstructions": [],
            "logMessages": [],
        },
    }


def _balance(place: dict[str, int], token: Any, raw: int) -> Json:
    amount = {"amount": str(raw), "decimals": token.decimals, "uiAmount": None}
    return {"accountIndex": place[token.account], "mint": token.mint, "owner": token.owner, "uiTokenAmount": amount}


def delivery_of(block: Block, received_at: datetime) -> Delivery:
    """As a raw webhook brings it and the inbox stores it; numbered when it arrives."""
    payload = json.dumps(row_of(block))
    return Delivery(
        delivery_id=row_id(Venue.SOLANA, block.signature, payload),
        venue=Venue.SOLANA,
        source="helius",
        signature=block.signature,
        payload=payload,
        received_at=received_at,
    )
