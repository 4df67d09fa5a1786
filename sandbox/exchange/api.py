"""The private half of the CLOB: keys, orders, trades, balances. Source: https://docs.polymarket.com/api-reference"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.exchange.auth import Key
from sandbox.exchange.contracts import CTF, EXCHANGES, POSITION_MANAGER, PUSD
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.ledger import USD
from sandbox.exchange.orders import Trade, read_order
from sandbox.exchange.refusals import Refusal
from sandbox.exchange.requests import Doors, read_json
from sandbox.exchange.rows import answer_row, order_row, refused_row, trade_row
from sandbox.exchange.rules import SIGNATURE_TYPES, wallet_of
from sandbox.exchange.twists import PLAIN, Twist
from sandbox.wire import Json

_MOST_ORDERS, _MOST_CANCELS, _PAGE = 15, 3000, 100
_END = "LTE="  # "-1": there is no next page
_CONTRACTS = {"COLLATERAL": PUSD, "CONDITIONAL": CTF, "CONDITIONAL-V2": POSITION_MANAGER}
_BAD_ORDER = "Invalid order payload"
Item = TypeVar("Item")


def exchange_routes(exchange: Exchange) -> list[Route]:
    doors = Doors(exchange)
    return [
        *_key_routes(doors, exchange),
        *_order_routes(doors, exchange),
        doors.private("GET", "/data/trades", lambda request, key, _: _trades(exchange, key, request)),
        doors.private("GET", "/data/orders", lambda request, key, _: _open_orders(exchange, key, request)),
        doors.private("GET", "/data/pre-migration-orders", lambda *_: _page([], "")),
        doors.private("GET", "/data/order/{order_id}", lambda request, key, _: _order(exchange, key, request.path_params["order_id"])),
        doors.private("GET", "/balance-allowance", lambda request, key, _: _balance(exchange, key, request)),
        doors.private("GET", "/balance-allowance/update", lambda request, key, _: _refreshed(exchange, key, request)),
        doors.private("GET", "/notifications", lambda *_: []),
        doors.private("DELETE", "/notifications", lambda *_: "OK"),
        doors.private("GET", "/order-scoring", lambda *_: {"scoring": False}),
        doors.private("POST", "/orders-scoring", lambda _, key, body: dict.fromkeys(read_json(body, "Invalid payload"), False)),
        doors.private("POST", "/v1/heartbeats", lambda _, key, body: _beat(exchange, key, body)),
    ]


def _key_routes(doors: Doors, exchange: Exchange) -> list[Route]:
    keys = exchange.keys

    def login(request: Request) -> tuple[str, int]:
        return keys.logged_in(request.headers, exchange.wall())

    return [
        doors.public("POST", "/auth/api-key", lambda request, _: _key_row(keys.create(*login(request)))),
        doors.public("GET", "/auth/derive-api-key", lambda request, _: _key_row(keys.derive(*login(request)))),
        doors.private("GET", "/auth/api-keys", lambda _, key, __: {"apiKeys": [one.key for one in keys.of(key.address)]}),
        doors.private("DELETE", "/auth/api-key", lambda _, key, __: keys.delete(key)),
        doors.private("POST", "/auth/builder-api-key", lambda _, key, __: _builder_row(keys.create_builder(key.address))),
        doors.private("GET", "/auth/builder-api-key", lambda _, key, __: [one.key for one in keys.builders_of(key.address)]),
        doors.private("GET", "/auth/ban-status/closed-only", lambda _, key, __: {"closed_only": key.address in exchange.closed_only}),
    ]


def _order_routes(doors: Doors, exchange: Exchange) -> list[Route]:
    def cancel(key: Key, order_ids: Sequence[str]) -> Json:
        cancelled, refused = exchange.cancel(key, order_ids)
        return {"canceled": cancelled, "not_canceled": refused}

    def cancel_market(key: Key, body: bytes) -> Json:
        wanted = read_json(body, _BAD_ORDER)
        found = exchange.open_orders(key, wanted.get("asset_id") or "", wanted.get("market") or "")
        return cancel(key, [order.hash for order in found])

    def read(body: bytes) -> Any:
        return read_json(body, _BAD_ORDER)

    return [
        doors.private("POST", "/order", lambda request, key, body: _post(exchange, key, read(body), _twist(request))),
        doors.private("POST", "/orders", lambda request, key, body: _post_many(exchange, key, read(body), _twist(request))),
        doors.private("DELETE", "/order", lambda _, key, body: cancel(key, [_order_id(read(body))])),
        doors.private("DELETE", "/orders", lambda _, key, body: cancel(key, _order_ids(read(body)))),
        doors.private("DELETE", "/cancel-all", lambda _, key, __: cancel(key, [order.hash for order in exchange.open_orders(key)])),
        doors.private("DELETE", "/cancel-market-orders", lambda _, key, body: cancel_market(key, body)),
    ]


def _key_row(key: Key) -> Json:
    return {"apiKey": key.key, "secret": key.secret, "passphrase": key.passphrase}


def _builder_row(key: Key) -> Json:
    return {"key": key.key, "secret": key.secret, "passphrase": key.passphrase}


def _post(exchange: Exchange, key: Key, body: Any, twist: Twist) -> Json:
    return answer_row(exchange.post(key, read_order(body), twist))


def _post_many(exchange: Exchange, key: Key, bodies: Any, twist: Twist) -> list[Json]:
    if not isinstance(bodies, list):
        raise Refusal(_BAD_ORDER)
    if len(bodies) > _MOST_ORDERS:
        raise Refusal(f"Too many orders in payload: {len(bodies)}, max allowed: {_MOST_ORDERS}")
    return [_post_one(exchange, key, body, twist) for body in bodies]


def _post_one(exchange: Exchange, key: Key, body: Any, twist: Twist) -> Json:
    try:
        return _post(exchange, key, body, twist)
    except Refusal as error:
        return refused_row(error.words)


def _twist(request: Request) -> Twist:
    twist: Twist = getattr(request.state, "twist", PLAIN)
    return twist


def _order_id(body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("orderID"), str):
        raise Refusal("Invalid orderID")
    return str(body["orderID"])


def _order_ids(body: Any) -> list[str]:
    if not isinstance(body, list) or not all(isinstance(order_id, str) for order_id in body):
        raise Refusal("Invalid orderID")
    if len(body) > _MOST_CANCELS:
        raise Refusal(f"Too many orders in payload, max allowed: {_MOST_CANCELS}")
    return body


def _order(exchange: Exchange, key: Key, order_id: str) -> object:
    """In whatever state it is. Another's order, and one that never came, is null."""
    exchange.advance()
    order = exchange.orders.get(order_id)
    return order_row(order) if order and order.login == key.address else None


def _open_orders(exchange: Exchange, key: Key, request: Request) -> Json:
    query = request.query_params
    found = exchange.open_orders(key, query.get("asset_id", ""), query.get("market", ""))
    return _page([order_row(order) for order in found if query.get("id", order.hash) == order.hash], query.get("next_cursor", ""))


def _trades(exchange: Exchange, key: Key, request: Request) -> Json:
    exchange.advance()
    query = request.query_params
    mine = [trade for trade in exchange.trades.values() if any(order.login == key.address for order in trade.orders)]
    found = [trade for trade in mine if _matches(trade, query)]
    return _page([trade_row(trade, key.address) for trade in reversed(found)], query.get("next_cursor", ""))


def _matches(trade: Trade, query: Any) -> bool:
    try:
        after, before = int(query.get("after", 0)), int(query.get("before", 1 << 62))
    except ValueError as error:
        raise Refusal("Invalid trade params payload") from error
    maker = query.get("maker_address", "").lower()
    return (
        query.get("id", trade.id) == trade.id
        and query.get("market", trade.market.condition_id) == trade.market.condition_id
        and query.get("asset_id", trade.token_id) in (trade.token_id, *(order.token_id for order in trade.orders))
        and (not maker or maker in [order.account.lower() for order in trade.orders])
        and after < trade.matched_s < before
    )


def _page(rows: list[Item], cursor: str) -> Json:
    try:
        start = max(0, int(base64.b64decode(cursor))) if cursor else 0
    except (ValueError, binascii.Error) as error:
        raise Refusal("Invalid next_cursor") from error
    page = rows[start : start + _PAGE]
    ends = start + _PAGE >= len(rows)
    return {
        "data": page,
        "limit": _PAGE,
        "count": len(page),
        "next_cursor": _END if ends else base64.b64encode(str(start + _PAGE).encode()).decode(),
    }


def _balance(exchange: Exchange, key: Key, request: Request) -> Json:
    exchange.advance()
    query = request.query_params
    # py-clob-client-v2 sends the enum's name where the venue takes its value.
    return _balance_row(exchange, _wallet(key, request), query.get("asset_type", "").removeprefix("AssetType."), query.get("token_id", ""))


def _balance_row(exchange: Exchange, wallet: str, asset_type: str, token_id: str) -> Json:
    contract = _CONTRACTS.get(asset_type)
    if contract is None:
        raise Refusal("Invalid asset type")
    account = exchange.ledger.account(wallet)
    balance = account.balances.get(USD if contract == PUSD else token_id, 0)
    return {"balance": str(balance), "allowances": {spender: str(account.allowance(contract, spender)) for spender in EXCHANGES}}


def _refreshed(exchange: Exchange, key: Key, request: Request) -> Response:
    """The venue reads the chain again. Here it always has."""
    _balance(exchange, key, request)
    return Response(status_code=200)


def _wallet(key: Key, request: Request) -> str:
    kind = request.query_params.get("signature_type", "0")
    if kind not in [str(number) for number in range(len(SIGNATURE_TYPES))]:
        raise Refusal("Invalid signature_type")
    return wallet_of(key.address, int(kind))


def _beat(exchange: Exchange, key: Key, body: bytes) -> object:
    wanted = read_json(body, "Invalid payload")
    try:
        return {"heartbeat_id": exchange.beat(key, wanted.get("heartbeat_id") or "")}
    except LookupError as error:
        return JSONResponse({"error_msg": "Invalid Heartbeat ID", "heartbeat_id": str(error.args[0])}, 400)
