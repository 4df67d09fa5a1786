"""What leaders were seen doing, as intents: fills of one transaction, token and side are one, and seen twice it has the same id."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from data_contracts import Side, Trade
from domain.copying.book import Book
from domain.copying.intentions import intentions
from domain.ids import row_id


def intents_of(trades: Iterable[Trade], books: Mapping[str, Book], markets: Collection[str], seen_at: datetime) -> list[dict[str, Any]]:
    """One intent for what a leader did in one transaction, token and side; of these markets only, if any are named."""
    wanted = [trade for trade in trades if not markets or trade.market_id in markets]
    found = intentions(wanted, lambda trade: trade.tx_hash or trade.trade_id)
    return [_intent(one.trade, books.get(one.trade.token_id), seen_at) for one in found]


def _intent(trade: Trade, book: Book | None, seen_at: datetime) -> dict[str, Any]:
    size = {"size_usdc": _number(trade.notional)} if trade.side is Side.BUY else {"size_tokens": _number(trade.shares)}
    return {
        "intent_id": row_id("observed", trade.tx_hash or trade.trade_id, trade.wallet, trade.token_id, trade.side),
        "timestamp": trade.traded_at.isoformat(),
        "source_trader": trade.wallet,
        "market_id": trade.market_id,
        "outcome": trade.outcome,
        "side": trade.side.value,
        **size,
        "metadata": _metadata(trade, book, seen_at),
    }


def _metadata(trade: Trade, book: Book | None, seen_at: datetime) -> dict[str, Any]:
    latency_ms = max(0, int((seen_at - trade.traded_at).total_seconds() * 1000))
    best = {"best_bid": book.best(Side.SELL), "best_ask": book.best(Side.BUY)} if book else {}
    said = {"price": trade.price, **best, "detection_latency_ms": latency_ms, "source_tx_hash": trade.tx_hash or None}
    return {name: _number(value) if isinstance(value, Decimal) else value for name, value in said.items() if value is not None}


def _number(value: Decimal) -> float:
    """The shortest JSON number: sixteen digits are more than a size or a price has."""
    return float(value)


class Remembered:
    """The ids of what was told already, for as long as it may be seen again."""

    def __init__(self, most: int = 10_000) -> None:
        self._most, self._ids = most, dict[str, None]()

    def new(self, intents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that were not told."""
        return [intent for intent in intents if intent["intent_id"] not in self._ids]

    def told(self, intent: Mapping[str, Any]) -> None:
        self._ids[intent["intent_id"]] = None
        if len(self._ids) > self._most:
            del self._ids[next(iter(self._ids))]
