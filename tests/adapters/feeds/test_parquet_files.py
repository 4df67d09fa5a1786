"""A Parquet file of somebody else's is rows, or refused in one line; whatever is torn in it, the process goes on."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.parquet_files import read_columns, read_parquet
from data_contracts.errors import Refused

ROWS = pl.DataFrame({"wallet": ["a", "b", "a"], "price": [0.4, 0.6, None], "at": [datetime(2026, 11, 3, tzinfo=UTC)] * 3})


def written(place: Path, rows: pl.DataFrame = ROWS) -> Path:
    rows.write_parquet(place / "trades.parquet")
    return place / "trades.parquet"


def test_rows_are_as_they_were_written(tmp_path: Path) -> None:
    there = tmp_path / "day=3"
    there.mkdir()  # a folder's name is no column
    assert read_parquet(written(there)).equals(ROWS)
    assert read_columns(written(there)).equals(ROWS.clear())


def test_any_torn_byte_costs_at_most_that_file(tmp_path: Path) -> None:
    """`replay --recording` died of one: "memory allocation of 2305843009213693952 bytes failed", and the process was aborted."""
    path = written(tmp_path)
    whole = path.read_bytes()
    rows = []
    for offset in range(len(whole)):
        path.write_bytes(whole[:offset] + b"\x01" + whole[offset + 1 :])
        with suppress(Refused):
            read_parquet(path)
            rows.append(offset)
    assert len(rows) < len(whole) * 3 / 4  # the others were refused; 1 is minus one where a count of values stands


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"id,price\n1,2\n"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.parquet").write_bytes(content)
    for read in (read_parquet, read_columns):
        with pytest.raises(Refused, match=r"t\.parquet: it is no Parquet that can be read: \S"):
            read(tmp_path / "t.parquet")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        read_parquet(tmp_path / "t.parquet")
