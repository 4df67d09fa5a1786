"""One cell of somebody's table as a value of ours, or what is wrong with it and the cure.

Read where the meaning is certain: `0,45` is a number with a comma, `1,234` may be a thousand or one and a bit and is refused; a float in
place of an id has kept 16 digits of 77.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from adapters.feeds.reading import decimal, exact_number, text
from adapters.feeds.recorded_values import NOTHING, instant_of_number, spelt
from data_contracts.columns import WALLET
from data_contracts.contract import Field
from data_contracts.frames import PRECISION
from domain.wallet_addresses import market_of, wallet_of

COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
Reader = Callable[[Any], Any]


def reader_of(field: Field) -> Reader:
    """What reads a cell of this column. It raises ValueError with the fault and its cure."""
    if field.column.pattern == WALLET:
        return lambda cell: wallet_of(written_text(cell))
    if field.name == "market_id":
        return lambda cell: market_of(written_text(cell))
    if field.kind is Decimal:
        return lambda cell: written_number(cell, field.column.scale)
    if issubclass(field.kind, Enum):
        return lambda cell: written_word(cell, field.kind)
    return {str: written_text, datetime: written_time}[field.kind]


def is_nothing(cell: Any) -> bool:
    """How an empty cell is written."""
    if isinstance(cell, str):
        return cell.strip().lower() in NOTHING
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def written_text(cell: Any) -> str:
    """A whole number is written out. Raises ValueError for a float: it has lost the digits of an id."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    found = text(cell)
    if found is None:
        raise ValueError(
            "is no text that kept all its letters or digits: write it as text (pandas: astype(str) before it becomes a number)"
        )
    return found.strip()


def written_number(cell: Any, scale: int) -> Decimal:
    """A number with a point or a comma, exact to the column's digits."""
    if isinstance(cell, str):
        cell = _with_point(cell.strip())
    if decimal(cell) is None:
        raise ValueError("is no number: write 1234.5, with a point and without a currency")
    found = exact_number(cell, PRECISION, scale)
    if found is None:
        raise ValueError(f"has more than {PRECISION - scale} digits before its point")
    return found


def written_word(cell: Any, vocabulary: type[Enum]) -> str:
    """One of a few words, however its capitals are."""
    words = [str(member.value) for member in vocabulary]
    found = next((word for word in words if word.lower() == str(cell).strip().lower()), None)
    if found is None:
        raise ValueError(f"is none of {', '.join(words)}")
    return found


def written_time(cell: Any) -> datetime:
    """UTC. A time without a zone is taken for UTC, a number for seconds or thousandths, millionths, milliardths of them since 1970."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), UTC)
    found = spelt(cell) if isinstance(cell, str) else instant_of_number(cell)
    if found is None:
        raise ValueError("is no time: write 2026-11-03T12:00:00Z, or seconds since 1970")
    return found


def _with_point(written: str) -> str:
    if THOUSANDS.fullmatch(written):
        raise ValueError(f"may be {written.replace(',', '')} or {written.replace(',', '.')}: write it with a point, or without the comma")
    return written.replace(",", ".") if COMMA.fullmatch(written) else written
