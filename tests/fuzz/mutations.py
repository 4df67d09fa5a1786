"""Values of JSON with a few places changed, and texts with a part torn out: what a stranger or a bug makes of what was sound."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, -0.0, 1e-320, 1e308, float("nan"), float("inf"), 2**31, 2**53 + 1, 2**63, 2**64, -(2**63), 10**400,
    "", " ", "0", "-1", "1e999", "NaN", "null", "0x", "0x" + "g" * 40, "é", "\x00", "\ud83d", "\u202e", "9" * 80, "x" * 20_000, "1,5",
    "2026-11-28T12:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01", [], {}, [[]], [None], {"": None}, {"a": {"b": {"c": []}}}, "BUY", "1",
]  # fmt: skip
SPLINTERS = ["", "\x00", "NaN", "1e999", "-0", "9" * 70, '"', "\\ud83d", "\\u0000", "[" * 50, "{", "}", ",", "null", "\n", "\ufeff", ";"]


def changed(value: Any, random: Random, most: int = 3) -> Any:
    """The same value with one to `most` places of it changed; the value itself stays as it is."""
    for _ in range(random.randint(1, most)):
        value = _changed_within(value, random)
    return value


def _changed_within(value: Any, random: Random) -> Any:
    """Somewhere at or below: at each step down, one in five stops."""
    if not isinstance(value, dict | list) or not value or random.random() < 0.2:
        return _instead(value, random)
    if isinstance(value, list):
        place = random.randrange(len(value))
        return [_changed_within(one, random) if number == place else one for number, one in enumerate(value)]
    name = random.choice(list(value))
    return {key: _changed_within(one, random) if key == name else one for key, one in value.items()}


def _instead(value: Any, random: Random) -> Any:
    """Less of it, more of it, another of its kind, or something else."""
    kinds: dict[type, list[Callable[[Any, Random], Any]]] = {
        dict: [_without, _with_another, _renamed],
        list: [_shorter, _twice, _mixed],
        str: [_torn, _upper, _as_number],
        int: [_nearby, _as_text],
        float: [_nearby, _as_text],
    }
    ways = kinds.get(type(value), [])
    return random.choice(ways)(value, random) if ways and random.random() < 0.6 else random.choice(ODD)


def _without(value: dict[str, Any], random: Random) -> Any:
    gone = random.choice(list(value)) if value else ""
    return {key: one for key, one in value.items() if key != gone}


def _with_another(value: dict[str, Any], random: Random) -> Any:
    return value | {random.choice(["", "extra", "price", "id", "\ud83d"]): random.choice(ODD)}


def _renamed(value: dict[str, Any], random: Random) -> Any:
    name = random.choice(list(value)) if value else ""
    return {(key.upper() if key == name else key): one for key, one in value.items()}


def _shorter(value: list[Any], random: Random) -> Any:
    return value[: random.randint(0, len(value))]


def _twice(value: list[Any], random: Random) -> Any:
    return value + value[:20]


def _mixed(value: list[Any], random: Random) -> Any:
    return [*value[:20], random.choice(ODD)]


def _torn(value: str, random: Random) -> Any:
    return torn(value, random)


def _upper(value: str, random: Random) -> Any:
    return value.upper()


def _as_number(value: str, random: Random) -> Any:
    return len(value)


def _nearby(value: float, random: Random) -> Any:
    by = random.choice([-1, 0, 2, 10, 1_000] if isinstance(value, int) else [-1, 0, 2, 10, 1_000, 0.001])
    return value * by + random.choice([0, 1, -1])


def _as_text(value: float, random: Random) -> Any:
    return str(value)


def torn(text: str, random: Random) -> str:
    """A part of it taken out, and something else put there."""
    start, end = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
    end = random.choice([start, start + 1, end])
    return text[:start] + random.choice([*SPLINTERS, text[start:end] * 2]) + text[end:]


def written(value: Any, random: Random) -> bytes:
    """As JSON, in one spelling or another; one in eight is torn."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.5, separators=random.choice([(",", ":"), (", ", ": ")]))
    text = torn(text, random) if random.random() < 0.125 else text
    return text.encode("utf-8", "surrogatepass")
