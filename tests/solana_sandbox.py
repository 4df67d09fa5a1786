"""A small Solana that is served on this machine: six hours of history, a clock that stands still until a test moves it.

In a conftest: `from tests.solana_sandbox import solana_sandbox`. It costs less than a second, once for all tests of a session."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import uvicorn
from starlette.applications import Starlette

from sandbox.solana.app import Solana

ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
HISTORY_S = 6 * 3_600.0


class StandingClock:
    def __init__(self) -> None:
        self.now_s = ORIGIN.timestamp()

    def __call__(self) -> float:
        return self.now_s


@dataclass(frozen=True)
class SolanaSandbox:
    """`url`/solana is the node, `url`/helius is Helius, which delivers to webhooks as the clock goes on.

    `solana.chain` is the truth, as far as the clock has come; it only moves forward."""

    url: str
    solana: Solana
    clock: StandingClock

    @property
    def rpc_url(self) -> str:
        return f"{self.url}/solana"

    @property
    def helius_url(self) -> str:
        return f"{self.url}/helius"


def small_solana(clock: StandingClock, seed: int = 7, history_s: float = HISTORY_S) -> Solana:
    return Solana.of(seed, clock, clock.now_s, history_s)


@pytest.fixture(scope="session")
def solana_sandbox() -> Iterator[SolanaSandbox]:
    clock = StandingClock()
    solana = small_solana(clock)

    @asynccontextmanager
    async def awake(_: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(solana.run())
        yield
        running.cancel()

    app = Starlette(routes=solana.routes(), lifespan=awake)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the sandbox did not start"
    yield SolanaSandbox(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", solana, clock)
    server.should_exit = True
    thread.join()
