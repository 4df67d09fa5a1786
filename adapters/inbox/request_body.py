"""The body of a request, of JSON and not too large, read no further than it may be."""

import asyncio
import math
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request
from starlette.types import Receive

from adapters.inbox.faults import Fault
from adapters.inbox.senders import said_once

PATIENCE_S = 10.0  # for a body that comes drop by drop
JSON_TYPES = ("application/json", "application/json; charset=utf-8", "application/json;charset=utf-8")


class TurnedAway(Exception):
    """The answer to a request that goes no further."""

    def __init__(self, status: HTTPStatus, error: str, faults: Sequence[Fault] = (), wait_s: float = 0.0) -> None:
        super().__init__(error)
        self.status, self.error, self.faults, self.wait_s = status, error, tuple(faults), wait_s

    @property
    def headers(self) -> dict[str, str]:
        """What is not read to its end cannot be followed by another request."""
        found = {"Retry-After": str(max(1, math.ceil(self.wait_s)))} if self.wait_s else {}
        if self.status is HTTPStatus.UNAUTHORIZED:
            found["WWW-Authenticate"] = "Bearer"
        if self.status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
            found["Connection"] = "close"
        return found


async def body_of(request: Request, most_bytes: int) -> bytes:
    """Raises TurnedAway: 415 for what is no plain JSON, 413 for what is too large, 408 for what does not come."""
    _require_plain_json(request)
    _refuse_large(request, most_bytes)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _read(request.receive, most_bytes)
    except TimeoutError:
        raise TurnedAway(HTTPStatus.REQUEST_TIMEOUT, f"the body did not come within {PATIENCE_S:g} s") from None


def _require_plain_json(request: Request) -> None:
    headers = request.scope["headers"]
    said = said_once(headers, b"content-type")
    if said is None or said.lower() not in JSON_TYPES:
        raise TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json, in UTF-8")
    packed = [value.lower() for name, value in headers if name == b"content-encoding"]
    if any(value not in (b"", b"identity") for value in packed):
        raise TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding: nothing that is packed is unpacked here; send it plain")


def _refuse_large(request: Request, most_bytes: int) -> None:
    """Before a byte of it is read."""
    length = said_once(request.scope["headers"], b"content-length")
    if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > most_bytes:
        raise _too_large(most_bytes)


async def _read(receive: Receive, most_bytes: int) -> bytes:
    parts, size, is_over = list[bytes](), 0, False
    while not is_over:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise TurnedAway(HTTPStatus.BAD_REQUEST, "the body broke off")
        parts.append(message.get("body", b""))
        size, is_over = size + len(parts[-1]), not message.get("more_body", False)
        if size > most_bytes:
            raise _too_large(most_bytes)
    return b"".join(parts)


def _too_large(most_bytes: int) -> TurnedAway:
    return TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body may have {most_bytes} bytes at most")
