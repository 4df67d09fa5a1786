"""Values of the services' JSON, read exactly or refused with their name: an amount that is a float has lost digits already."""

from datetime import UTC, datetime
from typing import Any

LARGEST = 2**64
MOST_SLOTS = 2**44  # with place and swap they make a number of 63 bits
Json = dict[str, Any]


class Fault(ValueError):
    """Why a payload cannot be read."""


def whole(value: Any, name: str) -> int:
    """A JSON number without a point."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= LARGEST:
        raise Fault(f"{name} is no whole number: {value!r:.80}")
    return value


def whole_or_none(value: Any, name: str) -> int | None:
    return None if value is None else whole(value, name)


def slot(value: Any, name: str = "slot") -> int:
    """A block's number, or a place within one: none is below 0, and the chain will not reach such a one in a hundred thousand years."""
    found = whole(value, name)
    if not 0 <= found < MOST_SLOTS:
        raise Fault(f"{name} cannot be: {value!r:.80}")
    return found


def slot_or_none(value: Any, name: str = "slot") -> int | None:
    return None if value is None else slot(value, name)


def digits(value: Any, name: str) -> int:
    """A whole number written as text, as raw token amounts are."""
    if not isinstance(value, str) or not value.removeprefix("-").isdecimal() or not value.isascii() or abs(int(value)) >= LARGEST:
        raise Fault(f"{name} is no raw amount: {value!r:.80}")
    return int(value)


def text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise Fault(f"{name} is missing" if value in (None, "") else f"{name} is no text: {value!r:.80}")
    return value


def text_or_empty(value: Any, name: str) -> str:
    """Of what may be left out."""
    return "" if value in (None, "") else text(value, name)


def table(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise Fault(f"{name} is missing" if value is None else f"{name} is no object: {value!r:.80}")
    return value


def items(value: Any, name: str) -> list[Any]:
    """An array; what is left out or null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Fault(f"{name} is no array: {value!r:.80}")
    return value


def decimals(value: Any, name: str) -> int:
    places = whole(value, name)
    if not 0 <= places <= 255:
        raise Fault(f"{name} is no number of decimals: {places}")
    return places


def instant(value: Any, name: str) -> datetime | None:
    """Seconds of a block."""
    seconds = whole_or_none(value, name)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise Fault(f"{name} is no instant: {seconds}") from None
