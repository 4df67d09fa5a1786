"""The venue's websockets: what happens to a user's orders, and what happens to books.

Source: https://docs.polymarket.com/developers/CLOB/websocket/wss-overview; polymarket-client 0.14.0, streams.clob"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.clob_api import Shown, book_row, changes_between, last_trade_row, level_texts
from sandbox.exchange.auth import Key
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.orders import Order, Trade
from sandbox.exchange.rows import user_order_row, user_trade_row
from sandbox.markets import Market
from sandbox.wire import Json
from sandbox.world import Snapshot

_MOST_WAITING = 1_000  # messages for one socket; a reader that is slower than that is hung up on
_TICK_S = 0.1
_PING, _PONG = "PING", "PONG"


class Line:
    """One open socket: what it asked for and what waits to be sent."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.waiting: asyncio.Queue[Any] = asyncio.Queue(_MOST_WAITING)
        self.key: Key | None = None
        self.markets: set[str] | None = None  # of a user line; None: all
        self.tokens: dict[str, Shown] = {}  # of a market line, with the book it was last told
        self.custom = False
        self.told: set[str] = set()  # conditions whose end was told

    def say(self, message: Any) -> None:
        with suppress(asyncio.QueueFull):
            self.waiting.put_nowait(message)


class Channels:
    """Wakes every tenth of a second for what time does, and says at once what the exchange does."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._users: set[Line] = set()
        self._readers: set[Line] = set()
        self._newest = max((market.number for market in exchange.advance().markets()), default=0)
        exchange.listeners.append(self._heard)

    def routes(self) -> list[WebSocketRoute]:
        return [WebSocketRoute("/ws/user", self._user), WebSocketRoute("/ws/market", self._market)]

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_TICK_S)
            if self._users or self._readers:
                snapshot = self._exchange.advance()
                self._tell_new_markets(snapshot)
                self._tell_books()

    async def drop(self) -> None:
        """As when the venue restarts: every open socket is closed."""
        for line in [*self._users, *self._readers]:
            await line.socket.close(1012)

    async def _user(self, socket: WebSocket) -> None:
        await self._serve(socket, self._users, self._user_frame)

    async def _market(self, socket: WebSocket) -> None:
        await self._serve(socket, self._readers, self._market_frame)

    async def _serve(self, socket: WebSocket, lines: set[Line], heard: Callable[[Line, Json], Awaitable[None] | None]) -> None:
        await socket.accept()
        line = Line(socket)
        speaking = asyncio.create_task(_speak(line))
        lines.add(line)
        try:
            while True:
                text = await socket.receive_text()
                if text == _PING:
                    line.say(_PONG)
                elif (found := heard(line, json.loads(text))) is not None:
                    await found
        except (WebSocketDisconnect, ValueError):
            """Gone, or no JSON: either way the line is closed."""
        finally:
            lines.discard(line)
            speaking.cancel()

    def _user_frame(self, line: Line, frame: Json) -> Awaitable[None] | None:
        auth = frame.get("auth")
        if auth is not None:
            line.key = self._exchange.keys.opened_with(*(str(auth.get(name, "")) for name in ("apiKey", "secret", "passphrase")))
            line.markets = set(frame["markets"]) if frame.get("markets") else None
            return None if line.key else line.socket.close(1008)
        if line.markets is not None:
            change = line.markets.difference_update if frame.get("operation") == "unsubscribe" else line.markets.update
            change(frame.get("markets", []))
        return None

    def _market_frame(self, line: Line, frame: Json) -> None:
        line.custom = bool(frame.get("custom_feature_enabled", line.custom))
        tokens = [str(token_id) for token_id in frame.get("assets_ids", [])]
        if frame.get("operation") == "unsubscribe":
            for token_id in tokens:
                line.tokens.pop(token_id, None)
            return
        shown = [self._look_at(token_id) for token_id in tokens if token_id not in line.tokens]
        line.tokens.update({book.token_id: book for book in shown if book})
        line.say([book_row(book) | {"event_type": "book"} for book in shown if book])

    def _look_at(self, token_id: str) -> Shown | None:
        snapshot = self._exchange.advance()
        token = snapshot.token(token_id)
        return Shown(self._exchange, snapshot, *token) if token else None

    # -- what is said -------------------------------------------------------------------------------------------------

    def _heard(self, what: str, subject: Order | Trade) -> None:
        if isinstance(subject, Order):
            self._tell_user(subject.login, subject.market, user_order_row(subject, self._exchange.clock()))
            return
        for order in {order.login: order for order in subject.orders}.values():
            self._tell_user(order.login, subject.market, user_trade_row(subject, order.login, order.posted.owner))
        if what == "matched":
            for line in self._readers:
                if subject.token_id in line.tokens:
                    line.say(last_trade_row(subject))

    def _tell_user(self, login: str, market: Market, row: Json) -> None:
        for line in self._users:
            if line.key and line.key.address == login and (line.markets is None or market.condition_id in line.markets):
                line.say(row)

    def _tell_new_markets(self, snapshot: Snapshot) -> None:
        for market in snapshot.markets(self._newest):
            self._newest = market.number
            for line in (line for line in self._readers if line.custom):
                line.say(opened_row(market, snapshot.now_s))

    def _tell_books(self) -> None:
        """Each token's changes since it was last told. A level that is gone has the size 0."""
        for line in self._readers:
            for token_id, before in list(line.tokens.items()):
                now = self._look_at(token_id)
                if now is None:
                    continue
                line.tokens[token_id] = now
                for message in self._news(line, before, now):
                    line.say(message)

    def _news(self, line: Line, before: Shown, now: Shown) -> list[Json]:
        news = [changes] if (changes := changes_between(before, now)) else []
        if not line.custom:
            return news
        if (before.best(True), before.best(False)) != (now.best(True), now.best(False)):
            news.append(best_row(now))
        if now.market.resolved_at(now.snapshot.now_s) and now.market.condition_id not in line.told:
            line.told.add(now.market.condition_id)
            news.append(resolved_row(now))
        return news


async def _speak(line: Line) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            message = await line.waiting.get()
            await line.socket.send_text(message if isinstance(message, str) else json.dumps(message))
            if line.waiting.full():
                await line.socket.close(1013)


def best_row(book: Shown) -> Json:
    bid, ask = level_texts(book)
    return {
        "event_type": "best_bid_ask",
        "market": book.market.condition_id,
        "asset_id": book.token_id,
        "best_bid": bid,
        "best_ask": ask,
        "spread": f"{float(ask or 0) - float(bid or 0):.4f}".rstrip("0") if bid and ask else "",
        "timestamp": str(int(book.snapshot.now_s * 1000)),
    }


def opened_row(market: Market, now_s: float) -> Json:
    event = market.event
    return {
        "event_type": "new_market",
        "id": str(market.number),
        "question": market.question,
        "market": market.condition_id,
        "slug": market.slug,
        "description": market.question,
        "assets_ids": list(market.token_ids),
        "outcomes": list(market.outcomes),
        "event_message": {
            "id": str(event.number),
            "ticker": event.slug,
            "slug": event.slug,
            "title": event.title,
            "description": event.title,
        },
        "timestamp": str(int(now_s * 1000)),
        "tags": [market.category.slug],
        "condition_id": market.condition_id,
        "active": True,
        "clob_token_ids": list(market.token_ids),
        "sports_market_type": "",
        "line": "",
        "game_start_time": "",
        "order_price_min_tick_size": str(market.tick_millis / 1000),
        "group_item_title": "",
    }


def resolved_row(book: Shown) -> Json:
    market = book.market
    return {
        "event_type": "market_resolved",
        "id": str(market.number),
        "market": market.condition_id,
        "assets_ids": list(market.token_ids),
        "winning_asset_id": market.token_ids[market.winner],
        "winning_outcome": market.outcomes[market.winner],
        "timestamp": str(int(book.snapshot.now_s * 1000)),
        "tags": [market.category.slug],
    }
