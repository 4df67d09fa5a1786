"""How far each stream is safely stored. A watermark moves only in or after the write it stands for."""

from datetime import datetime, timedelta

from adapters.stores.results import Results, Write
from data_contracts import Watermark

SIGNALS = "signals"  # what arrived until then has its verdict
SIGNALS_BEFORE = "signals before"  # the same when the last cycle began
# What shows up later than a source confirms it, or is stored while a cycle judges; what is read twice is stored, and judged, once.
OVERLAP = timedelta(seconds=120)


def trades_of(source: str) -> str:
    """The stream of a source's trades."""
    return f"trades:{source}"


def read_watermark(results: Results, name: str) -> datetime | None:
    """Where the stream stands; None before its first row."""
    rows = results.rows(Watermark, name=name)
    return rows[0].reached_at if rows else None


def move_watermark(name: str, reached_at: datetime) -> Write:
    """The write that moves a watermark."""
    return Write(Watermark, [Watermark(name=name, reached_at=reached_at)], "put")
