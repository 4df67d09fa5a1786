"""Columns of a recording in the types of whoever wrote it: read where the meaning is certain, else refused with column, row and cure.

Times are read by their magnitude: seconds, milliseconds, microseconds or nanoseconds since 1970 lie a thousand times apart. **A time
without a zone is taken for UTC**, as every venue and pandas' own `utcnow` write it; another zone is converted. Numbers may be text. A
single cell that cannot be read is empty, and the checks name its row; a column of which nothing can be read is refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import polars.selectors as cs

from adapters.feeds.reading import number
from data_contracts.columns import EARLIEST, LATEST
from data_contracts.errors import Refused

UTC_TIME = pl.Datetime("us", "UTC")
UNITS_A_SECOND = (1, 1_000, 1_000_000, 1_000_000_000)
FIRST_S, LAST_S = EARLIEST.timestamp(), LATEST.timestamp()
HEX = r"^0[xX][0-9a-fA-F]+$"
ZONE = re.compile(r"\s*(?:[+-]00:?00\s*)?(?:UTC|GMT)$")  # as Dune, BigQuery and Go write it
NOTHING = {"", "nan", "nat", "none", "null", "<na>", "n/a"}  # how an empty cell is written where every cell is a text


def with_words(frame: pl.DataFrame) -> pl.DataFrame:
    """pandas' categories as the texts they stand for, and a column in which it had nothing but NaN as empty: that is no number."""
    empty = [name for name in frame.columns if frame.schema[name].is_float() and not frame[name].is_not_nan().any()]
    return frame.with_columns((cs.categorical() | cs.enum()).cast(pl.String)).with_columns(pl.lit(None).alias(name) for name in empty)


def required(frame: pl.DataFrame, names: Mapping[str, str], file: str) -> None:
    """Raises Refused for the first column that is missing; `names` says what each is."""
    for name, what in names.items():
        if name not in frame.columns:
            raise Refused(f"{file}: {name}: there is no such column; add it: {what}")


def with_text(frame: pl.DataFrame, name: str, file: str) -> pl.DataFrame:
    """Whole numbers are written out. Raises Refused for a float: of an id it has kept 16 digits of 77."""
    dtype = frame.schema.get(name)
    if dtype is None or dtype == pl.String:
        return frame
    if dtype.is_nested() or dtype == pl.Binary:
        _refuse(frame, name, file, "is no text: write one text a row")
    if dtype.is_float() or (isinstance(dtype, pl.Decimal) and dtype.scale):
        cure = "write it as text when the file is made (pandas: astype(str) before it becomes a number)"
        _refuse(frame, name, file, f"is a number and has lost the digits of a text: {cure}")
    return frame.with_columns(pl.col(name).cast(pl.String, strict=False))


def with_id(frame: pl.DataFrame, name: str, file: str) -> pl.DataFrame:
    """A text that names something: blanks around it and the capitals of hex digits mean nothing, and `nan` names nothing.

    pandas writes that for each cell it has no text for, and they were all one token, or one leader.
    """
    frame = with_text(frame, name, file)
    if name not in frame.columns:
        return frame
    bare = _without_nothing(frame[name]).str.strip_chars()
    is_hex = pl.col(name).str.contains(HEX)
    lowered = pl.when(is_hex).then(pl.col(name).str.to_lowercase()).otherwise(pl.col(name))
    return frame.with_columns(bare).with_columns(lowered.alias(name))


def with_number(frame: pl.DataFrame, name: str, file: str) -> pl.DataFrame:
    """Exact numbers and floats stay as they are; a text is read."""
    dtype = frame.schema.get(name)
    if dtype == pl.Float32:  # by its shortest digits: as a float of twice the size 0.57 would be 0.5699999928
        return frame.with_columns(pl.col(name).cast(pl.String).cast(pl.Float64))
    if dtype is None or dtype.is_numeric():
        return frame
    if dtype == pl.Null:
        return frame.with_columns(pl.lit(None, pl.Float64()).alias(name))
    return _read(frame, name, file, number, pl.Float64(), "is no number: write 0.4, with a point and without a sign of its currency")


def with_time(frame: pl.DataFrame, name: str, file: str) -> pl.DataFrame:
    """UTC instants, to the microsecond."""
    dtype = frame.schema.get(name)
    if dtype is None or dtype == pl.Null:
        return frame if dtype is None else frame.with_columns(pl.lit(None, UTC_TIME).alias(name))
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return frame.with_columns(pl.col(name).dt.convert_time_zone("UTC").cast(UTC_TIME))
    if isinstance(dtype, pl.Datetime | pl.Date):
        return frame.with_columns(pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    cure = "write seconds since 1970, or 2026-11-03T12:00:00Z"
    if dtype == pl.Float32:
        _refuse(frame, name, file, f"has lost the digits of a time, it may be a minute off: {cure}")
    if dtype.is_numeric():
        return _read(frame, name, file, instant_of_number, UTC_TIME, f"is no time in s, ms, us or ns since 1970: {cure}")
    return _read(frame, name, file, spelt, UTC_TIME, f"is no time: {cure}")


def instant_of_number(value: Any) -> datetime | None:
    """A time in seconds since 1970, or in thousandths, millionths or milliardths of them, whichever lies between 2000 and 2260."""
    since = number(value)
    for units in UNITS_A_SECOND:
        if since is not None and FIRST_S * units <= since < LAST_S * units:
            exact = int(value) if isinstance(value, int) else round(since)
            micros = exact * 1_000_000 // units if units > 1 else round(since * 1_000_000)
            return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    return None


def spelt(text: Any) -> datetime | None:
    """A written time, or a count that was written as text."""
    written = ZONE.sub("Z", str(text).strip())
    try:
        found = datetime.fromisoformat(written)
        if written.isdecimal():
            return instant_of_number(int(text))  # 20261103 is a date to Python, and a count of nothing
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except ValueError:
        return instant_of_number(text)
    except OverflowError:  # the last second of the year 9999, in another zone
        return None


def _read(frame: pl.DataFrame, name: str, file: str, reader: Callable[[Any], Any], dtype: pl.DataType, fault: str) -> pl.DataFrame:
    """The column read cell by cell. Raises Refused when there were values, and none can be read."""
    column = _without_nothing(frame[name])
    found = pl.Series(name, [None if value is None else reader(value) for value in column.to_list()], dtype=dtype)
    if found.null_count() == found.len() and column.null_count() < column.len():
        _refuse(frame.with_columns(column), name, file, fault)
    return frame.with_columns(found)


def _without_nothing(column: pl.Series) -> pl.Series:
    """What is written in place of nothing is nothing: a column of it is as empty as one of nulls."""
    if column.dtype != pl.String:
        return column
    words = column.str.strip_chars().str.to_lowercase()
    return column.set(words.is_in(sorted(NOTHING)), None)


def _refuse(frame: pl.DataFrame, name: str, file: str, fault: str) -> None:
    """Rows are counted from 1."""
    rows = frame[name].is_not_null().arg_true()
    where = f"row {rows[0] + 1}: {frame[name].gather(rows[:1]).to_list()[0]!r}" if rows.len() else "it"
    raise Refused(f"{file}: {name}, {where} {fault}")
