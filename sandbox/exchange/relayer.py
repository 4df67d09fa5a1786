"""The relayer: transactions of proxy, Safe and deposit wallets, signed by their owner and paid for by the venue.

Source: polymarket-client 0.14.0, actions.relayer.submit, .nonce, .poll, .deployed"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from eth_account import Account
from eth_utils.address import to_checksum_address
from starlette.requests import Request
from starlette.routing import Route

from sandbox.exchange.auth import Keys, request_signature
from sandbox.exchange.chain import Call, Chain, Reverted
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.refusals import BAD_KEY, Refusal
from sandbox.exchange.requests import Doors, read_json
from sandbox.exchange.rules import deposit_wallets
from sandbox.exchange.wallets import deposit_wallet_calls, proxy_calls, safe_calls
from sandbox.noise import hex_id
from sandbox.wire import Json

_READERS: dict[str, Callable[[Json], tuple[str, list[Call]]]] = {
    "WALLET": deposit_wallet_calls,
    "SAFE": safe_calls,
    "PROXY": proxy_calls,
}
_MOST_KEPT = 10_000


@dataclass(frozen=True)
class Relayed:
    id: str
    hash: str
    at_s: float
    error: str | None


class Relayer:
    def __init__(self, exchange: Exchange, chain: Chain) -> None:
        self._exchange, self._chain = exchange, chain
        self._nonces: dict[tuple[str, str], int] = defaultdict(int)  # by owner and kind of wallet
        self._relayed: dict[str, Relayed] = {}

    def nonce(self, owner: str, kind: str) -> str:
        return str(self._nonces[owner.lower(), kind])

    def submit(self, payload: Json) -> Json:
        """What is signed wrongly is refused; what the chain refuses is accepted and fails."""
        if payload.get("type") == "WALLET-CREATE":
            self._exchange.ledger.account(deposit_wallets(str(to_checksum_address(payload["from"])))[0]).deployed = True
            return _row(self._keep(None))
        wallet, calls = self._read(payload)
        self._nonces[payload["from"].lower(), payload["type"]] += 1
        try:
            self._chain.run(wallet, calls)
        except Reverted as error:
            return _row(self._keep(f"execution reverted: {error}"))
        return _row(self._keep(None))

    def state(self, transaction_id: str) -> Json:
        found = self._relayed.get(transaction_id)
        if found is None:
            raise Refusal("transaction not found", 404)
        waited_s, (mined_s, confirmed_s) = self._exchange.clock() - found.at_s, self._exchange.settles_in_s
        state = "CONFIRMED" if waited_s >= mined_s + confirmed_s else "MINED" if waited_s >= mined_s else "NEW"
        return {
            "transaction_id": found.id,
            "transaction_hash": found.hash,
            "state": "STATE_FAILED" if found.error else f"STATE_{state}",
            "error_msg": found.error,
        }

    def _read(self, payload: Json) -> tuple[str, list[Call]]:
        try:
            reader, nonce = _READERS[payload["type"]], self.nonce(payload["from"], payload["type"])
            if payload["nonce"] != nonce:
                raise Refusal(f"batch nonce {payload['nonce']} does not match on-chain nonce {nonce}")
            return reader(payload)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise Refusal("invalid transaction") from error

    def _keep(self, error: str | None) -> Relayed:
        count = len(self._relayed)
        number = hex_id(64, self._exchange.world.seed, "relayed", self._exchange.counted())
        relayed = Relayed(number[2:34], number, self._exchange.clock(), error)
        if count >= _MOST_KEPT:
            del self._relayed[next(iter(self._relayed))]
        self._relayed[relayed.id] = relayed
        return relayed


def relayer_routes(exchange: Exchange, chain: Chain) -> list[Route]:
    doors, relayer = Doors(exchange), Relayer(exchange, chain)

    def submit(request: Request, body: bytes) -> Json:
        payload = read_json(body, "invalid transaction")
        check_relayer_key(exchange.keys, request, body, payload)
        return relayer.submit(payload)

    def parameters(request: Request) -> Json:
        query = request.query_params
        return {"address": query.get("address", ""), "nonce": relayer.nonce(query.get("address", ""), query.get("type", ""))}

    # Any account will do as the one that pays for proxy transactions; this one is nobody's.
    relay = str(Account.from_key(hex_id(64, exchange.world.seed, "relay")).address)
    return [
        doors.public("GET", "/deployed", lambda request, _: {"deployed": exchange.is_deployed(request.query_params.get("address", ""))}),
        doors.public("GET", "/v1/account/transactions/params", lambda request, _: parameters(request)),
        doors.public("GET", "/relay-payload", lambda request, _: parameters(request) | {"address": relay}),
        doors.public("GET", "/v1/account/transactions/{id}", lambda request, _: relayer.state(request.path_params["id"])),
        doors.public("POST", "/submit", submit),
    ]


def check_relayer_key(keys: Keys, request: Request, body: bytes, payload: Json) -> None:
    """A relayer key of the owner's, or a builder's key that signs the request. Raises Refusal, 401."""
    headers = request.headers
    if "RELAYER_API_KEY" in headers:
        owner = headers.get("RELAYER_API_KEY_ADDRESS", "")
        if headers["RELAYER_API_KEY"] != keys.relayer_key(owner) or owner.lower() != str(payload.get("from", "")).lower():
            raise Refusal(BAD_KEY, 401)
        return
    builder, timestamp = keys.builders.get(headers.get("POLY_BUILDER_API_KEY", "")), headers.get("POLY_BUILDER_TIMESTAMP", "")
    if builder is None or headers.get("POLY_BUILDER_PASSPHRASE") != builder.passphrase:
        raise Refusal(BAD_KEY, 401)
    if headers.get("POLY_BUILDER_SIGNATURE") != request_signature(builder.secret, timestamp, request.method, "/submit", body):
        raise Refusal(BAD_KEY, 401)


def _row(relayed: Relayed) -> Json:
    return {"transactionID": relayed.id, "transactionHash": relayed.hash, "state": "STATE_NEW"}
