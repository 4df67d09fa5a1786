"""ClickHouse's HTTP protocol: reads a request, asks the engine, writes the answer. One thread per connection, loopback only."""

import binascii
import hmac
import json
import logging
import socket
import socketserver
import sys
import time
import uuid
from base64 import b64decode
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import SplitResult, quote, urlsplit

from deployments.local_stack.chdb_engine import Answer, Engine
from deployments.local_stack.clickhouse_error import ClickHouseError
from deployments.local_stack.clickhouse_request import Request, parameters, statement_of
from deployments.local_stack.content_encoding import packed, too_large, unpacked
from deployments.local_stack.http_body import MIB, Body, malformed

LOOPBACK = ("127.0.0.1", "::1")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
READY = ("/ping", "/replicas_status")
LONGEST_ADDRESS = MIB  # a ClickHouse server's http_max_uri_size
READ_AT_MOST = 1024 * MIB  # of a body that is over the limit anyhow, to let its sender hear the answer
IDLE_S = 300.0  # until a connection on which nothing is asked is closed
BODY_S = 30.0  # without a byte of a body that was begun: a ClickHouse server's http_receive_timeout
LINGER_S = 2.0
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
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):  # the client went away: its own affair
            _log.exception("request failed")


class DoorHandler(BaseHTTPRequestHandler):
    """Reads a request, asks the engine, writes the answer."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # else what is no HTTP at all would be answered without a status
    server_version, sys_version = "ClickHouse-door", ""
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and small body leave in one packet
    timeout = IDLE_S

    def log_message(self, format: str, *args: object) -> None:
        """No access log."""

    def handle_one_request(self) -> None:
        """As in the standard library, but for the longest address: a server takes a MiB of it."""
        self.requestline, self.request_version, self.command = "", self.default_request_version, ""
        try:
            self.raw_requestline = self.rfile.readline(LONGEST_ADDRESS + 1)
            if self.raw_requestline == b"\r\n":  # one line too many behind the request before
                self.raw_requestline = self.rfile.readline(LONGEST_ADDRESS + 1)
            if len(self.raw_requestline) > LONGEST_ADDRESS:
                self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            elif not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self._serve() if self.command in METHODS else self.send_error(HTTPStatus.NOT_IMPLEMENTED)
            self.wfile.flush()
        except TimeoutError:  # nothing came, or nobody reads the answer
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        """Not yet: a body that will be refused need not be sent."""
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses: a line, no page, and the connection ends, for nobody knows what else is on it."""
        status = HTTPStatus(code)
        self._send(status, f"{message or status.phrase}\n".encode(), {"Content-Type": "text/plain; charset=UTF-8", "Connection": "close"})
        self._linger()

    @property
    def _door(self) -> Door:
        return cast(Door, self.server)

    def _serve(self) -> None:
        self._is_read = False
        try:
            url = self._address()
            body = Body(self.command, self.headers)
            self._is_read = body.is_empty
            self._check_not_a_web_page(url)
            if self.command == "OPTIONS":
                self._read(body)
                return self._send(HTTPStatus.NO_CONTENT, b"", {})
            if self._asks_whether_ready(url):
                self._read(body)
                return self._send(HTTPStatus.OK, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
            self._check_path(url.path)
            self._check_who(url.query)
            text = unpacked(self._read(body), self._header("Content-Encoding"), self._door.max_body)
            statement = statement_of(Request(self.command, url.query, self.headers, text))
            answer = self._door.engine.run(statement)
        except ClickHouseError as error:
            return self._refuse(error)
        except TimeoutError:
            return self._refuse(ClickHouseError.ours(f"Nothing of the body came for {BODY_S:.0f} s.", 209, "SOCKET_TIMEOUT"))
        return self._reply(answer, statement.output_format, parameters(url.query).get("query_id"))

    def _header(self, name: str) -> str:
        return self.headers.get(name) or ""

    def _address(self) -> SplitResult:
        try:
            return urlsplit(self.path)
        except ValueError as error:
            raise malformed("its address") from error

    def _asks_whether_ready(self, url: SplitResult) -> bool:
        return url.path in READY or (self.command in ("GET", "HEAD") and url.path in ("", "/") and not url.query)

    def _check_path(self, path: str) -> None:
        if path not in ("", "/") or self.command == "HEAD":
            raise ClickHouseError.ours(f"There is no handle {path}; try / or /ping.", 36, "BAD_ARGUMENTS", HTTPStatus.NOT_FOUND)

    def _check_not_a_web_page(self, url: SplitResult) -> None:
        """Any page may ask a loopback port from its reader's browser: then it names its Origin, or a Host of its own for this address."""
        hosts = [url.netloc, *self.headers.get_all("Host", [])]
        if self.headers.get_all("Origin") or not all(names_this_machine(host) for host in hosts if host):
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

    def _read(self, body: Body) -> bytes:
        """All of it. Keeps no more than the limit, and says no as soon as that is plain and the client will hear it."""
        if body.length > READ_AT_MOST or (body.length > self._door.max_body and self._header("Expect")):
            raise too_large(self._door.max_body)
        if self._header("Expect").lower() == "100-continue" and not body.is_empty:
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
            self.wfile.flush()
        self.connection.settimeout(BODY_S)
        kept, size = bytearray(), 0
        for piece in body.pieces(self.rfile):
            size += len(piece)
            if size > READ_AT_MOST:
                raise too_large(self._door.max_body)
            if size <= self._door.max_body:
                kept += piece
        self.connection.settimeout(IDLE_S)
        self._is_read = True
        if size > self._door.max_body:
            raise too_large(self._door.max_body)
        return bytes(kept)

    def _linger(self) -> None:
        """The last answer of this connection. To close on a client that still sends would take the answer from it."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_S)
            ends_at = time.monotonic() + LINGER_S
            while self.connection.recv(MIB) and time.monotonic() < ends_at:
                pass

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
        headers = {"Content-Type": "text/plain; charset=UTF-8", "X-ClickHouse-Exception-Code": str(error.code)}
        self._send(error.status, f"{error}\n".encode(), headers if self._is_read else {**headers, "Connection": "close"})
        if not self._is_read:
            self._linger()

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def names_this_machine(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in (*LOOPBACK, "localhost")
    except ValueError:
        return False


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
