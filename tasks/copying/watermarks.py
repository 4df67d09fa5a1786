"""How far each stream is safely stored. A watermark moves only in or after the write it stands for."""

from datetime import datetime, timedelta

import polars as pl

from adapters.stores.results import Results, Write
from data_contracts import Watermark
from data_contracts.frames import frame_of

TRADES = "trades"  # the copy cycle's: since when it reads on
HISTORY = "history"  # the backfill's: a cycle that ran first must not make it believe that all before is there
SIGNALS = "signals"
OVERLAP = timedelta(seconds=120)  # trades show up late, the venue's lag was about 22 s; what is read twice is stored once


def reached(results: Results, name: str) -> datetime | None:
    """Where the stream stands; None before its first row."""
    rows = results.rows(Watermark, name=name)
    return rows[0].reached_at if rows else None


def moved(name: str, reached_at: datetime) -> Write:
    """The write that moves a watermark."""
    return Write(Watermark, _frame(name, reached_at), "put")


def _frame(name: str, reached_at: datetime) -> pl.DataFrame:
    return frame_of([Watermark(name=name, reached_at=reached_at)], Watermark)
