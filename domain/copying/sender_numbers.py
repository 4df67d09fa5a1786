"""Numbers that senders give what they send, one more each time: which of them never came."""

from collections.abc import Iterable
from itertools import pairwise

Gap = tuple[int, int]  # the first and the last number of it


def missing(numbers: Iterable[int]) -> list[Gap]:
    """Between the lowest and the highest that came; in whatever order, and however often each came."""
    return [(before + 1, after - 1) for before, after in pairwise(sorted(set(numbers))) if after > before + 1]


def count_of(gaps: Iterable[Gap]) -> int:
    """How many numbers they hold."""
    return sum(last - first + 1 for first, last in gaps)


def in_words(gaps: Iterable[Gap]) -> str:
    """17, 21 to 22."""
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in gaps)
