"""Reading what others wrote, value by value. What cannot be read exactly is empty, for the checks to name; its neighbours stand.

polars guesses where a value does not fit its column: 1.5 becomes 1 in a column of whole numbers, 1 becomes true. And where it cannot guess,
one value loses the frame: NaN and 1e400 end in a panic (no `Exception`: it would end the process), half an emoji in an encoding error. So
each value is read in Python, where it fails alone, and a frame is built of values that fit.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import cache, partial
from typing import Any

import polars as pl

from data_contracts.errors import Unavailable
from data_contracts.frames import series_of, with_notes

LARGEST_INT = 2**63
NUMBER = re.compile(r"[+-]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][+-]?\d{1,4})?", re.ASCII)
EVERY_DIGIT = Context(prec=80)  # Python's own 28 would refuse 5e12 shares with eighteen decimals
LONGEST = 10_000  # letters of a text or digits of a number; nothing of a venue's is longer


def frame_from(records: Iterable[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """One row per record. Never raises for a value: whatever is not of its column's type is null."""
    rows = list(records)
    return frame_of_columns({name: [row.get(name) for row in rows] for name in schema}, schema)


def frame_of_columns(columns: Mapping[str, Sequence[Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The same of values by column. What came in place of what is null stands in a column of its own."""
    return with_notes(pl.DataFrame([column_of(name, columns[name], dtype) for name, dtype in schema.items()]), columns)


def records_in(told: Any) -> list[dict[str, Any]]:
    """What is no record has none of its fields: the checks name it, and the others stand. Raises Unavailable for what is no list."""
    if told is not None and not isinstance(told, list):
        raise Unavailable(f"an answer of another shape, no list of records: {str(told)[:200]!r}")
    return [row if isinstance(row, dict) else {} for row in told or []]


def column_of(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    read = reader_of(dtype)
    return series_of(name, dtype, [None if value is None else read(value) for value in values])


def reader_of(dtype: pl.DataType) -> Callable[[Any], Any]:
    """What reads a value for a column of this type."""
    if isinstance(dtype, pl.Decimal):
        return partial(exact_number, precision=dtype.precision or 38, scale=dtype.scale)
    readers: dict[type[pl.DataType], Callable[[Any], Any]] = {
        pl.String: text,
        pl.Float64: number,
        pl.Int64: whole_number,
        pl.Boolean: truth,
        pl.Datetime: instant,
    }
    return readers[type(dtype)]


def text(value: Any) -> str | None:
    """A text that every store can hold; a number in its place is no text, it may have lost digits on its way."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can say it, UTF-8 cannot
        return None
    return value


def number(value: Any) -> float | None:
    """A finite number, or a text of one."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    found = decimal(value)
    as_float = None if found is None else float(found)
    return as_float if as_float is not None and math.isfinite(as_float) else None


def whole_number(value: Any) -> int | None:
    """1.0 is one; 1.5 is none."""
    found = decimal(value)
    if found is None or found != found.to_integral_value() or abs(found) >= LARGEST_INT:
        return None
    return int(found)


def exact_number(value: Any, precision: int, scale: int) -> Decimal | None:
    """With at most the column's digits; more behind the point are rounded, more before it do not fit."""
    found = decimal(value)
    if found is None:
        return None
    try:
        rounded = found.quantize(_unit(scale), context=EVERY_DIGIT)
    except InvalidOperation:
        return None
    return rounded if rounded.adjusted() < precision - scale else None


@cache
def _unit(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)


def decimal(value: Any) -> Decimal | None:
    """Any finite number or text of one, as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, str):
        return Decimal(value.strip()) if len(value) < LONGEST and NUMBER.fullmatch(value.strip()) else None
    found = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    return found if found.is_finite() else None


def truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def instant(value: Any) -> datetime | None:
    """A time with its zone; one without is none. Of texts ISO's."""
    if isinstance(value, str):
        value = _parsed(value.strip())
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def _parsed(spelt: str) -> datetime | None:
    try:
        return datetime.fromisoformat(spelt)
    except ValueError:
        return None
