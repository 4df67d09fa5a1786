"""Orders, trades and answers as the venue writes them: numbers are text, addresses are checksummed."""

from datetime import UTC, datetime

from sandbox.exchange.ledger import WORLD
from sandbox.exchange.matching import WHOLE, Fill
from sandbox.exchange.orders import Order, Trade
from sandbox.noise import hex_id
from sandbox.wire import Json

_UNIT = 1_000_000
_NOBODY = "00000000-0000-0000-0000-000000000000"


def decimal_text(units: int, per: int = _UNIT) -> str:
    """A whole number of units as a decimal number without trailing zeros."""
    whole, rest = divmod(units, per)
    return f"{whole}.{rest:0{len(str(per)) - 1}d}".rstrip("0").rstrip(".")


def answer_row(order: Order) -> Json:
    """What POST /order says to an order it took. Amounts are what was matched at once; the hashes come later."""
    making, taking = (order.usd, order.matched) if order.is_buy else (order.matched, order.usd)
    return {
        "success": True,
        "errorMsg": "",
        "orderID": order.hash,
        "status": "matched" if order.matched else "live",
        "makingAmount": decimal_text(making) if order.matched else "",
        "takingAmount": decimal_text(taking) if order.matched else "",
        "tradeIDs": list(order.trades),
    }


def refused_row(words: str) -> Json:
    """One order of several that was not taken: a success without an order, as the venue has it."""
    return {"success": True, "errorMsg": words, "orderID": "", "status": "", "makingAmount": "", "takingAmount": ""}


def order_row(order: Order) -> Json:
    return {
        "associate_trades": list(order.trades),
        "id": order.hash,
        "status": order.status,
        "market": order.market.condition_id,
        "original_size": decimal_text(order.size),
        "outcome": order.market.outcomes[order.outcome],
        "maker_address": order.account,
        "owner": order.posted.owner,
        "price": price_of(order),
        "side": side_of(order.is_buy),
        "size_matched": decimal_text(order.matched),
        "asset_id": order.token_id,
        "expiration": str(order.posted.expiration),
        "order_type": order.posted.kind.value,
        "created_at": int(order.created_s),
    }


def trade_row(trade: Trade, reader: str) -> Json:
    """A trade as one party sees it (`reader` is its login). The numbers at the top are the taker's, whoever reads."""
    return {
        "id": trade.id,
        "taker_order_id": trade.taker.hash if trade.taker else world_order_id(trade),
        "market": trade.market.condition_id,
        "asset_id": trade.token_id,
        "side": side_of(trade.is_buy),
        "size": decimal_text(trade.shares),
        "fee_rate_bps": str(round(trade.market.category.fee_rate * WHOLE)) if trade.fee else "0",
        "price": decimal_text(trade.price, WHOLE),
        "status": trade.status.value,
        "match_time": str(int(trade.matched_s)),
        "last_update": str(int(trade.updated_s)),
        "outcome": trade.market.outcomes[trade.outcome],
        "bucket_index": trade.bucket,
        "owner": trade.taker.posted.owner if trade.taker else _NOBODY,
        "maker_address": trade.taker.account if trade.taker else world_address(trade),
        "transaction_hash": trade.transaction_hash,
        "maker_orders": [maker_row(trade, fill) for fill in trade.fills],
        "trader_side": "TAKER" if trade.taker and trade.taker.login == reader else "MAKER",
    }


def maker_row(trade: Trade, fill: Fill) -> Json:
    maker, order = fill.maker, trade.makers.get(fill.maker.key)
    return {
        "asset_id": trade.market.token_ids[maker.outcome],
        "fee_rate_bps": "0",
        "maker_address": order.account if order else world_address(trade),
        "matched_amount": decimal_text(fill.shares),
        "order_id": order.hash if order else hex_id(64, trade.market.condition_id, maker.key),
        "outcome": trade.market.outcomes[maker.outcome],
        "owner": order.posted.owner if order else _NOBODY,
        "price": decimal_text(maker.price, WHOLE),
        "side": side_of(maker.is_buy),
    }


def user_order_row(order: Order, at_s: float) -> Json:
    """On the user channel. Its times differ: created in seconds, sent in milliseconds."""
    began = order.status == "LIVE" and not order.matched
    kind = "PLACEMENT" if began else "UPDATE" if order.status in ("LIVE", "MATCHED") else "CANCELLATION"
    return {
        **order_row(order),
        "event_type": "order",
        "type": kind,
        "order_owner": order.posted.owner,
        "created_at": str(int(order.created_s)),
        "timestamp": str(int(at_s * 1000)),
    }


def user_trade_row(trade: Trade, reader: str, owner: str) -> Json:
    return {
        **trade_row(trade, reader),
        "event_type": "trade",
        "type": "TRADE",
        "trade_owner": owner,
        "timestamp": str(int(trade.updated_s * 1000)),
    }


def price_of(order: Order) -> str:
    """As many digits as it takes: a market order's own price lies off the grid."""
    return f"{float(order.price / WHOLE):.6f}".rstrip("0")


def side_of(is_buy: bool) -> str:
    return "BUY" if is_buy else "SELL"


def world_order_id(trade: Trade) -> str:
    return hex_id(64, trade.market.condition_id, WORLD, trade.number)


def world_address(trade: Trade) -> str:
    return hex_id(40, trade.market.condition_id, WORLD)


def iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()
