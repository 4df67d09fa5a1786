"""Recorded order books: what buying for 10, 100 and 1,000 USD at once cost above the middle, one row per book and size."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from domain.profiling.book_costs import Levels, cost_or_thin
from domain.profiling.spreads import SIZES

NAME = "pm_orderbooks"
EVERY_S = 15
BIDS, ASKS = ("bid", "BUY"), ("ask", "SELL")  # as the recorder wrote them until, and from, July 2025


@dataclass(frozen=True, slots=True)
class RecordedBook:
    """Best level first on either side. When the market is to end, where the recording says so."""

    category: str
    market: str
    taken_at: datetime
    ends_at: datetime | None
    bids: Levels
    asks: Levels


def book_costs(directory: Path) -> pl.DataFrame:
    """category, market, taken_at, to_end_s, price (the middle), notional, cost."""
    return pl.DataFrame([row for book in _books(directory) for row in _costs(book)], infer_schema_length=None)


def _books(directory: Path) -> Iterator[RecordedBook]:
    yield from _ladders(directory)
    for name in sorted(path.name for path in directory.glob("mlb_*_events*.parquet")):
        yield from _snapshots(directory / name)


def _costs(book: RecordedBook) -> Iterator[dict[str, Any]]:
    bid, ask = book.bids[0][0], book.asks[0][0]
    if not 0 < bid < ask < 1:
        return
    to_end_s = None if book.ends_at is None else (book.ends_at - book.taken_at).total_seconds()
    for size in SIZES:
        yield {
            "category": book.category,
            "market": book.market,
            "taken_at": book.taken_at,
            "to_end_s": to_end_s,
            "price": (bid + ask) / 2,
            "notional": size,
            "cost": cost_or_thin(book.asks, size, (bid + ask) / 2),
        }


def _ladders(directory: Path) -> Iterator[RecordedBook]:
    """Every fifteenth second of each outcome of the BTC markets."""
    markets = pl.read_parquet(directory / "resolvedkit_btc_markets.parquet").select("market_id", "end_ts")
    books = pl.read_parquet(directory / "resolvedkit_btc_books.parquet").sort("ts")
    slot = (pl.col("ts") // (EVERY_S * 1000)).alias("slot")
    books = books.with_columns(slot).unique(["market_id", "side", "slot"], keep="first", maintain_order=True)
    both = (pl.col("bid_px").list.len() > 0) & (pl.col("ask_px").list.len() > 0)
    for row in books.filter(both).join(markets, on="market_id", maintain_order="left").iter_rows(named=True):
        yield RecordedBook("crypto", row["market_id"], _at(row["ts"]), _at(row["end_ts"]), _levels(row, "bid"), _levels(row, "ask"))


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _levels(row: dict[str, Any], side: str) -> Levels:
    return list(zip(row[f"{side}_px"], row[f"{side}_sz"], strict=True))


def _snapshots(path: Path) -> Iterator[RecordedBook]:
    """Whole books of baseball games; when a game is to end nobody wrote down."""
    events = pl.read_parquet(path).filter((pl.col("event_type") == "book") & (pl.col("size") > 0))
    for (market, _, taken_at), book in events.group_by("market_slug", "asset_id", "ts", maintain_order=True):
        bids, asks = (book.filter(pl.col("side").is_in(words)).sort("price").select("price", "size").rows() for words in (BIDS, ASKS))
        if bids and asks and isinstance(taken_at, datetime):
            yield RecordedBook("sports", str(market), taken_at, None, bids[::-1], asks)
