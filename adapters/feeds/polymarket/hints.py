"""A venue's websocket as a hint that somebody traded. It may wake a cycle early and is never the only source: it goes silent unannounced.

Two channels are understood: the CLOB's market channel (`last_trade_price` of the tokens asked for) and the live data service
(`orders_matched` of everybody). Whatever else comes is no hint. Source: https://docs.polymarket.com/developers/CLOB/websocket/market-channel
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from adapters.sockets import PING_S, frames


def hints(url: str, token_ids: Collection[str], ping_s: float = PING_S) -> Iterator[tuple[str, str]]:
    """(token, wallet) of each trade told, the wallet empty where the channel does not say; ("", "") when a ping was due.

    Raises Unavailable when the connection cannot be made or ends.
    """
    for frame in frames(url, _questions(token_ids), ping_s):
        if frame is None:
            yield "", ""
        else:
            yield from traded(frame)


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
