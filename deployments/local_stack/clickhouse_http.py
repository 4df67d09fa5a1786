"""ClickHouse's HTTP protocol: reads a request, asks the engine, writes the answer. One thread per connection, loopback only."""

import binascii
import hmac
import json
import logging
import socket
import socketserver
import sys
import uuid
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn, cast
from urllib.parse import quote, urlsplit

from deployments.local_stack.chdb_engine import Answer, Engine
from deployments.local_stack.clickhouse_error import ClickHouseError
from deployments.local_stack.clickhouse_request import Request, parameters, statement_of
from deployments.local_stack.content_encoding import packed, too_large, unpacked

LOOPBACK = ("127.0.0.1", "::1")
MIB = 1024 * 1024
_log = logging.getLogger("clickhouse_door")


class Door(ThreadingHTTPServer):
    """A thread per connection: SELECT 1 took 1.7 ms through clickhouse-connect, and 2.4 ms behind uvicorn and starlette."""

    request_queue_size = 128

    def __init__(self, host: str, port: int, engine: Engine, password: str | None, max_body: int) -> None:
        if host not in LOOPBACK:
            raise ValueError(f"the door opens on {' or '.join(LOOPBACK)} only, not on {host}")
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.engine, self.password, self.max_body = engine, password, max_body
        super().__init__((host, port), DoorHandler)

    def server_bind(self) -> None:
        # HTTPServer asks the DNS for its own name here, which can take seconds and is never used.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # the client went away: its own affair
            _log.exception("request failed")


class DoorHandler(BaseHTTPRequestHandler):
    """Reads a request, asks the engine, writes the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and small body leave in one packet

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """No access log."""

    @property
    def _door(self) -> Door:
        return cast(Door, self.server)

    def _serve(self) -> None:
        url = urlsplit(self.path)
        try:
            body = self._body()  # read even if it will be refused: the connection is kept
            if url.path == "/ping" or (self.command == "GET" and url.path == "/" and not url.query):
                return self._send(HTTPStatus.OK, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
            self._check_path(url.path)
            self._check_not_a_web_page()
            self._check_who(url.query)
            request = Request(self.command, url.query, self.headers, unpacked(body, self._header("Content-Encoding"), self._door.max_body))
            statement = statement_of(request)
            answer = self._door.engine.run(statement)
        except ClickHouseError as error:
            return self._refuse(error)
        return self._reply(answer, statement.output_format, parameters(url.query).get("query_id"))

    def _header(self, name: str) -> str:
        return self.headers.get(name) or ""

    def _check_path(self, path: str) -> None:
        if path != "/":
            raise ClickHouseError.ours(f"There is no handle {path}; try / or /ping.", 36, "BAD_ARGUMENTS", HTTPStatus.NOT_FOUND)

    def _check_not_a_web_page(self) -> None:
        """Any page may ask a loopback port from its reader's browser: then it names its Origin, or a Host of its own for this address."""
        host = urlsplit(f"//{self._header('Host')}").hostname
        if self._header("Origin") or host not in (*LOOPBACK, "localhost", None):
            raise ClickHouseError.ours("Requests from web pages are not served.", 497, "ACCESS_DENIED")

    def _check_who(self, url_query: str) -> None:
        """There is one key, whatever the user's name."""
        wanted = self._door.password
        if wanted is not None and not hmac.compare_digest(self._offered_password(url_query).encode(), wanted.encode()):
            raise ClickHouseError.ours("Authentication failed: password is incorrect.", 516, "AUTHENTICATION_FAILED")

    def _offered_password(self, url_query: str) -> str:
        if "X-ClickHouse-Key" in self.headers:
            return self._header("X-ClickHouse-Key")
        scheme, _, credentials = self._header("Authorization").partition(" ")
        if scheme.lower() == "basic":
            with suppress(binascii.Error):
                return b64decode(credentials).decode(errors="replace").partition(":")[2]
        return parameters(url_query).get("password", "")

    def _body(self) -> bytes:
        """Reads all of it, keeps no more than the limit: a client that is still sending would not hear the answer."""
        body = bytearray()
        size = 0
        for piece in self._chunks() if self._header("Transfer-Encoding").lower() == "chunked" else self._pieces(self._length()):
            size += len(piece)
            if size <= self._door.max_body:
                body += piece
        if size > self._door.max_body:
            raise too_large(self._door.max_body)
        return bytes(body)

    def _length(self) -> int:
        return int(self._header("Content-Length") or 0)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line().partition(b";")[0], 16):
            yield from self._pieces(size)
            self._line()
        while self._line().strip():
            pass  # trailers

    def _line(self) -> bytes:
        return self.rfile.readline(MIB) or self._cut_off()

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self.rfile.read(min(size, MIB)) or self._cut_off()
            size -= len(piece)
            yield piece

    def _cut_off(self) -> NoReturn:
        """Half a body must never be run: it may well be a whole statement."""
        raise ConnectionResetError("the client left in the middle of its body")

    def _reply(self, answer: Answer, output_format: str, query_id: str | None) -> None:
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-ClickHouse-Query-Id": quote(query_id or str(uuid.uuid4())),  # else a line break in it would begin a header
            "X-ClickHouse-Summary": _summary(answer),
            "X-ClickHouse-Timezone": self._door.engine.timezone,
        }
        if answer.returns_rows:  # clickhouse-connect tells "no rows" from "no result" by this header
            headers["X-ClickHouse-Format"] = output_format
        wanted = parameters(urlsplit(self.path).query).get("enable_http_compression") == "1"
        body, encoding = packed(answer.body, self._header("Accept-Encoding") if wanted else "")
        if encoding:
            headers["Content-Encoding"] = encoding
        self._send(HTTPStatus.OK, body, headers)

    def _refuse(self, error: ClickHouseError) -> None:
        _log.warning("%s %s", int(error.status), str(error).partition("\n")[0][:300])
        self._send(error.status, f"{error}\n".encode(), {"X-ClickHouse-Exception-Code": str(error.code)})

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _summary(answer: Answer) -> str:
    """ClickHouse writes these numbers as text."""
    return json.dumps(
        {
            "read_rows": str(answer.read_rows),
            "read_bytes": str(answer.read_bytes),
            "written_rows": str(answer.written_rows),
            "written_bytes": str(answer.written_bytes),
            "total_rows_to_read": "0",
            "result_rows": str(answer.result_rows),
            "result_bytes": str(len(answer.body)),
            "elapsed_ns": str(answer.elapsed_ns),
        }
    )
