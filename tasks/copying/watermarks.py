"""How far each stream is safely stored. A watermark moves only in or after the write it stands for."""

from collections.abc import Collection
from datetime import datetime, timedelta

from adapters.stores.results import Results, Write
from data_contracts import Watermark
from data_contracts.columns import EARLIEST, LATEST
from tasks.copying.sound_rows import readable_rows, set_broken_aside, sound_rows

SIGNALS = "signals"  # what arrived until then has its verdict
SIGNALS_BEFORE = "signals before"  # the same when the last cycle began
MARKS = "marks"  # when we looked last at the books of what we hold
# How far single wallets are known, by their address behind it: what they did by their accounts, who paid them first, who on Polygon.
ACTIVITY_OF, FUNDED_BY, FUNDED_ON_POLYGON = "activity:", "funded by:", "funded on polygon:"
OF_ONE_WALLET = (ACTIVITY_OF, FUNDED_BY, FUNDED_ON_POLYGON)  # too many to be shown one by one
# What shows up later than a source confirms it, or is stored while a cycle judges; what is read twice is stored, and judged, once.
OVERLAP = timedelta(seconds=120)


def trades_of(source: str) -> str:
    """The stream of a source's trades."""
    return f"trades:{source}"


def read_watermark(results: Results, name: str) -> datetime | None:
    """Where the stream stands; None before its first row, and of one that cannot be read."""
    return read_watermarks(results, [name]).get(name)


def read_watermarks(results: Results, names: Collection[str]) -> dict[str, datetime]:
    """The same of several, by name."""
    rows = results.rows(Watermark, name=list(names))
    return {row.name: row.reached_at for row in rows if row.reached_at is not None and EARLIEST <= row.reached_at <= LATEST}


def read_by_wallet(results: Results, stream: str) -> dict[str, datetime]:
    """How far each wallet is known, of one of the streams OF_ONE_WALLET. One that cannot be read is not known."""
    rows = readable_rows(results, Watermark)
    return {row.name.removeprefix(stream): row.reached_at for row in rows if row.name.startswith(stream)}


def is_lost(results: Results, name: str, as_of: datetime) -> bool:
    """Whether that stream has a watermark nobody can read, which is set aside: whoever moves it writes it anew."""
    broken = sound_rows(results, Watermark, name=name)[1]
    if broken:
        set_broken_aside(Watermark, broken, results, as_of)
    return bool(broken)


def move_watermark(name: str, reached_at: datetime) -> Write:
    """The write that moves a watermark."""
    return Write(Watermark, [Watermark(name=name, reached_at=reached_at)], "put")
