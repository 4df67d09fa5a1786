"""A sandbox world behind a real server with a clock the test moves, and a server that answers what a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn

from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed
from sandbox.feed_faults import LAG_S
from sandbox.server import app_of
from sandbox.world import World

ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = ORIGIN.timestamp()

    def __call__(self) -> float:
        return self.now_s


class Unpaced:
    """Hundreds of questions in a second, to a server of our own."""

    def wait_s(self, name: str, limit: int) -> float:
        return 0.0

    def hold(self, name: str, seconds: float) -> None:
        """Nobody is held."""


@pytest.fixture(scope="session")
def world() -> World:
    """60 wallets, two days of history."""
    return World(7, ORIGIN, wallets=60, history_days=2)


@pytest.fixture(scope="session")
def _served(world: World) -> Iterator[tuple[str, HandClock]]:
    clock = HandClock()
    server = uvicorn.Server(uvicorn.Config(app_of(world, clock), host="127.0.0.1", port=0, access_log=False, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the sandbox did not start"
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", clock
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def url(_served: tuple[str, HandClock]) -> str:
    return _served[0]


@pytest.fixture
def clock(_served: tuple[str, HandClock]) -> HandClock:
    """The world's clock, back at the origin."""
    _served[1].now_s = ORIGIN.timestamp()
    return _served[1]


@pytest.fixture(scope="session")
def feed(url: str) -> PolymarketFeed:
    """One for all: each reads the machine's certificates first, which takes longer than most of these tests. Pages may be many."""
    return PolymarketFeed(f"{url}/data", f"{url}/gamma", f"{url}/clob", Unpaced())


@pytest.fixture
def spoil(url: str) -> Iterator[Callable[..., None]]:
    """`spoil(lag_s=600)`, `begins_s=`, `expire_cursors=True`: the feed of trades misbehaves until the test is over."""

    def ask(**faults: Any) -> None:
        httpx.post(f"{url}/control/feed", json=faults, trust_env=False).raise_for_status()

    yield ask
    ask(lag_s=LAG_S, begins_s=0)


Asked = Mapping[str, list[str]]
Reply = tuple[int, dict[str, str], bytes]  # status, headers, body
Script = Callable[[str, Asked], Reply | None]  # path and query → reply; None: the connection is cut
Serve = Callable[[Script], Any]


@pytest.fixture(scope="session")
def serve() -> Serve:
    """`with serve(script) as (url, asked)`: a server that answers by the script and notes each path it was asked for."""

    @contextmanager
    def serving(script: Script) -> Iterator[tuple[str, list[str]]]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: the second of two waits 40 ms for the first to be acknowledged

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply = script(parts.path, parse_qs(parts.query))
                if reply is None:
                    self.close_connection = True
                    return
                status, headers, body = reply
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(ConnectionError):
                    self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (the name http.server looks for)

            def log_message(self, format: str, *args: object) -> None:
                """No access log."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    return serving


@pytest.fixture(scope="session")
def answering(serve: Serve) -> Callable[[Any], Any]:
    """`with answering(anything) as (url, asked)`: every question gets this as JSON."""
    return lambda body: serve(lambda path, asked: (200, {}, json.dumps(body).encode()))
