"""A venue's websocket as a hint that somebody traded. It may wake a cycle early and is never the only source: it goes silent unannounced.

Two channels are understood: the CLOB's market channel (`last_trade_price` of the tokens asked for) and the live data service
(`orders_matched` of everybody). Whatever else comes is no hint. Source: https://docs.polymarket.com/developers/CLOB/websocket/market-channel
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from data_contracts.errors import Unavailable

PING_S = 10.0  # the venue closes what has been silent for longer


def hints(url: str, token_ids: Collection[str], ping_s: float = PING_S) -> Iterator[tuple[str, str]]:
    """(token, wallet) of each trade told, the wallet empty where the channel does not say; ("", "") when a ping was due.

    Raises Unavailable when the connection cannot be made or ends.
    """
    try:
        with connect(url, open_timeout=ping_s) as socket:
            for question in _questions(token_ids):
                socket.send(json.dumps(question))
            while True:
                try:
                    yield from traded(socket.recv(timeout=ping_s))
                except TimeoutError:
                    socket.send("PING")
                    yield "", ""
    except (OSError, WebSocketException) as error:
        raise Unavailable(f"{url}: {str(error) or type(error).__name__}") from error


def traded(frame: str | bytes) -> Iterator[tuple[str, str]]:
    """The trades a frame tells of: a list of messages, one message, or a PONG."""
    try:
        told = json.loads(frame)
    except ValueError:
        return
    for message in told if isinstance(told, list) else [told]:
        if isinstance(message, dict):
            yield from _of_message(message)


def _of_message(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if message.get("event_type") == "last_trade_price" and message.get("asset_id"):
        yield str(message["asset_id"]), ""
    payload = message.get("payload")
    if message.get("type") == "orders_matched" and isinstance(payload, dict) and payload.get("asset"):
        yield str(payload["asset"]), str(payload.get("proxyWallet") or "").lower()


def _questions(token_ids: Collection[str]) -> Iterator[dict[str, Any]]:
    """Each channel takes its own and passes over the other's."""
    yield {"type": "market", "assets_ids": sorted(token_ids)}
    yield {"action": "subscribe", "subscriptions": [{"topic": "activity", "type": "orders_matched"}]}
