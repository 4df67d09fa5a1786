"""Values that a JSON schema allows, and the same with something wrong: what a stranger who read our description might post."""

import json
from datetime import UTC
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

Schema = dict[str, Any]
SPLINTERS = [
    b"",
    b"\x00",
    b"\xff",
    b"NaN",
    b"1e999",
    b"-0",
    b"9" * 70,
    b'"',
    b"\\ud83d",
    b"\\u0000",
    b"[" * 50,
    b"{",
    b"}",
    b",",
    b"null",
    b"0",
]
# Summer time, half and quarter hours. Hypothesis would list all zones of the world on this disk for each value drawn.
ZONES = st.sampled_from([UTC, *map(ZoneInfo, ("America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"))])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def allowed(schema: Schema, parts: Schema) -> st.SearchStrategy[Any]:
    """Values of a schema; `parts` are those it refers to by name."""
    if "$ref" in schema:
        return allowed(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return st.one_of([allowed(one, parts) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = {"object": _objects, "array": _arrays, "string": _texts, "number": _numbers, "integer": _wholes}
    return kinds[schema["type"]](schema, parts) if schema.get("type") in kinds else st.none()


def _objects(schema: Schema, parts: Schema) -> st.SearchStrategy[Any]:
    fields = {name: allowed(one, parts) for name, one in schema.get("properties", {}).items()}
    required = {name: values for name, values in fields.items() if name in schema.get("required", ())}
    found = st.fixed_dictionaries(required, optional={name: values for name, values in fields.items() if name not in required})
    if schema.get("additionalProperties") is not True:
        return found
    return st.builds(lambda more, known: more | known, st.dictionaries(TEXT, JUNK, max_size=2), found)


def _arrays(schema: Schema, parts: Schema) -> st.SearchStrategy[Any]:
    return st.lists(allowed(schema["items"], parts), max_size=4)


def _texts(schema: Schema, parts: Schema) -> st.SearchStrategy[Any]:
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=ZONES).map(lambda at: at.isoformat())
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 40))


def _numbers(schema: Schema, parts: Schema) -> st.SearchStrategy[Any]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -1e300))
    return st.floats(low, schema.get("maximum", 1e300), exclude_min="exclusiveMinimum" in schema)


def _wholes(schema: Schema, parts: Schema) -> st.SearchStrategy[Any]:
    return st.integers(schema.get("minimum", -(2**63)), schema.get("maximum", 2**63))


@st.composite
def bodies(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> bytes:
    """One of these values, the same with one thing changed in it, or with its bytes spoilt."""
    value = draw(values)
    if draw(st.booleans()):
        value = _spoilt(draw, value)
    body = json.dumps(value, ensure_ascii=draw(st.booleans())).encode()
    return _torn(draw, body) if draw(st.integers(0, 3)) == 0 else body


def _spoilt(draw: st.DrawFn, value: Any) -> Any:
    """One field less, one more, or another value in its place, at some depth."""
    if isinstance(value, list) and value:
        place = draw(st.integers(0, len(value) - 1))
        return [_spoilt(draw, one) if number == place else one for number, one in enumerate(value)]
    if not isinstance(value, dict) or not value:
        return draw(JUNK)
    name = draw(st.sampled_from(sorted(value)))
    match draw(st.integers(0, 3)):
        case 0:
            return {key: one for key, one in value.items() if key != name}
        case 1:
            return value | {draw(TEXT): draw(JUNK)}
        case 2:
            return value | {name: draw(JUNK)}
    return value | {name: _spoilt(draw, value[name])}


def _torn(draw: st.DrawFn, body: bytes) -> bytes:
    return torn(body, Random(draw(st.integers(0, 2**32))))


def torn(body: bytes, random: Random) -> bytes:
    """A part of it taken out, and something else put there."""
    start, end = sorted((random.randint(0, len(body)), random.randint(0, len(body))))
    end = random.choice([start, start + 1, end])
    return body[:start] + random.choice([*SPLINTERS, body[start:end] * 2, body]) + body[end:]
