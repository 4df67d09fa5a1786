"""The operator's door: fund accounts, see the truth, ask for faults, move the clock. No venue has it; it is not on a venue's path."""

from typing import Any

from eth_utils.address import is_hex_address, to_checksum_address
from starlette.requests import Request
from starlette.routing import Route

from sandbox.exchange.exchange import Exchange
from sandbox.exchange.faults import Faults
from sandbox.exchange.ledger import USD
from sandbox.exchange.matching import WHOLE
from sandbox.exchange.orders import Order, Trade
from sandbox.exchange.refusals import Refusal
from sandbox.exchange.requests import Doors, read_json
from sandbox.exchange.rows import side_of
from sandbox.feed_faults import FeedFaults
from sandbox.wire import Json


def control_routes(exchange: Exchange, faults: Faults, feed: FeedFaults) -> list[Route]:
    doors = Doors(exchange)
    return [
        doors.public("GET", "/accounts/{address}", lambda request, _: account_row(exchange, _address(request))),
        doors.public("POST", "/accounts/{address}", lambda request, body: _fund(exchange, _address(request), _read(body))),
        doors.public("POST", "/accounts/{address}/trades", lambda request, body: _trade(exchange, _address(request), _read(body))),
        doors.public("GET", "/faults", lambda *_: [fault.row() for fault in faults.waiting]),
        doors.public("POST", "/faults", lambda _, body: _ask(faults, _read(body))),
        doors.public("DELETE", "/faults", lambda *_: faults.waiting.clear()),
        doors.public("POST", "/feed", lambda _, body: feed.ask(_read(body))),
        doors.public("POST", "/settlement", lambda _, body: _settlement(exchange, _read(body))),
        doors.public("POST", "/closed-only", lambda _, body: exchange.closed_only.update(_read(body))),
        doors.public("GET", "/relayer-keys/{address}", lambda request, _: {"key": exchange.keys.relayer_key(_address(request))}),
        doors.public("POST", "/geoblock", lambda _, body: exchange.geoblock.update(_read(body))),
        doors.public("POST", "/clock", lambda _, body: _advance_clock(exchange, _read(body))),
    ]


def account_row(exchange: Exchange, address: str) -> Json:
    """The truth about one wallet, in whole units: what it owns on the chain, every order it posted and every trade it was in."""
    exchange.advance()
    account = exchange.ledger.account(address)
    mine = [order for order in exchange.orders.values() if order.account.lower() == address.lower()]
    names = {order.hash for order in mine}
    trades = [trade for trade in exchange.trades.values() if names & {order.hash for order in trade.orders}]
    assets = {asset for asset, units in account.balances.items() if units} - {USD}
    return {
        "collateral": account.balances.get(USD, 0),
        "tokens": {asset: account.balances[asset] for asset in sorted(assets)},
        "leaving": {asset: units for asset, units in account.leaving.items() if units},
        "orders": [order_truth(order) for order in mine],
        "trades": [trade_truth(trade, address) for trade in trades],
    }


def order_truth(order: Order) -> Json:
    return {
        "order_hash": order.hash,
        "status": order.status,
        "token_id": order.token_id,
        "side": side_of(order.is_buy),
        "order_type": order.posted.kind.value,
        "original": order.size,
        "matched": order.matched,
        "usd": order.usd,
        "trades": list(order.trades),
    }


def trade_truth(trade: Trade, address: str) -> Json:
    """`moves` is what it does to this wallet's balances once it is mined: nothing, if it fails."""
    moves = {asset: units for (account, asset), units in trade.legs.items() if account.lower() == address.lower() and units}
    takes = trade.taker is not None and trade.taker.account.lower() == address.lower()
    return {
        "id": trade.id,
        "status": trade.status.value,
        "role": "TAKER" if takes else "MAKER",
        "taker_order": trade.taker.hash if trade.taker else None,
        "maker_orders": {fill.maker.key: fill.shares for fill in trade.fills if fill.maker.key in trade.makers},
        "token_id": trade.token_id,
        "side": side_of(trade.is_buy),
        "price": trade.price / WHOLE,
        "shares": trade.shares,
        "fee": trade.fee if takes else 0,
        "moves": moves,
    }


def _fund(exchange: Exchange, address: str, wanted: Any) -> Json:
    """Sets what is named and leaves the rest. Shares given here were not paid for: no pair was made for them."""
    account = exchange.ledger.account(address)
    if "collateral" in wanted:
        account.balances[USD] = int(wanted["collateral"])
    account.balances.update({str(token_id): int(units) for token_id, units in wanted.get("tokens", {}).items()})
    if wanted.get("allowances") is True:
        account.allow_everything()
    elif wanted.get("allowances") is False:
        account.allowances.clear()
        account.operators.clear()
    account.deployed = True
    exchange.revalidate(address)
    return account_row(exchange, address)


def _trade(exchange: Exchange, address: str, wanted: Any) -> Json:
    """By hand, as on the venue's own page: `side`, `token_id` and the `units` of shares it sells, or of USD it spends."""
    login = str(wanted.get("login", address))  # another where the wallet is a contract
    return order_truth(exchange.trade_by_hand(address, login, str(wanted["token_id"]), wanted["side"] == "BUY", int(wanted["units"])))


def _ask(faults: Faults, rows: Any) -> list[Json]:
    try:
        faults.ask(rows if isinstance(rows, list) else [rows])
    except (ValueError, TypeError) as error:
        raise Refusal(str(error)) from error
    return [fault.row() for fault in faults.waiting]


def _settlement(exchange: Exchange, wanted: Any) -> Json:
    """Seconds from matched to mined, and from there to confirmed. 0 and 0: an answer finds its trade confirmed."""
    exchange.settles_in_s = (float(wanted["mined_s"]), float(wanted["confirmed_s"]))
    return {"mined_s": exchange.settles_in_s[0], "confirmed_s": exchange.settles_in_s[1]}


def _advance_clock(exchange: Exchange, wanted: Any) -> Json:
    """Only where the server's clock can be moved, and only forward."""
    move = getattr(exchange.clock, "advance", None)
    if move is None or not (seconds := float(wanted["advance_s"])) >= 0:
        raise Refusal("this clock is not moved, and none is moved back")
    move(seconds)
    return {"now_s": exchange.advance().now_s}


def _read(body: bytes) -> Any:
    return read_json(body, "no JSON")


def _address(request: Request) -> str:
    address = request.path_params["address"]
    if not is_hex_address(address):
        raise Refusal("no address")
    return str(to_checksum_address(address))
