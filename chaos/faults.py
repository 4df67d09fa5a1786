"""What may go wrong with a call, and whom it is fair to do that to. Pure: which fault a call gets is drawn elsewhere, by a seed."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Of one call over HTTP. What says `after` lets it happen first."""

    TOO_MANY = "429"
    TOO_MANY_UNTIL = "429 with Retry-After"
    ERROR = "500"
    UNAVAILABLE_UNTIL = "503 with Retry-After"
    GATEWAY_BEFORE = "502 page, before"
    GATEWAY_AFTER = "502 page, after"
    RESET_BEFORE = "reset, before"
    RESET_AFTER = "reset, after"
    SILENCE_BEFORE = "silence, before"
    SILENCE_AFTER = "silence, after"
    SLOW_DRIP = "slow drip"
    HALF_ANSWER = "half an answer"
    HALF_JSON = "half of its JSON"
    WRONG_TYPE = "a page in place of JSON"


FRONT_DOOR = tuple(Fault)  # what a venue's front door does
# A store or an inbox of ours has no front door: what comes is whole or breaks off.
OWN_SERVER = (
    Fault.ERROR,
    Fault.UNAVAILABLE_UNTIL,
    Fault.RESET_BEFORE,
    Fault.RESET_AFTER,
    Fault.SILENCE_AFTER,
    Fault.SLOW_DRIP,
    Fault.HALF_ANSWER,
)
HAPPENS = frozenset(
    {Fault.GATEWAY_AFTER, Fault.RESET_AFTER, Fault.SILENCE_AFTER, Fault.SLOW_DRIP, Fault.HALF_ANSWER, Fault.HALF_JSON, Fault.WRONG_TYPE}
)
PAGE = b"<html><head><title>Bad gateway</title></head><body>cloudfront</body></html>"
RETRY_AFTER_S = 1


@dataclass(frozen=True)
class Whole:
    """An answer of HTTP, read to its end: everything before the body, and the body."""

    head: bytes
    body: bytes

    @property
    def text(self) -> bytes:
        return self.head + self.body


def refusal(fault: Fault) -> bytes | None:
    """The answer that is given in place of the true one; None where that is sent, or nothing."""
    answers = {
        Fault.TOO_MANY: _answer("429 Too Many Requests", b'{"error":"Too Many Requests"}'),
        Fault.TOO_MANY_UNTIL: _answer("429 Too Many Requests", b'{"error":"Too Many Requests"}', f"Retry-After: {RETRY_AFTER_S}\r\n"),
        Fault.ERROR: _answer("500 Internal Server Error", b'{"error":"Internal server error"}'),
        Fault.UNAVAILABLE_UNTIL: _answer("503 Service Unavailable", b'{"error":"try later"}', f"Retry-After: {RETRY_AFTER_S}\r\n"),
        Fault.GATEWAY_BEFORE: _answer("502 Bad Gateway", PAGE, kind="text/html"),
        Fault.GATEWAY_AFTER: _answer("502 Bad Gateway", PAGE, kind="text/html"),
        Fault.WRONG_TYPE: _answer("200 OK", PAGE, kind="text/html"),
    }
    return answers.get(fault)


def spoiled(fault: Fault, whole: Whole) -> bytes:
    """The true answer, cut. Half an answer breaks off below its stated length; half a JSON text states its own length and is none."""
    half = whole.body[: len(whole.body) // 2]
    if fault is Fault.HALF_ANSWER:
        return whole.head + half
    if fault is Fault.HALF_JSON:
        status = whole.head.split(b"\r\n", 1)[0].split(b" ", 1)[1].decode()
        return _answer(status, half or b"{")
    return whole.text


def _answer(status: str, body: bytes, more: str = "", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n"
    return head.encode() + body
