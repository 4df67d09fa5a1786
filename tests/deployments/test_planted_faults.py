"""Each fault is planted in a house that is well; the doctor finds it and says the cure. `docs/operating.md` has the same table."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from adapters import connect
from adapters.connect import Place, open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from adapters.stores.results import Write
from adapters.venues.simulated import SimulatedVenue
from data_contracts import Kind, TradingState, Venue
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.findings import FAIL, OK, WARN
from deployments.health import examine
from deployments.local_stack.ports import free_base
from deployments.operating_checks import newest_version
from deployments.reference_pages import DOCS
from domain.copying.policy import FollowPolicy, Policy, SizingPolicy
from tasks.operating.strategies import put_strategy
from tasks.operating.trading_state import order_state
from tasks.steps import bare_steps
from tests.ledger_rows import LEADER, a_leader, a_position, an_alert
from tests.places import empty_schema, make_schema
from tests.second_venue import SecondFeed

SCHEMA = "doctor_tests"


@dataclass
class House:
    """Settings, and what of it a fault may change."""

    settings: Settings
    feed: SecondFeed
    server: dict[str, Any]  # what Prefect's server answers, by path
    patch: pytest.MonkeyPatch

    def set(self, **changes: Any) -> None:
        self.settings = self.settings.model_copy(update=changes)

    def keep(self, *rows: object) -> None:
        open_results(self.settings).write([Write(type(row), [row], "put") for row in rows])

    def sql(self, statement: str) -> None:
        with engine_of(self.settings.required("postgres_url")).begin() as connection:
            connection.execute(sa.text(statement))

    def strategy(self, policy: Policy) -> None:
        with bare_steps():
            put_strategy("one", Kind.MIRROR, policy, Decimal(1_000), True, self.settings, datetime.now(UTC), Venue.SOLANA)

    def halt(self) -> None:
        with bare_steps():
            order_state("one", TradingState.HALTED, self.settings, datetime.now(UTC), "the moon")


FOLLOWS = FollowPolicy(wallets=(LEADER,), top=0)
TOO_LARGE = SizingPolicy(min_notional=Decimal(600))
READ_ONLY = "&options=-c%20default_transaction_read_only%3Don"


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    url = f"{postgres_url}?schema={SCHEMA}"
    make_schema(Settings(postgres_url=url))  # type: ignore[arg-type]
    yield url
    engine_of(url).dispose()
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {SCHEMA} CASCADE"))


@pytest.fixture
def house(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """One strategy at the second venue, which follows one wallet; a server that says all runs. Nothing listens on its ports."""
    (tmp_path / "secrets").mkdir()
    feed = SecondFeed(datetime.now(UTC), lag_s=1.0)
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: feed, lambda settings: SimulatedVenue(feed)))
    ended = (datetime.now(UTC) - timedelta(seconds=20)).isoformat()
    server = {
        "/deployments/filter": [{"name": "copy-trading", "id": "1", "paused": False, "work_pool_name": "warm"}],
        "/flow_runs/filter": [{"end_time": ended}],
        "/work_pools/warm/workers/filter": [{"name": "warm-worker", "status": "ONLINE"}],
    }
    monkeypatch.setattr(prefect_api, "call", lambda settings, path, body=None, method="": server[path])
    settings = Settings(home=tmp_path, port_base=free_base(), postgres_url=database, clickhouse_url="memory:doctor", graph_password="none")  # type: ignore[arg-type]
    found = House(settings, feed, server, monkeypatch)
    found.strategy(Policy(follow=FOLLOWS))
    found.keep(a_leader(datetime.now(UTC)))
    yield found
    empty_schema(database)
    with engine_of(database).begin() as connection:
        connection.execute(sa.text(f"UPDATE {SCHEMA}.alembic_version SET version_num = '{newest_version()}'"))


def nowhere() -> str:
    return f"127.0.0.1:{free_base()}"


def _prefect_is_away(house: House) -> None:
    house.patch.undo()
    house.set(prefect_auth_string=SecretStr("a:b"))


def _feed_is_away(house: House) -> None:
    def nobody(settings: Settings) -> Any:
        raise Unavailable("the second venue does not answer")

    house.patch.setitem(connect.VENUES, Venue.SOLANA, Place(nobody, nobody))


def _cycles_fail(house: House) -> None:
    house.server["/flow_runs/filter"] = [{"end_time": (datetime.now(UTC) - timedelta(minutes=10)).isoformat()}]


def _clock_differs(house: House) -> None:
    """A feed whose clock is a minute ahead."""

    class Ahead(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(datetime.now(UTC).timestamp() + 60)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ahead)
    threading.Thread(target=server.handle_request, daemon=True).start()
    house.set(data_api_url=f"http://127.0.0.1:{server.server_port}")


def _secret_is_open(house: House) -> None:
    secret = house.settings.home / "secrets" / "postgres"
    secret.write_text("hidden\n")
    secret.chmod(0o644)


def _alert(house: House) -> None:
    message = "An exit failed nine times: look at the venue"
    house.keep(an_alert(datetime.now(UTC), "venue", what="orders_failing", message=message))


def _disk_is_full(house: House) -> None:
    house.patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2**28))


@dataclass(frozen=True)
class Planted:
    fault: str
    plant: Callable[[House], object]
    check: str
    verdict: str
    seen: str
    cure: str


PLANTED = [
    Planted("Postgres is away", lambda h: h.set(postgres_url=f"postgresql+psycopg://a:b@{nowhere()}/x"),
            "postgres", FAIL, "refused", "make up"),
    Planted("Postgres takes no writes", lambda h: h.set(postgres_url=h.settings.required("postgres_url") + READ_ONLY),
            "postgres", FAIL, "read-only", "make up"),
    Planted("tables of an older version", lambda h: h.sql(f"UPDATE {SCHEMA}.alembic_version SET version_num = '0002'"),
            "tables", FAIL, "of version 0002", "make up"),
    Planted("ClickHouse is away", lambda h: h.set(clickhouse_url=f"http://a:b@{nowhere()}/x"),
            "clickhouse", FAIL, "refused", "make up"),
    Planted("the graph is away", lambda h: h.set(graph_url=f"bolt://{nowhere()}"),
            "graph", FAIL, "graph", "make up"),
    Planted("the Prefect server is away", _prefect_is_away,
            "prefect", FAIL, "refused", "make up"),
    Planted("nothing is deployed", lambda h: h.server["/deployments/filter"].clear(),
            "prefect", FAIL, "no deployment is registered", "make up"),
    Planted("a pool without a worker", lambda h: h.server["/work_pools/warm/workers/filter"].clear(),
            "workers", FAIL, "no worker for pool warm", "walletflow logs"),
    Planted("the copy cycle is paused", lambda h: h.server["/deployments/filter"][0].update(paused=True),
            "cycles", WARN, "no exit leaves", "resume"),
    Planted("no cycle completes", _cycles_fail,
            "cycles", FAIL, "600 s ago", "Prefect UI"),
    Planted("the inbox is away", lambda h: h.set(inbox_url=f"http://{nowhere()}"),
            "inbox", FAIL, "refused", "make up"),
    Planted("a position that no fill made", lambda h: h.keep(a_position(datetime.now(UTC))),
            "ledger", FAIL, "the first: ", "rebuild-positions"),
    Planted("a feed that lags", lambda h: setattr(h.feed, "lag_s", 40.0),
            "feed solana", WARN, "40 s behind", "status page"),
    Planted("a feed that stands", lambda h: setattr(h.feed, "lag_s", 500.0),
            "feed solana", FAIL, "500 s behind", "status page"),
    Planted("a feed that is away", _feed_is_away,
            "feed solana", FAIL, "does not answer", "make up"),
    Planted("an operator's halt that was forgotten", lambda h: h.halt(),
            "trading", WARN, "HALTED, OPERATOR: the moon", "walletflow resume"),
    Planted("the environment's kill switch", lambda h: h.set(trading_state="HALTED"),
            "trading", WARN, "KILL_SWITCH", "walletflow resume"),
    Planted("a strategy that follows nobody", lambda h: h.sql(f"DELETE FROM {SCHEMA}.leaders"),
            "strategies", WARN, "one follows nobody", "strategy-editing"),
    Planted("a least order above the largest", lambda h: h.strategy(Policy(follow=FOLLOWS, sizing=TOO_LARGE)),
            "strategies", WARN, "600 is above max_notional 500", "strategy-editing"),
    Planted("a strategy's row that cannot be read", lambda h: h.sql(f"UPDATE {SCHEMA}.strategies SET kind = 'astrology'"),
            "strategies", FAIL, "one cannot be read", "strategy-editing"),
    Planted("an alert nobody looked at", _alert,
            "alerts", FAIL, "orders_failing venue", "look at the venue"),
    Planted("orders without a seal", lambda h: None,
            "seals", WARN, "no seal", "WALLETFLOW_ORDER_KEY_FILE"),
    Planted("a secret that others may read", _secret_is_open,
            "secrets", FAIL, "secrets/postgres", "chmod 600"),
    Planted("a clock that differs", _clock_differs,
            "clock", FAIL, "s from the feed's", "set-ntp"),
    Planted("a disk that is full", _disk_is_full,
            "disk", FAIL, "0.2 GiB free", "Free some space"),
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.fault)
def test_a_planted_fault_is_found_with_its_cure(planted: Planted, house: House) -> None:
    planted.plant(house)
    found = dict(examine(house.settings))[planted.check]
    assert found.verdict == planted.verdict, found
    assert planted.seen in found.seen
    assert planted.cure in found.cure


def test_without_it_nothing_is_wrong_there(house: House) -> None:
    """So it is the fault that each check names, and not the house."""
    verdicts = dict(examine(house.settings))
    well = {
        "postgres",
        "tables",
        "ledger",
        "prefect",
        "workers",
        "cycles",
        "inbox",
        "feed solana",
        "strategies",
        "trading",
        "alerts",
        "secrets",
    }
    assert {name: finding.verdict for name, finding in verdicts.items() if name in well} == dict.fromkeys(well, OK)


def test_the_docs_name_each_of_them() -> None:
    text = (DOCS / "operating.md").read_text()
    assert [one.fault for one in PLANTED if f"| {one.fault} |" not in text] == []
