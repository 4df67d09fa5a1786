"""Polymarket's CLOB, the public half: order books and what can be read off them. Orders: exchange/.

Source: https://docs.polymarket.com/api-reference/market-data/get-order-book"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import Route

from sandbox.exchange.exchange import Exchange
from sandbox.exchange.matching import WHOLE
from sandbox.exchange.orders import Trade as ExchangeTrade
from sandbox.exchange.refusals import NO_BOOK, Refusal
from sandbox.exchange.requests import Doors, read_json
from sandbox.exchange.rows import decimal_text
from sandbox.markets import Market
from sandbox.positions import price_at
from sandbox.trading import Trade
from sandbox.wire import Json, utc
from sandbox.world import Snapshot

_MOST_BOOKS = 500
_UNIT = 1_000_000
_BASE_FEE = 1000  # what is written, and is not what is charged


def clob_routes(exchange: Exchange) -> list[Route]:
    doors = Doors(exchange)

    def read(path: str, answer: Callable[[Snapshot, Request], object]) -> Route:
        return doors.public("GET", path, lambda request, _: answer(exchange.advance(), request))

    def many(path: str, answer: Callable[[list[Json], Snapshot], object]) -> Route:
        return doors.public("POST", path, lambda _, body: answer(_wanted(body), exchange.advance()))

    def find_book(snapshot: Snapshot, request: Request) -> Shown:
        return _find_book(exchange, snapshot, request.query_params.get("token_id", ""))

    def find_books(wanted: list[Json], snapshot: Snapshot) -> list[tuple[Json, Shown]]:
        """Those that exist, in no promised order; the others are left out without a word."""
        found = [(item, snapshot.token(str(item["token_id"]))) for item in wanted]
        return [(item, Shown(exchange, snapshot, *token)) for item, token in found if token and token[0].open_at(snapshot.now_s)]

    return [
        many("/books", lambda wanted, snapshot: [book_row(book) for _, book in find_books(wanted, snapshot)]),
        many("/midpoints", lambda wanted, snapshot: {book.token_id: midpoint(book)["mid"] for _, book in find_books(wanted, snapshot)}),
        many("/spreads", lambda wanted, snapshot: {book.token_id: spread(book)["spread"] for _, book in find_books(wanted, snapshot)}),
        many("/prices", lambda wanted, snapshot: _prices(find_books(wanted, snapshot))),
        many("/last-trades-prices", lambda wanted, snapshot: [_last_row(book) for _, book in find_books(wanted, snapshot)]),
        read("/", lambda snapshot, request: "OK"),
        read("/ok", lambda snapshot, request: "OK"),
        read("/version", lambda snapshot, request: {"version": 2}),
        read("/time", lambda snapshot, request: int(snapshot.now_s)),
        read("/book", lambda snapshot, request: book_row(find_book(snapshot, request))),
        read("/midpoint", lambda snapshot, request: midpoint(find_book(snapshot, request))),
        read("/spread", lambda snapshot, request: spread(find_book(snapshot, request))),
        read("/price", lambda snapshot, request: {"price": price(find_book(snapshot, request), request.query_params.get("side", ""))}),
        read("/last-trade-price", lambda snapshot, request: last_trade(Shown(exchange, snapshot, *_token(snapshot, request)))),
        read("/tick-size", lambda snapshot, request: {"minimum_tick_size": _token(snapshot, request)[0].tick_millis / 1000}),
        read("/neg-risk", lambda snapshot, request: {"neg_risk": _token(snapshot, request)[0].neg_risk}),
        read("/fee-rate", lambda snapshot, request: {"base_fee": _BASE_FEE if _token(snapshot, request) else 0}),
        read("/markets/{condition_id}", lambda snapshot, request: market_row(snapshot, _market(snapshot, request))),
        read("/clob-markets/{condition_id}", lambda snapshot, request: terms_row(_market(snapshot, request))),
        read("/markets-by-token/{token_id}", lambda snapshot, request: _by_token(snapshot, request.path_params["token_id"])),
    ]


class Shown:
    """One token's book at one instant, ours and the world's orders together."""

    def __init__(self, exchange: Exchange, snapshot: Snapshot, market: Market, outcome: int) -> None:
        self.snapshot, self.market, self.outcome = snapshot, market, outcome
        self.token_id = market.token_ids[outcome]
        self._book = exchange.book(market, snapshot.now_s)
        self.last = self._book.last
        self.depth = self._book.depth(outcome, snapshot.now_s)

    def best(self, is_bid: bool) -> int | None:
        side = self.depth.bids if is_bid else self.depth.asks
        return side[0][0] if side else None

    def both(self) -> tuple[int, int]:
        """Best bid and ask. Raises Refusal when a side is empty."""
        bid, ask = self.best(True), self.best(False)
        if bid is None or ask is None:
            raise Refusal(NO_BOOK, 404)
        return bid, ask


def book_row(book: Shown) -> Json:
    """Both sides with the best level last, every number a string."""
    row = {
        "market": book.market.condition_id,
        "asset_id": book.token_id,
        "timestamp": str(int(book.snapshot.now_s * 1000)),
        "hash": "",
        "bids": [_level(book.market, *level) for level in reversed(book.depth.bids)],
        "asks": [_level(book.market, *level) for level in reversed(book.depth.asks)],
        "min_order_size": "5",
        "tick_size": _price_text(book.market, book.market.tick_millis * 10),
        "neg_risk": book.market.neg_risk,
        "last_trade_price": _last_price(book),
    }
    return row | {"hash": _hash(row)}


def changes_between(before: Shown, now: Shown) -> Json | None:
    """The levels whose size differs, as the market channel says them. None: nothing changed."""
    sides = (("BUY", before.depth.bids, now.depth.bids), ("SELL", before.depth.asks, now.depth.asks))
    changed = [(side, *level) for side, old, new in sides for level in _changed(dict(old), dict(new))]
    if not changed:
        return None
    digest, (bid, ask) = book_row(now)["hash"], level_texts(now)
    rows = [
        {"asset_id": now.token_id, **_level(now.market, price, shares), "side": side, "hash": digest, "best_bid": bid, "best_ask": ask}
        for side, price, shares in changed
    ]
    return {
        "event_type": "price_change",
        "market": now.market.condition_id,
        "price_changes": rows,
        "timestamp": str(int(now.snapshot.now_s * 1000)),
    }


def _changed(old: dict[int, int], new: dict[int, int]) -> list[tuple[int, int]]:
    return [(price, new.get(price, 0)) for price in sorted(old.keys() | new.keys()) if old.get(price) != new.get(price)]


def level_texts(book: Shown) -> tuple[str, str]:
    """Best bid and ask as written; empty where there is none."""
    bid, ask = (book.best(is_bid) for is_bid in (True, False))
    return "" if bid is None else _price_text(book.market, bid), "" if ask is None else _price_text(book.market, ask)


def last_trade_row(trade: ExchangeTrade) -> Json:
    return {
        "event_type": "last_trade_price",
        "market": trade.market.condition_id,
        "asset_id": trade.token_id,
        "fee_rate_bps": "0",
        "price": _price_text(trade.market, trade.price),
        "side": "BUY" if trade.is_buy else "SELL",
        "size": decimal_text(trade.shares),
        "timestamp": str(int(trade.matched_s * 1000)),
    }


def midpoint(book: Shown) -> Json:
    bid, ask = book.both()
    return {"mid": f"{(bid + ask) / 2 / WHOLE:.4f}".rstrip("0")}


def spread(book: Shown) -> Json:
    bid, ask = book.both()
    return {"spread": _price_text(book.market, ask - bid)}


def price(book: Shown, side: str) -> str:
    """The best price *on* the named side of the book: BUY answers the best bid."""
    if side.upper() not in ("BUY", "SELL"):
        raise Refusal("Invalid side")
    found = book.best(side.upper() == "BUY")
    if found is None:
        raise Refusal(NO_BOOK, 404)
    return _price_text(book.market, found)


def last_trade(book: Shown) -> Json:
    last = _last_world_trade(book.snapshot, book.market)
    side = "" if last is None else "BUY" if last.is_buy else "SELL"
    if book.last and (last is None or book.last.at_s >= last.at_s):
        side = book.last.side
    return {"price": _last_price(book) or "0.5", "side": side}


def _last_row(book: Shown) -> Json:
    return {"token_id": book.token_id, **last_trade(book)}


def _prices(wanted: list[tuple[Json, Shown]]) -> Json:
    found: dict[str, Json] = defaultdict(dict)
    for item, book in wanted:
        side = str(item.get("side", "")).upper()
        found[book.token_id][side] = price(book, side)
    return found


def _by_token(snapshot: Snapshot, token_id: str) -> Json:
    token = snapshot.token(token_id)
    if token is None:
        raise Refusal("market not found", 404)
    return {
        "condition_id": token[0].condition_id,
        "primary_token_id": token[0].token_ids[0],
        "secondary_token_id": token[0].token_ids[1],
    }


def market_row(snapshot: Snapshot, market: Market) -> Json:
    resolved = market.resolved_at(snapshot.now_s)
    tokens = [
        {
            "token_id": token_id,
            "outcome": market.outcomes[outcome],
            "price": round(price_at(market, outcome, snapshot.now_s), 4),
            "winner": resolved and outcome == market.winner,
        }
        for outcome, token_id in enumerate(market.token_ids)
    ]
    return {
        "enable_order_book": not resolved,
        "active": True,
        "closed": resolved,
        "archived": False,
        "accepting_orders": market.open_at(snapshot.now_s),
        "accepting_order_timestamp": utc(int(market.opens_s)),
        "minimum_order_size": 5,
        "minimum_tick_size": market.tick_millis / 1000,
        "condition_id": market.condition_id,
        "question_id": market.question_id,
        "question": market.question,
        "description": market.question,
        "market_slug": market.slug,
        "end_date_iso": utc(int(market.closes_s)),
        "game_start_time": None,
        "seconds_delay": 0,
        "fpmm": "",
        "maker_base_fee": 1000,
        "taker_base_fee": 1000,
        "notifications_enabled": True,
        "neg_risk": market.neg_risk,
        "neg_risk_market_id": market.event.neg_risk_market_id,
        "neg_risk_request_id": "",
        "icon": "",
        "image": "",
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "is_50_50_outcome": False,
        "tokens": tokens,
        "tags": [market.category.label],
    }


def terms_row(market: Market) -> Json:
    """What trading here costs and allows. `fd` is the fee that is charged; the base fees are not."""
    return {
        "gst": None,
        "r": {},
        "t": [{"t": token_id, "o": outcome} for token_id, outcome in zip(market.token_ids, market.outcomes, strict=True)],
        "mos": 5,
        "mts": market.tick_millis / 1000,
        "mbf": 1000,
        "tbf": 1000,
        "rfqe": False,
        "ibce": False,
        "nr": market.neg_risk,
        "fd": {"r": market.category.fee_rate, "e": 1, "to": True},
        "oas": 0,
    }


def _level(market: Market, price: int, shares: int) -> Json:
    text = f"{shares // _UNIT}.{shares % _UNIT:06d}"
    return {"price": _price_text(market, price), "size": text[:-4] + text[-4:].rstrip("0")}


def _price_text(market: Market, price: int) -> str:
    """As many decimals as the tick has."""
    return f"{price / WHOLE:.{2 if market.tick_millis == 10 else 3}f}"


def _last_world_trade(snapshot: Snapshot, market: Market) -> Trade | None:
    return next((trade for _, trade in snapshot.trades(snapshot.market_sequences(market)) if trade.is_taker), None)


def _last_price(book: Shown) -> str:
    """Of the market's first outcome, whichever token was asked for; empty before the first trade."""
    last, market = _last_world_trade(book.snapshot, book.market), book.market
    if book.last and (last is None or book.last.at_s >= last.at_s):
        return _price_text(market, book.last.price)
    if last is None:
        return ""
    return _price_text(market, 10 * (last.price_millis if last.outcome == 0 else 1000 - last.price_millis))


def _hash(row: Json) -> str:
    """Source: py_clob_client 0.34.6, generate_orderbook_summary_hash: SHA-1 of the row with an empty hash."""
    return hashlib.sha1(json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode(), usedforsecurity=False).hexdigest()


def _wanted(body: bytes) -> list[Json]:
    """A list of {"token_id": ...}."""
    wanted = read_json(body, "Invalid payload")
    if not isinstance(wanted, list) or not all(isinstance(item, dict) and "token_id" in item for item in wanted):
        raise Refusal("Invalid payload")
    if len(wanted) > _MOST_BOOKS:
        raise Refusal("Payload exceeds the limit")
    return wanted


def _token(snapshot: Snapshot, request: Request) -> tuple[Market, int]:
    token = snapshot.token(request.query_params.get("token_id", ""))
    if token is None:
        raise Refusal("market not found", 404)
    return token


def _find_book(exchange: Exchange, snapshot: Snapshot, token_id: str) -> Shown:
    token = snapshot.token(token_id)
    if token is None or not token[0].open_at(snapshot.now_s):
        raise Refusal(NO_BOOK, 404)
    return Shown(exchange, snapshot, *token)


def _market(snapshot: Snapshot, request: Request) -> Market:
    market = snapshot.market(request.path_params["condition_id"])
    if market is None:
        raise Refusal("market not found", 404)
    return market
