"""An inbox behind a real server on this machine, with a store in memory that can be taken away."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn

from adapters.inbox.app import Limits, make_app
from adapters.inbox.http_protocol import BoundedProtocol
from adapters.inbox.senders import Secret
from adapters.stores.memory import MemoryResults
from data_contracts.errors import Unavailable

SENDER, WEBHOOK = "a sender's secret", "what-helius-echoes"
SIGNATURE = "5" * 88


class Store(MemoryResults):
    """In memory; while `is_away` it takes nothing, and says nothing of what it has."""

    is_away = False

    def receive(self, rows: Sequence[Any]) -> list[Any]:
        return self._here(lambda: MemoryResults.receive(self, rows))

    def rows(self, row_class: type, **where: object) -> list[Any]:
        return self._here(lambda: MemoryResults.rows(self, row_class, **where))

    def write(self, writes: Sequence[Any]) -> None:
        self._here(lambda: MemoryResults.write(self, writes))

    def _here(self, act: Callable[[], Any]) -> Any:
        if self.is_away:
            raise Unavailable("postgres: connection to postgresql://somebody:hidden-word@db refused")
        return act()


@dataclass
class House:
    """An inbox, and what it stored."""

    store: Store
    client: httpx.Client

    def post(self, body: Any, path: str = "/intents", secret: str = f"Bearer {SENDER}", **headers: str) -> httpx.Response:
        said = {"Authorization": secret, "Content-Type": "application/json"} | headers
        content = {"content": body} if isinstance(body, bytes | Iterator) else {"json": body}
        return self.client.post(path, headers=said, **content)  # type: ignore[arg-type]

    def deliver(self, body: Any, secret: str = WEBHOOK, **headers: str) -> httpx.Response:
        if not isinstance(body, bytes):
            return self.client.post("/webhooks/helius", headers={"Authorization": secret} | headers, json=body)
        return self.post(body, "/webhooks/helius", secret, **headers)


@contextmanager
def opened(store: Store, limits: Limits | None = None) -> Iterator[House]:
    house = House(store, httpx.Client(trust_env=False, timeout=30))
    app = make_app(store, Secret(SENDER), Secret(WEBHOOK, bare=True), limits)
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=BoundedProtocol, loop="uvloop", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    house.client.base_url = httpx.URL(f"http://127.0.0.1:{port}")
    try:
        yield house
    finally:
        house.client.close()
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with opened(Store(), Limits(strangers_per_s=1_000)) as house:
        yield house


@pytest.fixture
def house(served: House) -> House:
    """Empty, and well."""
    served.store.__init__()  # type: ignore[misc]
    served.store.is_away = False
    return served


@pytest.fixture
def an_intent() -> Callable[..., dict[str, Any]]:
    """What a sender would post of a BUY of 100.50 USD that happened now, and what the test changes. None leaves a field out."""

    def build(**changes: Any) -> dict[str, Any]:
        intent = {
            "intent_id": "intent-1",
            "timestamp": datetime.now(UTC).isoformat(),
            "source_trader": "0x" + "aB" * 20,
            "market_id": "0x" + "1" * 64,
            "outcome": "YES",
            "side": "BUY",
            "size_usdc": 100.5,
        }
        return {name: value for name, value in (intent | changes).items() if value is not None}

    return build
