"""Reading records of services that leave fields out, write numbers as text, and put null where a list was."""

from typing import Any

from adapters.feeds.reading import number, whole_number


def part(record: dict[str, Any], name: str) -> dict[str, Any]:
    """A record within a record; empty where it is none."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def amount(value: Any) -> float | None:
    """A number that is not negative."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def count(value: Any) -> int | None:
    """A whole number that is not negative."""
    found = whole_number(value)
    return found if found is not None and found >= 0 else None
