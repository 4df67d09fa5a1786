"""A server on this machine that keeps what is posted to it, for tests of who tells whom what."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`posted` are (path, body), the body as JSON where it is; it answers with `status` after `released` is set."""

    url: str = ""
    status: int = 200
    posted: list[tuple[str, Any]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)
    released: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, count: int, timeout_s: float = 120) -> list[tuple[str, Any]]:
        """What came, once so many are here."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.posted) >= count, timeout_s), f"{len(self.posted)} of {count} came"
            return list(self.posted)


@contextmanager
def receiving() -> Iterator[Receiver]:
    found = Receiver()
    found.released.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            with found.came:
                found.posted.append((self.path, json.loads(body) if body.startswith(("{", "[")) else body))
                found.came.notify_all()
            found.released.wait(60)
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(b"ok")  # as Slack answers

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.released.set()
        server.shutdown()
        server.server_close()
