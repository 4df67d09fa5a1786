"""A connection that sends what nobody could hold is closed, and costs the others nothing. uvicorn's own protocol gathers all of it."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.inbox import http_protocol
from tests.adapters.inbox.conftest import SENDER, House

AUTHORIZED = f"POST /intents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SENDER}\r\nContent-Type: application/json\r\n".encode()


def sent_until_closed(house: House, parts: Iterator[bytes]) -> tuple[bytes, int]:
    """The first bytes of the answer, and how many were taken by then."""
    url, sent = house.client.base_url, 0
    with socket.create_connection((url.host, url.port or 0), timeout=20) as line:
        line.settimeout(0.05)
        for part in parts:
            try:
                line.sendall(part)
                sent += len(part)
                return line.recv(1_000), sent
            except TimeoutError:  # no answer yet
                continue
            except ConnectionError:
                return b"", sent
    raise AssertionError("whatever was sent was taken")


def pieces(first: bytes, piece: bytes, count: int) -> Iterator[bytes]:
    yield first
    for _ in range(count):
        yield piece


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (AUTHORIZED + b"X-Long: ", b"a" * 8_192),  # one header without an end
        (AUTHORIZED, b"X-Many: a\r\n" * 800),  # many
        (b"POST /intents?", b"a" * 8_192),  # an address without an end
    ],
)
def test_a_head_that_does_not_end_is_cut_off(house: House, an_intent: Callable[..., dict[str, Any]], first: bytes, piece: bytes) -> None:
    """16 KiB are allowed, and the piece that passes them."""
    answer, sent = sent_until_closed(house, pieces(first, piece, 100))
    assert answer.startswith(b"HTTP/1.1 400 ") or not answer
    assert sent < 5 * len(piece)
    assert house.post(an_intent()).status_code == 202


def test_trailers_that_do_not_end_are_cut_off(
    house: House, an_intent: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come after the body, whose bytes alone are counted elsewhere."""
    monkeypatch.setattr(http_protocol, "MOST_REQUEST", 65_536)
    head = AUTHORIZED + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    answer, sent = sent_until_closed(house, pieces(head, b"X-Trailer: a\r\n" * 600, 100))
    assert answer.startswith(b"HTTP/1.1 400 ") or not answer
    assert sent < 4 * 65_536
    assert house.post(an_intent()).status_code == 202


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: +2\r\n",
        b"Content-Length: 0x2\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"X: a\x00b\r\n",
        b"X : a\r\n",
    ],
)
def test_a_head_that_two_readers_read_differently_is_refused(house: House, head: bytes) -> None:
    """Of such heads, proxies and servers have made out two requests where there was one."""
    url = house.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=20) as line:
        line.sendall(AUTHORIZED + head + b"\r\n{}")
        answer = line.recv(1_000)
        assert answer.startswith(b"HTTP/1.1 400 "), answer
        rest = line.recv(1_000)
    assert b"HTTP/1.1" not in rest
