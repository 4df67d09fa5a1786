"""Polymarket's CLOB, the public half: order books and what can be read off them. It takes no orders yet.

Source: https://docs.polymarket.com/api-reference/market-data/get-order-book"""

import hashlib
import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deployments.sandbox.books import Level, book_at, midpoint_millis, quote_at
from deployments.sandbox.markets import Market
from deployments.sandbox.positions import price_at
from deployments.sandbox.wire import Clock, Json, utc
from deployments.sandbox.world import Snapshot, World

_MOST_BOOKS = 500


class Missing(Exception):
    """The venue answers 404."""


def clob_routes(world: World, clock: Clock) -> list[Route]:
    def read(path: str, answer: Callable[[Snapshot, Request], object]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(answer(world.at(clock()), request))
            except Missing as error:
                return JSONResponse({"error": str(error)}, status_code=404)

        return Route(path, endpoint)

    async def books(request: Request) -> Response:
        """Those that exist, in no promised order; the others are left out without a word."""
        token_ids = _token_ids(await request.body())
        if token_ids is None or len(token_ids) > _MOST_BOOKS:
            return JSONResponse({"error": "Invalid payload"}, status_code=400)
        snapshot = world.at(clock())
        found = [snapshot.token(token_id) for token_id in token_ids]
        return JSONResponse([book_row(snapshot, *token) for token in found if token and token[0].open_at(snapshot.now_s)])

    return [
        Route("/books", books, methods=["POST"]),
        read("/", lambda snapshot, request: "OK"),
        read("/time", lambda snapshot, request: int(snapshot.now_s)),
        read("/book", lambda snapshot, request: book_row(snapshot, *_trading(snapshot, request))),
        read("/midpoint", lambda snapshot, request: midpoint(snapshot, *_trading(snapshot, request))),
        read("/spread", lambda snapshot, request: spread(snapshot, *_trading(snapshot, request))),
        read("/price", lambda snapshot, request: price(snapshot, request.query_params.get("side", ""), *_trading(snapshot, request))),
        read("/last-trade-price", lambda snapshot, request: last_trade(snapshot, *_token(snapshot, request))),
        read("/tick-size", lambda snapshot, request: {"minimum_tick_size": _token(snapshot, request)[0].tick_millis / 1000}),
        read("/neg-risk", lambda snapshot, request: {"neg_risk": _token(snapshot, request)[0].neg_risk}),
        read("/markets/{condition_id}", lambda snapshot, request: market_row(snapshot, _market(snapshot, request))),
        read("/clob-markets/{condition_id}", lambda snapshot, request: terms_row(_market(snapshot, request))),
    ]


def book_row(snapshot: Snapshot, market: Market, outcome: int) -> Json:
    """Both sides with the best level last, every number a string."""
    book = book_at(market, outcome, snapshot.now_s)
    row = {
        "market": market.condition_id,
        "asset_id": market.token_ids[outcome],
        "timestamp": str(int(snapshot.now_s * 1000)),
        "hash": "",
        "bids": [_level(market, level) for level in reversed(book.bids)],
        "asks": [_level(market, level) for level in reversed(book.asks)],
        "min_order_size": "5",
        "tick_size": _written(market, market.tick_millis),
        "neg_risk": market.neg_risk,
        "last_trade_price": _last_price(snapshot, market),
    }
    return row | {"hash": _hash(row)}


def midpoint(snapshot: Snapshot, market: Market, outcome: int) -> Json:
    return {"mid": f"{midpoint_millis(market, outcome, snapshot.now_s) / 1000:.4f}".rstrip("0")}


def spread(snapshot: Snapshot, market: Market, outcome: int) -> Json:
    quote = quote_at(market, snapshot.now_s)
    return {"spread": _written(market, quote.ask - quote.bid)}


def price(snapshot: Snapshot, side: str, market: Market, outcome: int) -> Json:
    """The best price *on* the named side of the book: BUY answers the best bid."""
    quote = quote_at(market, snapshot.now_s)
    return {"price": _written(market, quote.sell(outcome) if side.upper() == "BUY" else quote.buy(outcome))}


def last_trade(snapshot: Snapshot, market: Market, outcome: int) -> Json:
    last = next((trade for _, trade in snapshot.trades(snapshot.market_sequences(market)) if trade.is_taker), None)
    return {"price": _last_price(snapshot, market) or "0.5", "side": "" if last is None else "BUY" if last.is_buy else "SELL"}


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
        "fd": {"r": market.category.fee_rate, "e": 1, "to": True},
        "oas": 0,
    }


def _level(market: Market, level: Level) -> Json:
    return {"price": _written(market, level.price_millis), "size": f"{level.hundredths / 100:.2f}"}


def _written(market: Market, millis: int) -> str:
    """As many decimals as the tick has."""
    return f"{millis / 1000:.{2 if market.tick_millis == 10 else 3}f}"


def _last_price(snapshot: Snapshot, market: Market) -> str:
    """Of the market's first outcome, whichever token was asked for; empty before the first trade."""
    last = next((trade for _, trade in snapshot.trades(snapshot.market_sequences(market)) if trade.is_taker), None)
    if last is None:
        return ""
    return _written(market, last.price_millis if last.outcome == 0 else 1000 - last.price_millis)


def _hash(row: Json) -> str:
    """Source: py_clob_client 0.34.6, generate_orderbook_summary_hash: SHA-1 of the row with an empty hash."""
    return hashlib.sha1(json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode(), usedforsecurity=False).hexdigest()


def _token_ids(body: bytes) -> list[str] | None:
    """What a list of {"token_id": ...} asks for. None: it is no such list."""
    try:
        return [str(item["token_id"]) for item in json.loads(body)]
    except (ValueError, TypeError, KeyError):
        return None


def _token(snapshot: Snapshot, request: Request) -> tuple[Market, int]:
    token = snapshot.token(request.query_params.get("token_id", ""))
    if token is None:
        raise Missing("market not found")
    return token


def _trading(snapshot: Snapshot, request: Request) -> tuple[Market, int]:
    token = snapshot.token(request.query_params.get("token_id", ""))
    if token is None or not token[0].open_at(snapshot.now_s):
        raise Missing("No orderbook exists for the requested token id")
    return token


def _market(snapshot: Snapshot, request: Request) -> Market:
    market = snapshot.market(request.path_params["condition_id"])
    if market is None:
        raise Missing("market not found")
    return market
