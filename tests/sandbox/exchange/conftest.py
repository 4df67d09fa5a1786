"""One exchange served on this machine's loopback, and wallets to trade on it. The keys are the public ones of Hardhat and Anvil."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
import pytest
import uvicorn
from eth_account import Account
from polymarket import RelayerApiKey, SecureClient
from polymarket.environments import PRODUCTION, Environment, _create_environment

from sandbox.exchange.contracts import route_of
from sandbox.markets import Market
from sandbox.server import app_of
from sandbox.world import World

# https://hardhat.org/hardhat-network/docs/reference#initial-state: known to everybody, worth nothing.
PUBLIC_KEYS = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
)


# The world stands still at an instant of its own; what the clients sign is checked against the machine's clock.
ORIGIN = datetime(2030, 1, 1, tzinfo=UTC)


class StandingClock:
    def __init__(self) -> None:
        self.now_s = ORIGIN.timestamp()

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


@dataclass(frozen=True)
class Served:
    url: str
    world: World
    clock: "StandingClock"

    def control(self, path: str, body: Any = None) -> Any:
        answer = httpx.get(f"{self.url}/control{path}") if body is None else httpx.post(f"{self.url}/control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fund(self, wallet: str, dollars: int = 1_000, tokens: dict[str, int] | None = None) -> Any:
        return self.control(f"/accounts/{wallet}", {"collateral": dollars * 1_000_000, "tokens": tokens or {}, "allowances": True})

    def fault(self, on: str, what: str, **more: Any) -> None:
        self.control("/faults", [{"on": on, "what": what, **more}])

    def market(self, neg_risk: bool = False, for_s: float = 60, version: str = "2") -> Market:
        """One that is open for a while and whose price is far from both ends. `version` is its exchange's."""
        now_s = self.clock()
        open_ = [market for market in self.world.at(now_s).markets() if market.open_at(now_s) and market.closes_s > now_s + for_s]
        fitting = [market for market in open_ if market.neg_risk == neg_risk and route_of(market).version == version]
        return min(fitting, key=lambda market: abs(market.path.belief_at(now_s) - 0.5))


class TwoProtocols(World):
    """Every fourth market is of the second protocol: its ids are laid out as the position manager's, and Exchange V3 trades it.

    Layout: module(1) hash(16) arity(2) reserved(8) chain(2) condition(2), and an outcome(1) behind it for a token."""

    def _open(self, market: Market) -> None:
        if market.number % 4 == 3 and not market.neg_risk:
            condition = "0x01" + market.condition_id[2:34] + "00" * 14
            tokens = tuple(str(int(f"{condition}{outcome:02x}", 16)) for outcome in (0, 1))
            market = replace(market, condition_id=condition, token_ids=tokens)
        super()._open(market)


@pytest.fixture(scope="session")
def world() -> World:
    return TwoProtocols(9, ORIGIN, wallets=60, history_days=1)


@pytest.fixture(scope="session")
def served(world: World) -> Iterator[Served]:
    clock = StandingClock()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app_of(world, clock), access_log=False, log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", world, clock)
        server.should_exit = True
        thread.join(5)


@pytest.fixture(autouse=True)
def _calm(served: Served) -> Iterator[None]:
    """Each test begins without faults, and a trade is confirmed at once unless the test says otherwise."""
    served.control("/settlement", {"mined_s": 0, "confirmed_s": 0})
    yield
    httpx.delete(f"{served.url}/control/faults")


def environment(url: str) -> Environment:
    """Where polymarket-client is told to find everything."""
    sockets = url.replace("http", "ws")
    config = replace(
        PRODUCTION._config,
        clob_url=f"{url}/clob",
        gamma_url=f"{url}/gamma",
        data_url=f"{url}/data",
        relayer_url=f"{url}/relayer",
        rpc_url=f"{url}/rpc",
        clob_market_ws_url=f"{sockets}/ws/market",
        clob_user_ws_url=f"{sockets}/ws/user",
        relayer_poll_frequency_ms=20,
    )
    return _create_environment(name="sandbox", config=config)


class Clients:
    """polymarket-client's, one for each wallet: making one takes far longer than using it."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._made: dict[tuple[str, str], SecureClient] = {}

    def __call__(self, private_key: str, wallet: str = "") -> SecureClient:
        owner = address_of(private_key)
        place = private_key, wallet or owner
        if place not in self._made:
            key = RelayerApiKey(key=self._served.control(f"/relayer-keys/{owner}")["key"], address=owner)
            self._made[place] = SecureClient.create(
                private_key=private_key, wallet=place[1], environment=environment(self._served.url), api_key=key
            )
        return self._made[place]

    def close(self) -> None:
        for client in self._made.values():
            client.close()


@pytest.fixture(scope="session")
def clients(served: Served) -> Iterator[Clients]:
    made = Clients(served)
    yield made
    made.close()


@cache
def address_of(private_key: str) -> str:
    return str(Account.from_key(private_key).address)
