"""Ids are functions of what they name, so that doing a thing twice names it once."""

from collections.abc import Iterable
from hashlib import blake2b


def row_id(*parts: object) -> str:
    """32 hex digits. Parts are joined with a separator no part contains, so ("ab", "c") and ("a", "bc") differ."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def ordinals(keys: Iterable[object]) -> list[int]:
    """How many equal keys stood before each: 0 for the first. Tells equal fills of one transaction apart."""
    seen: dict[object, int] = {}
    counted = []
    for key in keys:
        seen[key] = seen.get(key, -1) + 1
        counted.append(seen[key])
    return counted
