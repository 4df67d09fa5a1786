"""Recorded order books: what buying for 10, 100 and 1,000 USD at once cost above the middle, one row per book and size."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

NAME = "pm_orderbooks"
SIZES = (10.0, 100.0, 1000.0)
EVERY_S = 15
THIN = 0.5  # USD a share: a book that cannot fill us costs as much as we would lose by staying out
Levels = Sequence[tuple[float, float]]


def book_costs(directory: Path) -> pl.DataFrame:
    """category, market, price (the middle), notional, cost."""
    books = [*_ladders(directory), *_snapshots(directory)]
    rows = [
        {"category": category, "market": market, "price": middle, "notional": size, "cost": cost(asks, size) - middle}
        for category, market, bids, asks in books
        if 0 < bids[0][0] < asks[0][0] < 1
        for middle in [(bids[0][0] + asks[0][0]) / 2]
        for size in SIZES
    ]
    return pl.DataFrame(rows)


def cost(asks: Levels, notional: float) -> float:
    """The average price of so many USD; THIN above the best where there is less."""
    spent = shares = 0.0
    for price, size in asks:
        part = min(notional - spent, price * size)
        spent, shares = spent + part, shares + part / price
        if spent >= notional * 0.999:
            return spent / shares
    return asks[0][0] + THIN


def _ladders(directory: Path) -> Iterator[tuple[str, str, Levels, Levels]]:
    """Every fifteenth second of each outcome of the BTC markets."""
    books = pl.read_parquet(directory / "resolvedkit_btc_books.parquet").sort("ts")
    books = books.with_columns(pl.col("ts") // (EVERY_S * 1000)).unique(["market_id", "side", "ts"], keep="first", maintain_order=True)
    for row in books.filter((pl.col("bid_px").list.len() > 0) & (pl.col("ask_px").list.len() > 0)).iter_rows(named=True):
        yield "crypto", row["market_id"], _levels(row, "bid"), _levels(row, "ask")


def _levels(row: dict[str, Any], side: str) -> Levels:
    return list(zip(row[f"{side}_px"], row[f"{side}_sz"], strict=True))


def _snapshots(directory: Path) -> Iterator[tuple[str, str, Levels, Levels]]:
    """Whole books of baseball games."""
    events = pl.read_parquet(directory / "mlb_2025_06_events_part.parquet").filter((pl.col("event_type") == "book") & (pl.col("size") > 0))
    for (market, _, _), book in events.group_by("market_slug", "asset_id", "ts", maintain_order=True):
        bids, asks = (book.filter(pl.col("side") == side).sort("price") for side in ("bid", "ask"))
        if bids.height and asks.height:
            yield "sports", str(market), bids.select("price", "size").rows()[::-1], asks.select("price", "size").rows()
