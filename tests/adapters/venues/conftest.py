"""Orders and markets of the live venue."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import uvicorn

from adapters import live_account
from adapters.connect import open_feed, open_history
from adapters.live_account import open_live_venue
from adapters.settings import LIVE_WORD, Settings
from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
from adapters.venues.venue import Answer, Signed
from data_contracts import Instrument, Order, OrderStatus, Side, Venue
from data_contracts.frames import rows_of
from domain.copying.book import Book
from domain.ids import row_id
from domain.polymarket.amounts import UNITS
from sandbox.exchange.contracts import route_of
from sandbox.server import app_of
from sandbox.world import World
from tasks.copying.instruments import _known
from tests.markets import an_instrument
from tests.sandbox.exchange.conftest import TwoProtocols

HARDHAT = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # public: key 0 of every test chain, worth nothing
WALLET = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOMES = TemporaryDirectory(prefix="walletflow-live-")  # gone with this process
_numbers = count()
AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
CTF = "69515744437473089728151261939146426925489297565662421305942992110046228478629"


@pytest.fixture(scope="session")
def a_live_market() -> Callable[..., Instrument]:
    """A binary market of the first protocol on a tick of a cent, without fees."""

    def build(**changes: Any) -> Instrument:
        return an_instrument(**({"token_id": CTF, "market_id": "0x" + "c" * 64} | changes))

    return build


def order_row(name: str = "order", **changes: Any) -> Order:
    """Buy 10 shares at 0.50 or better: 5 USD."""
    fields: dict[str, Any] = {
        "order_id": row_id(name),
        "signal_id": row_id("signal", name),
        "strategy_id": "strategy",
        "venue": Venue.POLYMARKET,
        "leader": "0x" + "a" * 40,
        "market_id": "0x" + "c" * 64,
        "token_id": CTF,
        "outcome": "Yes",
        "side": Side.BUY,
        "shares": Decimal(10),
        "limit_price": Decimal("0.50"),
        "observed_price": Decimal("0.49"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": False,
        "order_hash": "",
        "created_at": AS_OF,
        "updated_at": AS_OF,
    }
    return Order(**(fields | changes))


@pytest.fixture(scope="session")
def a_live_order() -> Callable[..., Order]:
    return order_row


class HandClock:
    """Stands still until it is moved: a book that changes between two requests is nobody's claim."""

    def __init__(self, now: datetime) -> None:
        self._now_s = now.timestamp()

    def __call__(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        self._now_s += seconds


@dataclass
class SandboxVenue:
    """A sandbox exchange over HTTP, and a house in memory that trades there live with a key that everybody knows."""

    url: str
    world: World
    clock: HandClock
    settings: Settings

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    @property
    def venue(self) -> PolymarketVenue:
        return open_live_venue(self.settings)

    def control(self, path: str, body: Any = None) -> Any:
        answer = httpx.get(f"{self.url}/control{path}") if body is None else httpx.post(f"{self.url}/control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fund(self, dollars: int = 10_000) -> None:
        self.control(f"/accounts/{WALLET}", {"collateral": dollars * UNITS, "allowances": True})

    def truth(self) -> Any:
        return self.control(f"/accounts/{WALLET}")

    def fault(self, on: str, what: str, **more: Any) -> None:
        self.control("/faults", [{"on": on, "what": what, **more}])

    def settles(self, mined_s: float = 0, confirmed_s: float = 0) -> None:
        self.control("/settlement", {"mined_s": mined_s, "confirmed_s": confirmed_s})

    def calm(self) -> None:
        httpx.delete(f"{self.url}/control/faults")
        self.control("/geoblock", {"blocked": False, "country": "XX", "region": ""})

    def restart(self) -> None:
        """As if our process had died: it logs in again and remembers nothing."""
        for kept in (live_account._live_venue, live_account._wallet, live_account._client):
            kept.cache_clear()

    def begin_anew(self) -> "SandboxVenue":
        """Funded, without faults; a trade is confirmed at once; an empty memory of ours; another book than before."""
        self.calm()
        self.settles()
        self.fund()
        self.clock.advance(11)
        self.venue._not_before = 0.0
        return replace(self, settings=live_settings(self.url))

    def forget(self) -> None:
        """As if our process had died, but for the log-in, which costs half a second."""
        live_account._live_venue.cache_clear()
        _known.cache_clear()

    def market(self, for_s: float = 300, tick_millis: int = 10, neg_risk: bool = False, version: str = "2") -> Instrument:
        """The first outcome of a market that is open for a while and not near its end, as Gamma tells it. `version` is its exchange's."""
        now_s = self.clock()
        alike = [m for m in self.world.at(now_s).markets() if m.open_at(now_s) and m.closes_s > now_s + for_s]
        alike = [m for m in alike if (m.tick_millis, m.neg_risk, route_of(m).version) == (tick_millis, neg_risk, version)]
        token_id = min(alike, key=lambda market: abs(market.path.belief_at(now_s) - 0.5)).token_ids[0]
        told = open_feed(self.settings).instruments([token_id], self.now)
        for row_class, frame in told.items():
            open_history(self.settings).append(frame, row_class)
        return next(market for market in rows_of(told[Instrument], Instrument) if market.token_id == token_id)

    def books(self, market: Instrument) -> dict[str, Book]:
        return open_feed(self.settings).books([market.token_id], self.now)

    def book(self, market: Instrument) -> Book:
        return self.books(market)[market.token_id]

    def order(self, market: Instrument, name: str = "order", **changes: Any) -> Order:
        """5 USD at what the best ask asks; or, selling, 2 shares at what the best bid bids. With its hash, as it would be on record."""
        side = changes.get("side", Side.BUY)
        best = self.book(market).best(side)
        assert best is not None
        plain = {
            "order_id": row_id(name),
            "signal_id": row_id("signal", name),
            "market_id": market.market_id,
            "token_id": market.token_id,
            "limit_price": best,
            "shares": (Decimal(4) / best).quantize(Decimal("0.01"), ROUND_DOWN) if side is Side.BUY else Decimal(2),
            "created_at": self.now,
            "updated_at": self.now,
        }
        order = order_row(**(plain | changes))
        signature = self.venue.sign(order, market)
        assert isinstance(signature, Signed), signature
        return signature.on(order)

    def post(self, *orders: tuple[Order, Instrument]) -> list[Answer]:
        return self.venue.post([order for order, _ in orders], {order.token_id: market for order, market in orders}, self.now)

    def hashes(self) -> list[str]:
        return [order["order_hash"] for order in self.truth()["orders"]]


@pytest.fixture(scope="module")
def sandbox_server() -> Iterator[SandboxVenue]:
    yield from served_sandbox()


@pytest.fixture
def own_sandbox_server() -> Iterator[SandboxVenue]:
    """Nobody traded here before and nobody moved its clock: what happens is a function of the test alone."""
    yield from served_sandbox()


def served_sandbox() -> Iterator[SandboxVenue]:
    clock, world = HandClock(ORIGIN + timedelta(minutes=20)), TwoProtocols(7, ORIGIN, wallets=60, history_days=1)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app_of(world, clock), access_log=False, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield SandboxVenue(url, world, clock, live_settings(url))
        server.should_exit = True
        thread.join(5)


def live_settings(url: str) -> Settings:
    """A house in memory whose addresses all lead to the sandbox, and the word that makes orders real."""
    address = f"memory:venue-{next(_numbers)}"
    return Settings(
        postgres_url=address,  # type: ignore[arg-type]
        clickhouse_url=address,  # type: ignore[arg-type]
        graph_url="memory:",
        data_api_url=f"{url}/data",
        gamma_url=f"{url}/gamma",
        clob_url=f"{url}/clob",
        relayer_url=f"{url}/relayer",
        rpc_url=f"{url}/rpc",
        geoblock_url=f"{url}/geo/api/geoblock",
        live=LIVE_WORD,
        live_wallet=WALLET,
        live_signer=WALLET,
        live_key=HARDHAT,  # type: ignore[arg-type]
        live_max_order=Decimal(10_000),
        live_max_out=Decimal(1_000_000),
        home=Path(HOMES.name) / address.removeprefix("memory:"),
    )


@pytest.fixture
def sandbox(sandbox_server: SandboxVenue) -> Iterator[SandboxVenue]:
    """A house that begins anew, and an exchange without faults."""
    yield sandbox_server.begin_anew()
    sandbox_server.calm()
