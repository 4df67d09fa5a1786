"""JSON of strangers, read strictly: what two readers might understand differently is refused, and said."""

import json
import re
from decimal import Decimal, DecimalException
from typing import Any, NoReturn

MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # of byte order
DEEPEST = 40  # raw transactions of Solana have twelve levels
LONGEST_NUMBER = 60  # digits; a whole number of 256 bits has 78 and is written as text
BLANKS = re.compile(r"[ \t\n\r]*")
HALF_LETTERS = re.compile(r"\\u[dD][89a-fA-F]")


class Malformed(ValueError):
    """What is wrong, in words for whoever sent it."""


def parse(body: bytes) -> Any:
    """The one value of a body. Numbers with a point or an exponent are Decimals, digit by digit. Raises Malformed."""
    text = text_of(body)
    value, end = _value_at(text, _after_blanks(text, 0))
    _refuse_more(text, end)
    return value


def elements(body: bytes) -> list[tuple[Any, str]]:
    """Each element of an array, and the very text it was sent as. Raises Malformed, also for what is no array."""
    text, found = text_of(body), list[tuple[Any, str]]()
    place = _after_blanks(text, 0)
    if text[place] != "[":
        raise Malformed("is no array")
    place = _after_blanks(text, place + 1)
    is_over = text[place : place + 1] == "]"
    while not is_over:
        value, end = _value_at(text, place)
        found.append((value, text[place:end]))
        place = _after_blanks(text, end)
        if text[place : place + 1] not in ("]", ","):
            raise Malformed(f"lacks a comma, or its end, at character {place}")
        is_over = text[place] == "]"
        place = place if is_over else _after_blanks(text, place + 1)
    _refuse_more(text, place + 1)
    return found


def text_of(body: bytes) -> str:
    """Raises Malformed for what is empty, or not UTF-8."""
    if body.startswith(MARKS):
        raise Malformed("begins with a byte order mark: send UTF-8 without one")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"is no UTF-8 at byte {error.start}") from None
    if _after_blanks(text, 0) == len(text):
        raise Malformed("is empty")
    return text


def _value_at(text: str, place: int) -> tuple[Any, int]:
    """The value that begins there, and where it ends."""
    try:
        value, end = _DECODER.raw_decode(text, place)
    except RecursionError:
        raise Malformed(f"is nested deeper than {DEEPEST} levels") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"is no JSON: {error.msg} at character {error.pos}") from None
    _refuse_deep(value)
    if HALF_LETTERS.search(text, place, end):
        _refuse_half_letters(value)
    return value, end


def _refuse_more(text: str, end: int) -> None:
    if (place := _after_blanks(text, end)) < len(text):
        raise Malformed(f"goes on after its end, at character {place}")


def _refuse_deep(value: Any) -> None:
    level, depth = [value], 0
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            raise Malformed(f"is nested deeper than {DEEPEST} levels")
        level = [one for inner in level for one in (inner.values() if isinstance(inner, dict) else inner)]


def _refuse_half_letters(value: Any) -> None:
    r"""Half of a pair, \ud83d without what follows it, is no letter: no store takes it."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise Malformed("holds half of a pair of surrogates, which is no letter") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Malformed(f"says {next(name for name in names if names.count(name) > 1)!a:.100} twice")
    return found


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(_short(text))
    except DecimalException:
        raise Malformed(f"has a number that nobody can count: {text[:40]}") from None


def _whole(text: str) -> int:
    return int(_short(text))


def _short(text: str) -> str:
    if len(text) > LONGEST_NUMBER:
        raise Malformed(f"has a number of {len(text)} letters")
    return text


def _no_number(text: str) -> NoReturn:
    raise Malformed(f"says {text}, which is no number of JSON")


def _after_blanks(text: str, place: int) -> int:
    found = BLANKS.match(text, place)
    return found.end() if found else place


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_int=_whole, parse_constant=_no_number)
