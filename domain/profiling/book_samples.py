"""What a visible book says that buying or selling at once costs, as a row to fit spreads from."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import polars as pl

from data_contracts import BookSample, Instrument
from domain.copying.book import Book, Level
from domain.profiling.book_costs import THIN, WHOLE, Levels, average_price
from domain.profiling.spreads import topic_of

SIDES = ("buy", "sell")
NOTIONALS = (10, 100, 1000)  # USD, as the columns say


def samples_of(books: Mapping[str, Book], instruments: Mapping[str, Instrument], taken_at: datetime) -> list[BookSample]:
    """Of every book that somebody bids and offers in, and whose price lies between 0 and 1: all else no spread is fitted to."""
    known = [(instruments[token_id], book) for token_id, book in sorted(books.items()) if token_id in instruments]
    return [_sample(book, instrument, taken_at) for instrument, book in known if _has_a_middle(book, instrument)]


def _has_a_middle(book: Book, instrument: Instrument) -> bool:
    bounded = instrument.highest_price is not None and instrument.highest_price <= 1
    return bounded and bool(book.bids) and bool(book.asks) and 0 < book.bids[0].price < book.asks[0].price < 1


def _sample(book: Book, instrument: Instrument, taken_at: datetime) -> BookSample:
    bid, ask = book.bids[0].price, book.asks[0].price
    middle, left = float(bid + ask) / 2, None if instrument.ends_at is None else (instrument.ends_at - taken_at).total_seconds()
    asks, bids = _levels(book.asks), _levels(book.bids)
    buys = {f"buy_{notional}": _above(average_price(asks, notional), middle) for notional in NOTIONALS}
    sells = {f"sell_{notional}": _above(middle, average_price(bids, notional)) for notional in NOTIONALS}
    return BookSample(
        token_id=book.token_id,
        market_id=instrument.market_id,
        category=topic_of(instrument.category),
        taken_at=taken_at,
        to_end_s=None if left is None or left <= 0 else left,
        bid=bid,
        ask=ask,
        price=(bid + ask) / Decimal(2),
        bid_depth=sum(price * shares for price, shares in bids),
        ask_depth=sum(price * shares for price, shares in asks),
        **buys,
        **sells,
    )


def _levels(levels: Iterable[Level]) -> Levels:
    return [(float(level.price), float(level.shares)) for level in levels]


def _above(price: float | None, other: float | None) -> float | None:
    return None if price is None or other is None else max(0.0, price - other)


def costs_of(samples: pl.DataFrame) -> pl.DataFrame:
    """What `fit_spreads` reads of BookSample rows: a row per book, size and side. What a book could not fill costs as a thin one."""
    named = samples.select(
        "category", pl.col("market_id").alias("market"), "taken_at", "to_end_s", pl.col("price").cast(pl.Float64), *_columns(NOTIONALS)
    )
    best = pl.lit((samples["ask"] - samples["bid"]).cast(pl.Float64) / 2)
    thin = {"buy": pl.min_horizontal(best + THIN, WHOLE - pl.col("price")), "sell": pl.min_horizontal(best + THIN, pl.col("price"))}
    long = [
        named.select(
            "category",
            "market",
            "taken_at",
            "to_end_s",
            "price",
            pl.lit(float(notional)).alias("notional"),
            pl.col(f"{side}_{notional}").fill_null(thin[side]).alias("cost"),
        )
        for notional in NOTIONALS
        for side in SIDES
    ]
    return pl.concat(long).filter(pl.col("cost") > 0)


def _columns(notionals: Collection[int]) -> list[str]:
    return [f"{side}_{notional}" for notional in notionals for side in SIDES]
