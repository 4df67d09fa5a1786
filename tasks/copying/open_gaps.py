"""Gaps that are open, as far as they can be read. One that cannot is left alone: nobody knows from when to when trades are missing."""

from adapters.stores.results import Results
from data_contracts import Gap
from domain.operating.alerts import UnreadableRow
from tasks.copying.sound_rows import sound_rows, unreadable


def read_open_gaps(results: Results) -> tuple[list[Gap], list[UnreadableRow]]:
    """Those that can be read, and what is wrong with the others."""
    sound, broken = sound_rows(results, Gap, closed_at=None)
    return sound, unreadable(Gap, broken)
