"""What is kept must keep its contract: rows that our checks do not name are rows of their class."""

from typing import Any

import polars as pl

from data_contracts.frames import frame_of, rows_of
from tasks.fast_check import breaches


def sound_rows(frame: pl.DataFrame, row_class: type) -> int:
    """How many rows pass the checks. Raises where one of those is no row after all."""
    bad = {breach.row for breach in breaches(frame, row_class)}
    good = [row for row in range(frame.height) if row not in bad]
    rows: list[Any] = rows_of(frame[good], row_class) if good else []
    assert len(rows) == len(good)
    return len(good)


def insist_on_contract(rows: list[Any], row_class: type) -> None:
    """Of what a store holds nothing may break a rule."""
    found = breaches(frame_of(rows, row_class), row_class) if rows else []
    assert not found, [str(breach) for breach in found[:5]]
