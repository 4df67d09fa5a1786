"""The marks of what we hold: read by whoever values a position, written by the one step that looks at the books."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from adapters.stores.known_rows import read_known
from adapters.stores.results import Results, Write
from data_contracts import Instrument, Mark, Peak, Position
from data_contracts.frames import schema_of
from domain.copying.book import Book
from domain.copying.ledger import PositionKey, key_of
from domain.copying.marking import MarkedPosition, ends_never, mark_token, peak_of, scale_of, with_marks
from tasks.copying.sound_rows import readable_rows


def read_marked(results: Results, positions: Sequence[Position]) -> list[MarkedPosition]:
    """These positions at the marks on record, with what the ledger keeps of their tokens."""
    if not positions:
        return []
    return with_marks(positions, *_read_marks(results, positions), read_known(results, Instrument, {one.token_id for one in positions}))


def look_at_books(
    positions: Sequence[Position], instruments: Mapping[str, Instrument], books: Mapping[str, Book], results: Results, as_of: datetime
) -> list[MarkedPosition]:
    """These positions at what their books say now. Only what moved is written."""
    marks, peaks = _read_marks(results, positions)
    looked = {
        token_id: mark_token(marks.get(token_id), token_id, books.get(token_id), scale_of(instruments.get(token_id)), as_of)
        for token_id in sorted({position.token_id for position in positions})
        if not _is_waiting(token_id, instruments, books, as_of)
    }
    now = {**marks, **looked}
    tops = {key_of(p): peak_of(p, now[p.token_id].price if p.token_id in now else None, peaks.get(key_of(p))) for p in positions}
    highest = {key: peak for key, peak in tops.items() if peak is not None}
    moved = [mark for token_id, mark in looked.items() if mark != marks.get(token_id)]
    risen = [peak for key, peak in highest.items() if peak != peaks.get(key)]
    results.write([Write(Mark, moved, "put"), Write(Peak, risen, "put")])
    return with_marks(positions, now, highest, instruments)


def marked_frame(positions: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Position rows with `mark_price` and `unrealized_pnl`, for whoever shows them as a frame. `marks`: Mark rows."""
    prices = marks.select("token_id", pl.col("price").alias("mark_price"))
    joined = positions.join(prices, on="token_id", how="left", maintain_order="left")
    money = schema_of(Position)["realized_pnl"]
    worth = (pl.col("shares").cast(pl.Float64) * pl.col("mark_price").cast(pl.Float64)).round(9)
    return joined.with_columns((worth - pl.col("cost").cast(pl.Float64)).round(9).cast(money).alias("unrealized_pnl"))


def _is_waiting(token_id: str, instruments: Mapping[str, Instrument], books: Mapping[str, Book], as_of: datetime) -> bool:
    """A market that ended has no book until it is resolved: what it was worth last is what we know.

    Nor has a coin without an end about which nobody could be asked; of one that nobody buys any more the book is there, and empty.
    """
    instrument = instruments.get(token_id)
    if token_id in books or instrument is None:
        return False
    return ends_never(instrument) or (instrument.ends_at is not None and instrument.ends_at <= as_of)


def _read_marks(results: Results, positions: Sequence[Position]) -> tuple[dict[str, Mark], dict[PositionKey, Peak]]:
    token_ids = sorted({position.token_id for position in positions})
    if not token_ids:
        return {}, {}
    marks = {mark.token_id: mark for mark in readable_rows(results, Mark, token_id=token_ids)}
    return marks, {key_of(peak): peak for peak in readable_rows(results, Peak, token_id=token_ids)}
