"""Every port that the stack opens, and what strangers get there: a web page of elsewhere, a name that points here, whoever has no secret.

Prefect's API stood open: a page in the operator's browser could have created a run of `strategy-editing` (`Allow-Origin: *`).
"""

import asyncio
import json
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import websockets
from neo4j import GraphDatabase
from neo4j.exceptions import Neo4jError
from pydantic import SecretStr

from adapters.connect import results_at
from adapters.settings import Settings
from data_contracts import Delivery
from deployments import prefect_api
from deployments.local_stack import clickhouse, graph, inbox, ports, postgres, prefect_server, records, results_page, sandbox
from deployments.local_stack import home as places
from deployments.local_stack.ports import LISTENING
from deployments.local_stack.services import Service
from deployments.local_stack.stack import write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import migrate_postgres
from deployments.processes import command_of

pytestmark = pytest.mark.long

STRANGERS = [
    {"Origin": "https://example.org"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8000"},
    {"Host": "walletflow.example.org"},
    {"Origin": "https://example.org", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"},
]
# What each web server has. Only what says that it lives, and the page that asks for the secret, may be had without one.
PATHS = {
    "prefect": ["/api/deployments/", "/api/admin/settings", "/api/flow_runs/filter", "/api/docs", "/docs", "/openapi.json", "/redoc"],
    "clickhouse": ["/?query=SELECT+1", "/play", "/dashboard", "/replicas"],
    "graph-http": ["/", "/api/v1/server", "/api/v1/databases", "/api/v1/query/walletflow/sql/select", "/studio", "/prometheus"],
    "sandbox": ["/control/faults", "/control/accounts/0x1", "/truth"],
    "inbox": ["/intents", "/webhooks/helius", "/openapi.json", "/docs"],
    "results": [
        "/",
        "/checks/",
        "/api/version",
        "/api/status",
        "/api/usage",
        "/@file/1",
        "/og/thumbnail",
        "/checks/",
        "/checks/index.html",
    ],
}
ALIVE = {
    "prefect": "/api/health",
    "clickhouse": "/ping",
    "graph-http": "/api/v1/ready",
    "sandbox": "/healthz",
    "results": "/health",
    "inbox": "/health",
}
SAID = ("", "true", "Ok.", '{"status":"ok"}', '{"status":"healthy"}')


@pytest.fixture(scope="module")
def house(stack: tuple[Settings, Supervisor], prefect: Service) -> Iterator[Settings]:
    settings, supervisor = stack
    (settings.home / "data_docs").mkdir(exist_ok=True)
    (settings.home / "data_docs" / "index.html").write_text("every check")
    of_stores = [postgres.postgres(settings), clickhouse.clickhouse(settings), graph.graph(settings)]
    supervisor.up(of_stores)
    write_addresses(settings)
    migrate_postgres(Settings(home=settings.home, postgres_url=SecretStr(postgres.url(settings))))
    of_pages = [
        sandbox.sandbox(settings),
        results_page.results_page(settings, ()),
        inbox.inbox(settings, ()),
    ]
    supervisor.up(of_pages)
    yield settings
    for service in of_pages:
        if (record := records.read(settings.home, service.name)) is not None:
            supervisor.stop(record)


def ports_of(settings: Settings) -> dict[str, int]:
    return {
        "prefect": settings.prefect_port,
        "postgres": settings.postgres_port,
        "clickhouse": settings.clickhouse_port,
        "graph": settings.graph_port,
        "graph-http": settings.graph_http_port,
        "sandbox": settings.sandbox_port,
        "results": settings.results_port,
        "inbox": settings.inbox_port,
    }


def processes_of(settings: Settings) -> list[int]:
    """All that the stack started, with their children."""
    begun = {record.pid for record in records.read_all(settings.home)}
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent, _, session = (process / "stat").read_text().rpartition(")")[2].split()[1:4]
        except OSError:
            continue
        if {int(process.name), int(parent), int(session)} & begun:
            found.append(int(process.name))
    return found


def listening(settings: Settings) -> set[tuple[str, int]]:
    """Address and port of every socket on which the stack waits for somebody, as the kernel has them."""
    inodes = set().union(*(ports.open_files(Path(f"/proc/{pid}")) for pid in processes_of(settings)))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTENING and f"socket:[{columns[9]}]" in inodes:
                address, _, port = columns[1].rpartition(":")
                found.add((address, int(port, 16)))
    return found


def test_these_are_all_ports_and_all_are_on_loopback(house: Settings) -> None:
    """A port that is not in this test's tables was tested by nobody: it fails here."""
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    assert listening(house) == {(loopback, port) for port in ports_of(house).values()}


def ask(house: Settings, name: str, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.request(method, f"http://127.0.0.1:{ports_of(house)[name]}{path}", headers=headers)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in PATHS.items() for path in paths])
def test_without_the_secret_there_is_nothing(house: Settings, name: str, path: str) -> None:
    for method in ("GET", "POST"):
        answer = ask(house, name, path, method)
        assert answer.status_code in (303, 401, 403, 404, 405, 411, 415, 501), answer.text[:200]
        assert len(answer.content) < 200
        assert "/auth/login" in answer.headers.get("Location", "/auth/login")


@pytest.mark.parametrize("name", ALIVE)
def test_that_it_lives_is_all_that_may_be_asked(house: Settings, name: str) -> None:
    answer = ask(house, name, ALIVE[name])
    assert answer.status_code in (200, 204)
    assert answer.text.strip() in SAID


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
@pytest.mark.parametrize("name", PATHS)
def test_a_page_of_elsewhere_gets_nothing_and_may_read_nothing(house: Settings, name: str, stranger: dict[str, str]) -> None:
    for path in [*PATHS[name], ALIVE[name]]:
        for method in ("GET", "POST", "OPTIONS"):
            answer = ask(house, name, path, method, **stranger)
            assert "access-control-allow-origin" not in answer.headers
            assert answer.status_code >= 400 or answer.text.strip() in SAID
            assert answer.status_code >= 400 or name == "graph-http"  # ArcadeDB's own: it says that it is ready, to anybody


@pytest.mark.parametrize("stranger", STRANGERS[:4], ids=str)
def test_even_with_the_secret_a_page_of_elsewhere_creates_no_run(house: Settings, stranger: dict[str, str]) -> None:
    def create(headers: dict[str, str]) -> httpx.Response:
        body = {"name": "somebody's"}
        return httpx.post(
            f"{house.prefect_api_url}/flows/", json=body, headers=headers, auth=prefect_api.credentials(house), trust_env=False
        )

    assert create(stranger).status_code == 403
    assert create({"Origin": prefect_server.url(house)}).status_code in (200, 201)


@pytest.mark.parametrize("path", ["/api/events/in", "/api/events/out", "/api/logs/out"])
@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_websocket_without_the_secret_is_closed(house: Settings, path: str, token: str | None) -> None:
    async def hear() -> object:
        address = f"ws://127.0.0.1:{house.prefect_port}{path}"
        async with websockets.connect(address, subprotocols=[websockets.Subprotocol("prefect")], proxy=None) as line:
            await line.send(json.dumps({"type": "auth", "token": token}))
            return await asyncio.wait_for(line.recv(), 20)

    with pytest.raises(websockets.ConnectionClosed):
        asyncio.run(hear())


@pytest.mark.parametrize(("name", "path"), [("prefect", "/api/events/out"), ("results", "/ws?session_id=s"), ("sandbox", "/ws/user")])
def test_a_websocket_of_a_page_of_elsewhere_never_opens(house: Settings, name: str, path: str) -> None:
    async def open_it() -> None:
        await websockets.connect(
            f"ws://127.0.0.1:{ports_of(house)[name]}{path}", origin=websockets.Origin("https://example.org"), proxy=None
        )

    with pytest.raises(websockets.InvalidStatus):
        asyncio.run(open_it())


def test_a_browser_is_let_in_by_the_addresses_that_are_printed(house: Settings) -> None:
    with httpx.Client(trust_env=False, timeout=20, follow_redirects=True) as browser:
        page = browser.get(results_page.entrance(house))
        assert (page.status_code, "marimo" in page.text) == (200, True)
        assert browser.get(f"{results_page.url(house)}/api/version").status_code == 200  # its cookie is enough now
        assert browser.get(results_page.checks_entrance(house)).text == "every check"
    entrance, _, secret = prefect_server.entrance(house).partition("#")
    assert secret not in httpx.get(entrance, trust_env=False).text
    assert secret == prefect_server.auth_string(house)


def test_postgres_wants_its_password(house: Settings) -> None:
    for password in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=house.postgres_port, user="walletflow", password=password, dbname="walletflow")


def test_the_graph_wants_its_password(house: Settings) -> None:
    for credentials in (None, ("root", ""), ("root", "wrong")):
        with GraphDatabase.driver(graph.url(house), auth=credentials) as driver, pytest.raises(Neo4jError, match=r"(?i)auth"):
            driver.execute_query("RETURN 1")


@pytest.mark.parametrize("name", ["postgres", "graph"])
def test_a_browser_gets_no_word_out_of_what_speaks_no_http(house: Settings, name: str) -> None:
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    with socket.create_connection(("127.0.0.1", ports_of(house)[name]), timeout=5) as line:
        line.sendall(request)
        try:
            said = line.recv(1000)
        except (TimeoutError, ConnectionResetError):
            said = b""
    assert b"HTTP/" not in said


def secrets_of(house: Settings) -> dict[str, str]:
    return {file.name: file.read_text().strip() for file in (house.home / "secrets").iterdir()}


def test_each_secret_is_of_its_own_and_for_its_owner_s_eyes(house: Settings) -> None:
    found = secrets_of(house)
    assert {"prefect", "postgres", "clickhouse", "graph", "sandbox", "results"} <= set(found)
    assert len(set(found.values())) == len(found)
    assert min(map(len, found.values())) >= 32
    assert stat.S_IMODE((house.home / "secrets").stat().st_mode) == 0o700
    for name in found:
        assert stat.S_IMODE(places.secret_file(house.home, name).stat().st_mode) == 0o600


def test_no_secret_is_in_a_command_line_a_log_or_a_record(house: Settings) -> None:
    lines = {str(pid): command_of(pid) for pid in processes_of(house) if pid != os.getpid()}
    files = [file for part in ("logs", "run") for file in (house.home / part).rglob("*") if file.is_file()]
    texts: dict[str, Any] = lines | {str(file): file.read_text(errors="replace") for file in files}
    assert [(name, where) for name, secret in secrets_of(house).items() for where, text in texts.items() if secret in text] == []
    assert len(lines) >= len(ports_of(house)) - 1  # the graph has two ports


def test_what_is_posted_to_the_stack_s_inbox_is_in_postgres(house: Settings) -> None:
    """With the secrets that `up` made; a page of elsewhere, or another name of this machine, is turned away even with them."""
    signature = "5" * 88
    secret = {"Authorization": places.secret(house.home, inbox.WEBHOOKS)}

    def deliver(headers: dict[str, str]) -> int:
        body = [{"signature": signature}]
        return httpx.post(f"{inbox.url(house)}/webhooks/helius", json=body, headers=headers, trust_env=False).status_code

    assert deliver({}) == 401
    assert [deliver(secret | stranger) for stranger in STRANGERS[:4]] == [403] * 4
    assert deliver(secret) == 200
    assert [row.signature for row in results_at(postgres.url(house)).arrived(Delivery, 0, 9)] == [signature]


def test_the_inbox_is_given_nothing_that_could_sign(house: Settings) -> None:
    service = inbox.inbox(house, ())
    assert {name: service.environment[name] for name in inbox.WITHHELD} == dict.fromkeys(inbox.WITHHELD, "")
    secrets = [places.secret(house.home, name) for name in (inbox.NAME, inbox.WEBHOOKS)]
    assert not any(secret in word for secret in secrets for word in service.command)
    for path in (inbox.token_file(house), inbox.webhook_file(house)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
