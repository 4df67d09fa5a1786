"""Reading what others wrote, value by value. What cannot be read exactly is empty, for the checks to name, and costs its neighbours nothing.

polars guesses where a value does not fit its column: 1.5 becomes 1 in a column of whole numbers, 1 becomes true. And where it cannot guess,
one value loses the frame: NaN and 1e400 end in a panic (no `Exception`: it would end the process), half an emoji in an encoding error. So
each value is read in Python, where it fails alone, and a frame is built of values that fit.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import polars as pl

LARGEST_INT = 2**63
LONGEST = 10_000  # letters of a text or digits of a number; nothing of a venue's is longer


def frame_from(records: Iterable[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """One row per record. Never raises for a value: whatever is not of its column's type is null."""
    rows = list(records)
    return pl.DataFrame([column_of(name, [row.get(name) for row in rows], dtype) for name, dtype in schema.items()])


def column_of(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    read = reader_of(dtype)
    return pl.Series(name, [None if value is None else read(value) for value in values], dtype=dtype)


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
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


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
        rounded = found.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return None
    return rounded if rounded.adjusted() < precision - scale else None


def decimal(value: Any) -> Decimal | None:
    """Any finite number or text of one, as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = value if isinstance(value, Decimal) else Decimal(value if isinstance(value, int) else str(value)[:LONGEST])
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def instant(value: Any) -> datetime | None:
    """A time with its zone; one without is none. Of texts ISO's, with the short zone some write."""
    if isinstance(value, str):
        spelt = value.strip()
        value = _parsed(spelt + ":00" if spelt[-3:-2] in ("+", "-") and spelt[-2:].isdigit() and "T" in spelt.replace(" ", "T") else spelt)
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
