"""Jupiter's Swap V2: an order to be signed, and its execution. What it says of a swap is its claim: the chain has the last word.

Source: https://github.com/jup-ag/docs, openapi-spec/swap/v2/swap.yaml. `/order` takes a fee, `/build` none, and is sent by our own node.
"""

import json
import logging
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.feeds.json_api import JsonApi, Key
from adapters.feeds.reading import number, text, whole_number
from adapters.feeds.solana.jupiter import NO_ROUTE
from adapters.feeds.solana.records import count, part
from data_contracts import Reason
from data_contracts.errors import Refused, Unavailable

TIMEOUT_S = 30.0  # executing waits until it landed
log = logging.getLogger("walletflow.solana")
Json = dict[str, Any]
ERRORS = {1: Reason.VENUE_NO_BALANCE, 2: Reason.VENUE_NO_BALANCE, 3: Reason.VENUE_REFUSED}


@dataclass(frozen=True, slots=True)
class SwapOrder:
    """What it offers: raw amounts, `price_impact` as a part (0.01: 1 % worse), and what is to be signed. A maker's ends at `expires_s`."""

    in_raw: int
    out_raw: int
    least_out_raw: int
    slippage_bps: int
    price_impact: float | None
    router: str
    fee_bps: int
    request_id: str = ""
    transaction: bytes = b""
    last_valid_height: int = 0
    expires_s: int | None = None


@dataclass(frozen=True, slots=True)
class Executed:
    """What it says became of a transaction: a claim, either way."""

    is_landed: bool
    signature: str
    says: str


class SwapApi:
    """Safe to share between threads."""

    def __init__(self, api: JsonApi, key: Key | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._api = api
        headers = {"User-Agent": "Mozilla/5.0 walletflow"} | (key.header if key else {})
        self._client = httpx.Client(timeout=timeout_s, headers=headers, trust_env=False)

    def order(self, gives: str, gets: str, raw: int, taker: str, slippage_bps: int, without: str) -> SwapOrder | Reason:
        """With a transaction for `taker`, of any router but those `without`; or why there is none. Raises Unavailable, Refused."""
        query = _query(gives, gets, raw, taker, slippage_bps) | {"excludeRouters": without}
        answer = self._asked("/swap/v2/order", query)
        if isinstance(answer, Reason):
            return answer
        order = _order(answer, raw)
        if isinstance(order, Reason) or order.transaction:
            return order
        log.warning("no transaction: router %s, error %s %s", order.router, answer.get("errorCode"), answer.get("errorMessage"))
        return ERRORS.get(count(answer.get("errorCode")) or 0, Reason.VENUE_REFUSED)

    def build(self, gives: str, gets: str, raw: int, taker: str, slippage_bps: int) -> tuple[SwapOrder, Json] | Reason:
        """The parts of a transaction without Jupiter's fee, which `built.py` puts together. Raises Unavailable, Refused."""
        answer = self._asked("/swap/v2/build", _query(gives, gets, raw, taker, slippage_bps))
        if isinstance(answer, Reason):
            return answer
        order = _order(answer, raw)
        return order if isinstance(order, Reason) else (order, answer)

    def execute(self, body: bytes) -> Executed | None:
        """None where no answer tells whether it was taken. Raises Unavailable where it was not asked."""
        url, headers = f"{self._api.base_url}/swap/v2/execute", {"Content-Type": "application/json"}
        try:
            answer = self._client.post(url, content=body, headers=headers)
        except httpx.ConnectError as error:
            raise Unavailable(f"jupiter: {error}") from error
        except httpx.RequestError as error:
            log.warning("the answer of /execute is lost: %s", type(error).__name__)
            return None
        if answer.status_code == 429:
            raise Unavailable("jupiter: too many requests")
        return _executed(answer)

    def _asked(self, path: str, query: dict[str, str]) -> Json | Reason:
        try:
            return dict(self._api.get(path, query, parts=["outAmount"]))
        except Refused as error:
            if any(word in str(error) for word in NO_ROUTE):
                return Reason.NO_ROUTE
            raise


def execute_body(transaction: str, request_id: str, last_valid_height: int) -> bytes:
    """What `/execute` is sent, word for word: stored before, and sent again as it is."""
    said = {"signedTransaction": transaction, "requestId": request_id, "lastValidBlockHeight": str(last_valid_height)}
    return json.dumps(said, separators=(",", ":")).encode()


def _query(gives: str, gets: str, raw: int, taker: str, slippage_bps: int) -> dict[str, str]:
    return {"inputMint": gives, "outputMint": gets, "amount": str(raw), "taker": taker, "slippageBps": str(slippage_bps)}


def _order(answer: Json, raw: int) -> SwapOrder | Reason:
    got, least = _raw(answer.get("outAmount")), _raw(answer.get("otherAmountThreshold"))
    if not got or not least:
        return Reason.NO_ROUTE
    impact = number(answer.get("priceImpact"))
    return SwapOrder(
        in_raw=_raw(answer.get("inAmount")) or raw,
        out_raw=got,
        least_out_raw=least,
        slippage_bps=whole_number(answer.get("slippageBps")) or 0,
        price_impact=abs(impact) / 100 if impact is not None else _ratio(answer.get("priceImpactPct")),
        router=text(answer.get("router")) or "metis",
        fee_bps=whole_number(answer.get("feeBps")) or 0,
        request_id=text(answer.get("requestId")) or "",
        transaction=_bytes(answer.get("transaction")),
        last_valid_height=whole_number(answer.get("lastValidBlockHeight")) or _built_height(answer),
        expires_s=whole_number(answer.get("expireAt")),
    )


def _raw(given: Any) -> int | None:
    """Up to 2^64, which no column of ours needs to hold."""
    return int(given) if isinstance(given, str) and given.isdecimal() and given.isascii() and len(given) <= 20 else whole_number(given)


def _built_height(answer: Json) -> int:
    return whole_number(part(answer, "blockhashWithMetadata").get("lastValidBlockHeight")) or 0


def _ratio(given: Any) -> float | None:
    impact = number(given)
    return None if impact is None else abs(impact)


def _bytes(given: Any) -> bytes:
    """Null without a taker, empty where none could be built."""
    try:
        return b64decode(given, validate=True) if isinstance(given, str) else b""
    except ValueError:
        return b""


def _executed(answer: httpx.Response) -> Executed | None:
    try:
        told = answer.json()
        signature, status = told.get("signature"), told.get("status")
    except (ValueError, AttributeError):
        return None
    if answer.is_server_error or status not in ("Success", "Failed"):
        return None
    says = f"{told.get('code')} {told.get('error') or ''}".strip()
    return Executed(status == "Success", signature if isinstance(signature, str) else "", says)
