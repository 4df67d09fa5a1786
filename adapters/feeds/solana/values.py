"""Values of the services' JSON, read exactly or refused with their name: an amount that is a float has lost digits already."""

from datetime import UTC, datetime
from typing import Any

LARGEST = 2**64
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


def digits(value: Any, name: str) -> int:
    """A whole number written as text, as raw token amounts are."""
    if not isinstance(value, str) or not value.removeprefix("-").isdecimal() or not value.isascii() or abs(int(value)) >= LARGEST:
        raise Fault(f"{name} is no raw amount: {value!r:.80}")
    return int(value)


def text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise Fault(f"{name} is missing" if value in (None, "") else f"{name} is no text: {value!r:.80}")
    return value


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
