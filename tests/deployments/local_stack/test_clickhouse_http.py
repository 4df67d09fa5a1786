"""HTTP at the door's edges, byte by byte on a socket. The engine is a stand-in that repeats what it was asked.

Case 14: `Expect: 100-continue` got no answer, HEAD /ping 501, an empty query 200, and `Content-Length: abc` or a bad chunk size a
connection that dropped without a word. A ClickHouse server answers all of them.
"""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

import pytest

from deployments.local_stack import clickhouse_http
from deployments.local_stack.chdb_engine import Answer, Engine, Statement
from deployments.local_stack.clickhouse_http import Door
from deployments.local_stack.http_body import MIB

PASSWORD = "open sesame"
LIMIT = MIB


@dataclass
class Parrot:
    """Answers each statement with its own text."""

    timezone: str = "UTC"
    ran: list[bytes] = field(default_factory=list)

    def run(self, statement: Statement) -> Answer:
        self.ran.append(statement.sql)
        return Answer(statement.sql, True, 0, 0, 0, 0, 0, 0)


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def door(parrot: Parrot) -> Iterator[Door]:
    served = Door("127.0.0.1", 0, cast(Engine, parrot), PASSWORD, LIMIT)
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    yield served
    served.shutdown()
    served.server_close()


class Line:
    """A connection on which any bytes may be sent."""

    def __init__(self, door: Door) -> None:
        self.socket = socket.create_connection(("127.0.0.1", door.server_port), timeout=20)
        self._file = self.socket.makefile("rb")

    def send(self, head: str, body: bytes = b"", key: str | None = PASSWORD) -> None:
        who = f"X-ClickHouse-Key: {key}\r\n" if key else ""
        first, _, rest = head.partition("\r\n")
        lines = f"{rest}\r\n" if rest else ""
        self.socket.sendall(f"{first}\r\nHost: 127.0.0.1\r\n{who}{lines}\r\n".encode() + body)

    def answer(self, method: str = "POST") -> tuple[int, bytes]:
        """Status and body of the next answer on it."""
        status = int(self._file.readline().split()[1])
        length = http.client.parse_headers(self._file)["Content-Length"]
        return status, b"" if method == "HEAD" or length is None else self._file.read(int(length))

    def is_closed(self) -> bool:
        return self._file.read(1) == b""


@pytest.fixture
def line(door: Door) -> Iterator[Line]:
    opened = Line(door)
    yield opened
    opened.socket.close()


def test_a_client_that_asks_first_is_told_to_go_on(line: Line) -> None:
    """curl asks for bodies above a MiB: it then waited a second for an answer that lay in a buffer."""
    line.send("POST / HTTP/1.1\r\nContent-Length: 8\r\nExpect: 100-continue")
    assert line._file.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert line._file.readline() == b"\r\n"
    line.socket.sendall(b"SELECT 1")
    assert line.answer() == (200, b"SELECT 1")


@pytest.mark.parametrize(("size", "first"), [(LIMIT, b"HTTP/1.1 100"), (LIMIT + 1, b"HTTP/1.1 413")])
def test_a_body_over_the_limit_need_not_be_sent_by_who_asks_first(line: Line, size: int, first: bytes) -> None:
    line.send(f"POST / HTTP/1.1\r\nContent-Length: {size}\r\nExpect: 100-continue")
    assert line._file.readline().startswith(first)


def test_who_has_no_password_is_not_told_to_go_on(line: Line, parrot: Parrot) -> None:
    line.send("POST / HTTP/1.1\r\nContent-Length: 8\r\nExpect: 100-continue", key=None)
    assert line.answer()[0] == 403
    assert parrot.ran == []


@pytest.mark.parametrize("path", ["/ping", "/", "/replicas_status"])
def test_whether_it_is_ready_may_be_asked_for_the_head_alone(line: Line, path: str) -> None:
    for _ in range(2):  # an answer with a body would be taken for the next one
        line.send(f"HEAD {path} HTTP/1.1", key=None)
        assert line.answer("HEAD") == (200, b"")


@pytest.mark.parametrize("statement", [b"", b" \n\t", b";", b"-- nothing", b"/* nothing */ ;", b"-- one\n-- two\n"])
def test_an_empty_query_is_a_syntax_error(line: Line, parrot: Parrot, statement: bytes) -> None:
    line.send(f"POST / HTTP/1.1\r\nContent-Length: {len(statement)}", statement)
    assert line.answer() == (400, b"Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)\n")
    assert parrot.ran == []


@pytest.mark.parametrize("statement", [b"-- what\nSELECT 1", b"/* ; */SELECT 1", b";SELECT 1"])
def test_a_query_behind_a_comment_is_none(line: Line, statement: bytes) -> None:
    line.send(f"POST / HTTP/1.1\r\nContent-Length: {len(statement)}", statement)
    assert line.answer() == (200, statement)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("Content-Length: abc", 400),
        ("Content-Length: -5", 400),
        ("Content-Length: +8", 400),
        ("Content-Length: 8.0", 400),
        ("Content-Length: ٨", 400),  # a digit to Python's int(), not to HTTP
        ("Content-Length: ", 400),
        ("Content-Length: 8\r\nContent-Length: 9", 400),
        ("Content-Length: 8, 9", 400),
        ("Content-Length: 99999999999999999999", 400),
        ("Content-Length: 8\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: gzip, chunked", 501),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 501),
        ("X-Nothing: of the body", 411),
    ],
)
def test_a_body_whose_end_is_not_clear_is_refused_and_nothing_of_it_runs(line: Line, parrot: Parrot, lines: str, status: int) -> None:
    line.send(f"POST /?query=SELECT+1 HTTP/1.1\r\n{lines}", b"SELECT 2")
    assert line.answer()[0] == status
    assert line.is_closed()  # nobody knows what else is on it
    assert parrot.ran == []


def test_a_length_said_twice_alike_is_clear(line: Line) -> None:
    line.send("POST / HTTP/1.1\r\nContent-Length: 8\r\nContent-Length: 8", b"SELECT 1")
    assert line.answer() == (200, b"SELECT 1")


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\nSELECT 1\r\n0\r\n\r\n",
        b"-8\r\nSELECT 1\r\n0\r\n\r\n",
        b"0x8\r\nSELECT 1\r\n0\r\n\r\n",
        b"\r\nSELECT 1\r\n0\r\n\r\n",
        b"8\r\nSELECT 1, 2\r\n0\r\n\r\n",  # three bytes longer than it says
        b"ffffffffffffffffffff\r\nSELECT 1\r\n0\r\n\r\n",
        b"8" + b";x" * 5000 + b"\r\nSELECT 1\r\n0\r\n\r\n",
    ],
)
def test_a_chunk_that_is_not_what_it_says_is_refused_and_nothing_of_it_runs(line: Line, parrot: Parrot, chunks: bytes) -> None:
    line.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked", chunks)
    assert line.answer()[0] == 400
    assert line.is_closed()
    assert parrot.ran == []


def test_chunks_may_have_extensions_and_trailers(line: Line) -> None:
    for _ in range(2):
        line.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked", b"4;who=me\r\nSELE\r\n4\r\nCT 1\r\n0\r\nX-Last: 1\r\n\r\n")
        assert line.answer() == (200, b"SELECT 1")


@pytest.mark.parametrize("cut", [b"8\r\nSELECT 1\r\n", b"8\r\nSELE", b"8"])
def test_chunks_without_an_end_are_never_run(line: Line, parrot: Parrot, cut: bytes) -> None:
    line.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked", cut)
    line.socket.shutdown(socket.SHUT_WR)
    line._file.read()
    assert parrot.ran == []


def test_requests_in_a_row_are_answered_in_their_order(line: Line) -> None:
    head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-ClickHouse-Key: open sesame\r\nContent-Length: 8\r\n\r\n"
    line.socket.sendall(b"".join(head.encode() + f"SELECT {n}".encode() for n in range(3)))
    assert [line.answer()[1] for _ in range(3)] == [b"SELECT 0", b"SELECT 1", b"SELECT 2"]


def test_a_blank_line_between_two_requests_is_no_request(line: Line) -> None:
    for _ in range(2):
        line.send("GET /ping HTTP/1.1", b"\r\n")
        assert line.answer() == (200, b"Ok.\n")


def test_what_follows_a_refused_body_is_not_taken_for_a_request(line: Line, parrot: Parrot) -> None:
    inner = b"POST / HTTP/1.1\r\nX-ClickHouse-Key: open sesame\r\nContent-Length: 8\r\n\r\nSELECT 1"
    line.send(f"POST / HTTP/1.1\r\nContent-Length: {len(inner)}", inner, key="wrong")
    assert line.answer()[0] == 403
    assert line.is_closed()
    assert parrot.ran == []


@pytest.mark.parametrize(("length", "status"), [(MIB - 1000, 200), (MIB, 414)])
def test_an_address_may_be_as_long_as_a_server_takes(line: Line, length: int, status: int) -> None:
    """Two thousand ids travel in one: at 64 KiB the door said no, a server at a MiB."""
    line.send(f"GET /?query=SELECT+{'1' * length} HTTP/1.1")
    assert line.answer()[0] == status


@pytest.mark.parametrize("lines", ["X: " + "a" * 100_000, "\r\n".join(f"X-{n}: a" for n in range(20_000))])
def test_a_head_without_measure_is_refused(line: Line, lines: str) -> None:
    line.send(f"GET /ping HTTP/1.1\r\n{lines}")
    assert line.answer()[0] == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


@pytest.mark.parametrize(("method", "status"), [("PUT", 501), ("DELETE", 501), ("OPTIONS", 204), ("HEAD", 404)])
def test_other_methods_say_what_they_are_here(line: Line, parrot: Parrot, method: str, status: int) -> None:
    line.send(f"{method} /?query=SELECT+1 HTTP/1.1")
    assert line.answer(method)[0] == status
    assert parrot.ran == []


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x00hello\r\n\r\n", b"SELECT 1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_no_http_gets_a_status_and_the_end(line: Line, nonsense: bytes) -> None:
    line.socket.sendall(nonsense)
    assert line.answer()[0] in (400, 505)
    assert line.is_closed()


@pytest.mark.parametrize(
    "head",
    [
        "POST / HTTP/1.1\r\nContent-Length: 8\r\nOrigin: http://127.0.0.1:4200",
        "POST / HTTP/1.1\r\nContent-Length: 8\r\nOrigin: null",
        "POST / HTTP/1.1\r\nContent-Length: 8\r\nHost: rebound.example.org",  # beside an honest one
        "POST http://rebound.example.org/ HTTP/1.1\r\nContent-Length: 8",
        "POST http://[::1/ HTTP/1.1\r\nContent-Length: 8",
        "OPTIONS / HTTP/1.1\r\nOrigin: https://example.org\r\nAccess-Control-Request-Method: POST",
        "GET /ping HTTP/1.1\r\nHost: rebound.example.org",
    ],
)
def test_a_web_page_gets_nothing_by_whatever_name(line: Line, parrot: Parrot, head: str) -> None:
    line.send(head, b"SELECT 1" if "Length" in head else b"")
    status, body = line.answer(head.split()[0])
    assert status in (400, 403)
    assert b"SELECT" not in body
    assert parrot.ran == []


def test_a_slow_body_is_waited_for_and_one_that_stands_still_is_not(door: Door, parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse_http, "BODY_S", 1.0)
    slow, still = Line(door), Line(door)
    for each in (slow, still):
        each.send("POST / HTTP/1.1\r\nContent-Length: 8")
    for byte in b"SELECT 1":
        time.sleep(0.25)  # two seconds in all: longer than a second, a quarter of one at a time
        slow.socket.sendall(bytes([byte]))
    assert slow.answer() == (200, b"SELECT 1")
    assert still.answer()[0] == 408
    assert still.is_closed()
    assert parrot.ran == [b"SELECT 1"]


def test_a_connection_on_which_nothing_is_asked_ends(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse_http.DoorHandler, "timeout", 0.2)
    assert Line(door).is_closed()
