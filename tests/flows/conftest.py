"""Houses the flows can be run in: one on the real stores before a sandbox world over HTTP, and small ones in memory before a tape."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Self

import clickhouse_connect
import polars as pl
import pytest
import sqlalchemy as sa
import uvicorn
from clickhouse_connect.driver.client import Client
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.connect import in_memory, open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from adapters.stores.results import Write
from data_contracts import Confidence, Currency, Kind, Paced, Settlement, Strategy, Venue, Watermark, contract_of
from data_contracts.contract import ROW_CLASSES, Contract
from data_contracts.frames import frame_of
from domain.copying.policy import FirewallPolicy, OwrrPolicy, Policy, RiskPolicy, SizingPolicy
from sandbox.server import app_of
from sandbox.world import World
from tests.ledger_rows import a_leader
from tests.places import make_place

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
Dump = dict[str, list[tuple[object, ...]]]
Change = Callable[[Any], Any]
_numbers = count()


class Door:
    """Stands before the sandbox world: hears every request, and can refuse it, let it wait, or change its answer."""

    def __init__(self, world: ASGIApp) -> None:
        self._world = world
        self.reset()

    def reset(self) -> None:
        """As it was at first; whoever is held may go."""
        if hasattr(self, "released"):
            self.released.set()
        self.asked: list[str] = []
        self.refusals: dict[str, int] = {}  # path → how many of the next requests are let through before all are refused
        self.changes: dict[str, Change] = {}
        self.held: Callable[[list[str]], bool] = lambda asked: False
        self.holding, self.released = threading.Event(), threading.Event()

    def refuse(self, path: str, after: int = 0) -> None:
        self.refusals[path] = after

    def answers_again(self) -> None:
        self.refusals, self.changes = {}, {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._world(scope, receive, send)
        path = scope["path"]
        self.asked.append(path)
        if self.held(self.asked) and not self.released.is_set():
            self.holding.set()
            released = self.released
            while not released.is_set():  # not in a thread: one that waits for ever keeps pytest from ending
                await asyncio.sleep(0.01)
        if path in self.refusals:
            self.refusals[path] -= 1
            if self.refusals[path] < 0:
                return await JSONResponse({"error": "closed for the test"}, 503)(scope, receive, send)
        if path not in self.changes:
            return await self._world(scope, receive, send)
        body = await self._answer(scope, receive)
        return await JSONResponse(self.changes[path](json.loads(body)))(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            parts.append(message.get("body", b""))

        await self._world(scope, receive, keep)
        return b"".join(parts)


@dataclass
class Sandbox:
    """A small world over HTTP; `now` is its clock."""

    world: World
    url: str
    door: Door
    clock: list[float]

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock[0] or time.time(), UTC)

    def set(self, now: datetime) -> None:
        self.clock[0] = now.timestamp()

    def trades(self, after: datetime, until: datetime, known_s: float = 0) -> list[Any]:
        """What truly happened, oldest first, as known `known_s` later: the wire cuts fractions off and tells 12:00:01.7 as 12:00:01."""
        snapshot = self.world.at(until.timestamp() + known_s)
        return [trade for _, trade in snapshot.trades() if after.timestamp() < int(trade.at_s) <= until.timestamp()][::-1]

    def place(self, settings: Settings) -> Settings:
        urls = {f"{name}_url": f"{self.url}/{path}" for name, path in (("data_api", "data"), ("gamma", "gamma"), ("clob", "clob"))}
        return settings.model_copy(update=urls)


def served(app: ASGIApp) -> Iterator[str]:
    """The address of an app that is served in a thread until the generator goes on."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def opened(origin: datetime, clock: list[float], history_days: int) -> Iterator[Sandbox]:
    world = World(7, origin, wallets=80, history_days=history_days)
    door = Door(app_of(world, lambda: clock[0] or time.time()))
    serving = served(door)
    yield Sandbox(world, next(serving), door, clock)
    next(serving, None)


@pytest.fixture(scope="session")
def sandbox_world() -> Iterator[Sandbox]:
    yield from opened(ORIGIN, [ORIGIN.timestamp()], history_days=4)


@pytest.fixture(scope="module")
def live_sandbox() -> Iterator[Sandbox]:
    """A world that began ten minutes ago and goes on by the machine's clock."""
    yield from opened(datetime.now(UTC) - timedelta(minutes=10), [0.0], history_days=1)


@pytest.fixture
def sandbox(sandbox_world: Sandbox) -> Sandbox:
    """As it is at its origin, with an open door."""
    sandbox_world.set(ORIGIN)
    sandbox_world.door.reset()
    return sandbox_world


def dump_of(settings: Settings) -> Dump:
    """Every row of every table, of Postgres and of ClickHouse; but for the calls to the venue, which are counted by the real clock."""
    contracts = [contract_of(row_class) for row_class in ROW_CLASSES if row_class is not Paced]
    postgres, clickhouse = engine_of(settings.required("postgres_url")), settings.required("clickhouse_url")
    with postgres.connect() as connection, clickhouse_connect.get_client(dsn=clickhouse) as client:
        return {contract.table: sorted(map(tuple, _rows(contract, connection, client)), key=str) for contract in contracts}


def _rows(contract: Contract, connection: sa.Connection, client: Client) -> Sequence[Sequence[object]]:
    columns = ", ".join(f'"{name}"' for name in contract.names)
    if contract.store == "postgres":
        return connection.execute(sa.text(f"SELECT {columns} FROM {contract.table}")).fetchall()
    rows: Sequence[Sequence[object]] = client.query(f"SELECT {columns} FROM {contract.table} FINAL").result_rows
    return rows


@pytest.fixture(scope="session")
def tables_of() -> Callable[[Settings], Dump]:
    return dump_of


@dataclass(frozen=True)
class House:
    """Settings of a place, and the questions the tests ask of it."""

    settings: Settings

    def rows(self, row_class: type, **where: object) -> list[Any]:
        return open_results(self.settings).rows(row_class, **where)

    def put(self, *rows: Any) -> None:
        classes = dict.fromkeys(type(row) for row in rows)
        writes = [Write(one, frame_of([row for row in rows if type(row) is one], one), "put") for one in classes]
        open_results(self.settings).write(writes)

    def strategy(self, strategy_id: str, kind: str, policy: Policy) -> Strategy:
        return Strategy(
            strategy_id=strategy_id,
            venue=Venue.POLYMARKET,
            stake_currency=Currency.USD,
            kind=Kind(kind),
            policy=policy.model_dump_json(),
            balance=Decimal(10_000),
            enabled=True,
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )

    def follow(self, wallets: list[str], policy: Policy, strategy_id: str = "mirror", kind: str = "mirror") -> None:
        leaders = [a_leader(LONG_AGO, wallet, strategy_id) for wallet in wallets]
        self.put(self.strategy(strategy_id, kind, policy), *leaders)

    def watermark(self, name: str) -> datetime:
        reached: datetime = self.rows(Watermark, name=name)[0].reached_at
        return reached

    def settled(self) -> dict[tuple[str, str, str], Decimal]:
        """(strategy, leader, token) → shares that ended with their market."""
        return {(row.strategy_id, row.leader, row.token_id): row.shares for row in self.rows(Settlement)}

    def raw(self, row_class: type, **where: object) -> list[tuple[object, ...]]:
        """The same rows as they are kept, whether or not they can be read."""
        return open_results(self.settings).read(row_class, **where).rows()

    def with_kill_switch(self, state: str) -> Self:
        return replace(self, settings=self.settings.model_copy(update={"trading_state": state}))

    def dump(self) -> Dump:
        return dump_of(self.settings)

    def environment(self) -> dict[str, str]:
        """By which a process of its own reaches the same place."""
        names = ("postgres_url", "clickhouse_url", "graph_url", "graph_user", "graph_password", "data_api_url", "gamma_url", "clob_url")
        known = {name: self.settings.required(name) for name in names if getattr(self.settings, name) is not None}
        return {f"WALLETFLOW_{name.upper()}": value for name, value in known.items()}


@pytest.fixture(scope="session")
def new_house() -> Callable[[Settings, Sandbox], House]:
    """Makes empty stores of its own before the sandbox world."""

    def made(stack_settings: Settings, sandbox: Sandbox) -> House:
        settings = stack_settings.for_replay(f"house-{next(_numbers)}")
        make_place(settings)
        return House(sandbox.place(settings))

    return made


@pytest.fixture
def house(stack_settings: Settings, sandbox: Sandbox, new_house: Callable[[Settings, Sandbox], House]) -> House:
    return new_house(stack_settings, sandbox)


MIRROR = Policy(
    firewall=FirewallPolicy(max_age_s=60),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(10), min_notional=Decimal(1), max_notional=Decimal(50)),
    risk=RiskPolicy(max_positions=20, max_positions_per_leader=20, scale_in=True),
)


@pytest.fixture(scope="session")
def everybody() -> Callable[[House, Sandbox], None]:
    """Puts one strategy of each kind that follows every wallet of the world."""

    def put(home: House, sandbox: Sandbox) -> None:
        risk = RiskPolicy(max_positions=20, max_positions_per_leader=20)
        consensus = Policy(owrr=OwrrPolicy(min_confidence=Confidence.LOW), risk=risk)
        home.follow(list(sandbox.world.wallets), consensus, "consensus", "owrr")
        home.follow(list(sandbox.world.wallets), MIRROR.model_copy(update={"risk": risk}))

    return put


@pytest.fixture
def mirror() -> Policy:
    """10 % of the leader's USD, 50 USD at most, further buys followed."""
    return MIRROR


class Tape:
    """A recording that a test writes, trade by trade; times are seconds after `T0`. Market `m` pays 1 USD for Yes or for No."""

    def __init__(self, directory: Path) -> None:
        self.directory, self._trades, self._ends = directory, [], {}

    def trade(self, at_s: float, wallet: str, side: str, shares: str, price: str | None, outcome: str = "Yes", market: str = "m") -> None:
        row = {"traded_at": T0 + timedelta(seconds=at_s), "wallet": wallet, "market_id": market, "outcome": outcome, "side": side}
        self._trades.append(row | {"shares": float(shares), "price": None if price is None else float(price)})

    def resolve(self, at_s: float, winner: str, market: str = "m") -> None:
        self._ends[market] = (winner, T0 + timedelta(seconds=at_s))

    def write(self) -> Path:
        self.directory.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(self._trades).write_parquet(self.directory / "trades.parquet")
        markets = sorted({row["market_id"] for row in self._trades})
        ends = [self._ends.get(market, (None, None)) for market in markets]
        columns = {"market_id": markets, "winner": [end[0] for end in ends], "resolved_at": [end[1] for end in ends]}
        schema = {"market_id": pl.String, "winner": pl.String, "resolved_at": pl.Datetime("us", "UTC")}
        frame = pl.DataFrame(columns, schema=schema).with_columns(pl.lit("politics").alias("category"))
        frame.write_parquet(self.directory / "markets.parquet")
        return self.directory


T0 = datetime(2022, 11, 8, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def new_tape() -> type[Tape]:
    return Tape


@pytest.fixture
def tape(tmp_path: Path) -> Tape:
    return Tape(tmp_path / "tape")


@dataclass(frozen=True)
class TapeHouse(House):
    """A house in memory before a tape. Its steps run bare: no checks, no task runs."""

    def cycle(self, at_s: float) -> Any:
        from flows.copy_trading import copy_cycle
        from tasks.steps import bare_steps

        with bare_steps():
            return copy_cycle(self.settings, T0 + timedelta(seconds=at_s))


@pytest.fixture
def before_tape() -> Iterator[Callable[[Tape], TapeHouse]]:
    """Makes an empty house in memory before a tape; as many as wanted."""
    with ExitStack() as stack:
        yield lambda tape: TapeHouse(stack.enter_context(in_memory(tape.write())))
