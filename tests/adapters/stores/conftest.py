"""Stores of these tests' own: a schema in Postgres, a database in ClickHouse, and memory, each emptied before it is handed out."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from hypothesis import strategies as st

from adapters.settings import Settings
from adapters.stores.clickhouse import ClickHouseHistory
from adapters.stores.history import History
from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.postgres import PostgresResults
from adapters.stores.results import Results
from data_contracts import contract_of
from data_contracts.contract import Field
from data_contracts.frames import PRECISION
from deployments.local_stack import graph as graph_part
from deployments.local_stack import home as places
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import migrate_clickhouse, migrate_postgres
from domain.ids import row_id
from tests.places import empty_database, empty_schema

NEO4J = Path(__file__).parents[2] / "neo4j"
POM = NEO4J / "pom.xml"
JVM_OPTIONS = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]  # a small server that is soon up
AS_OF = datetime(2026, 11, 3, 12, 0, 0, 123456, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Build = Callable[..., Any]
Open = Callable[[], Any]  # the store, emptied


@pytest.fixture(scope="session")
def as_of() -> datetime:
    return AS_OF


@pytest.fixture(scope="session")
def a_row() -> Build:
    """A good row of any class: plain values by kind, and what the test changes."""

    def build(row_class: type, **changes: Any) -> Any:
        fields = {field.name: None if field.nullable else _plain(field) for field in contract_of(row_class).fields}
        return row_class(**(fields | changes))

    return build


def _plain(field: Field) -> Any:
    if issubclass(field.kind, Enum):
        return next(iter(field.kind))
    if field.kind is str:
        return row_id(field.name) if field.name.endswith("_id") else "{}"
    plain: dict[type, Any] = {int: 1, float: 0.5, bool: True, datetime: AS_OF, Decimal: Decimal("0.5")}
    return plain[field.kind]


@pytest.fixture(scope="session")
def any_rows() -> Callable[[type], st.SearchStrategy[list[Any]]]:
    """Up to four rows of whatever a column's kind can hold, no two with one key, in the order of the key."""

    def rows(row_class: type) -> st.SearchStrategy[list[Any]]:
        contract = contract_of(row_class)
        fields = {field.name: _values(field) for field in contract.fields}
        row = st.fixed_dictionaries(fields).map(lambda values: row_class(**values))

        def key(row: Any) -> tuple[Any, ...]:
            return tuple(getattr(row, name) for name in contract.key)

        return st.lists(row, max_size=4, unique_by=key).map(lambda rows: sorted(rows, key=key))

    return rows


def _values(field: Field) -> st.SearchStrategy[Any]:
    limit = 10 ** (PRECISION - field.column.scale) - 1
    awkward = st.sampled_from(
        ["", " ", "'", '"', ",", "\n", "\r\n", "\\", "\\N", "\\.", "a\nb", "NULL", "{", "None", "é", "日本", "🙂", "\t"]
    )
    kinds: dict[type, st.SearchStrategy[Any]] = {
        # No NUL: PostgreSQL's text cannot hold it.
        str: awkward | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
        int: st.integers(-(2**63), 2**63 - 1),
        float: st.floats(allow_nan=False),
        bool: st.booleans(),
        datetime: st.timedeltas(timedelta(days=-20_000), timedelta(days=80_000)).map(lambda since: EPOCH + since),
        Decimal: st.decimals(-limit, limit, places=field.column.scale),
    }
    strategy = st.sampled_from(list(field.kind)) if issubclass(field.kind, Enum) else kinds[field.kind]
    return st.none() | strategy if field.nullable else strategy


@pytest.fixture(scope="session")
def postgres_schema(postgres_url: str) -> str:
    """The address of a migrated schema of these tests' own."""
    url = f"{postgres_url}?options=-csearch_path%3Dstore_tests"
    migrate_postgres(Settings(postgres_url=url))  # type: ignore[arg-type]
    return url


@pytest.fixture(scope="session")
def clickhouse_database(clickhouse_url: str) -> str:
    """The address of a migrated database of these tests' own."""
    url = f"{clickhouse_url.rpartition('/')[0]}/store_tests"
    migrate_clickhouse(Settings(clickhouse_url=url))  # type: ignore[arg-type]
    return url


@pytest.fixture(scope="session", params=["postgres", "memory"])
def open_results(request: pytest.FixtureRequest) -> Open:
    if request.param == "memory":
        return MemoryResults
    url = request.getfixturevalue("postgres_schema")

    def opened() -> PostgresResults:
        empty_schema(url)
        return PostgresResults(url)

    return opened


@pytest.fixture
def results(open_results: Open) -> Results:
    """An empty store; each test runs on Postgres and in memory."""
    store: Results = open_results()
    return store


@pytest.fixture(scope="session", params=["clickhouse", "memory"])
def open_history(request: pytest.FixtureRequest) -> Iterator[Open]:
    if request.param == "memory":
        yield MemoryHistory
        return
    url = request.getfixturevalue("clickhouse_database")
    with closing(clickhouse_connect.get_client(dsn=url, autogenerate_session_id=False)) as client:

        def opened() -> ClickHouseHistory:
            empty_database(client)
            return ClickHouseHistory(url)

        yield opened


@pytest.fixture
def history(open_history: Open) -> History:
    """An empty store; each test runs on ClickHouse and in memory."""
    store: History = open_history()
    return store


@pytest.fixture(scope="session")
def embedded_graph(stack: tuple[Settings, Supervisor]) -> tuple[str, str, str]:
    """The graph that `make up` starts: its URL, user and password."""
    settings, supervisor = stack
    supervisor.up([graph_part.graph(settings)])
    return graph_part.url(settings), graph_part.USER, places.secret(settings.home, graph_part.NAME)


@pytest.fixture(scope="session")
def neo4j_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A real Neo4j 5 LTS, Community edition, from Maven's repository: its URL, user and password."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"a real Neo4j needs {program}, which is not installed")
    directory, password = tmp_path_factory.mktemp("neo4j"), secrets.token_hex(16)
    command = ["java", *JVM_OPTIONS, "-cp", classpath(), str(NEO4J / "Neo4jServer.java"), str(directory)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as server:  # leaving the block closes its input, and it ends
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(password + "\n")
        server.stdin.flush()
        url = server.stdout.readline().strip()
        if not url:
            server.stdin.close()
            pytest.fail(f"Neo4j did not start: {server.communicate()[1][-2000:]}")
        yield url, "neo4j", password


def classpath() -> str:
    """The server's jars as Maven resolves them, asked for again when the pom changed. The jars stay in Maven's own repository."""
    answer = NEO4J / "target" / "classpath.txt"
    if not (answer.exists() and answer.stat().st_mtime > POM.stat().st_mtime and all(map(os.path.exists, answer.read_text().split(":")))):
        resolve = ["mvn", "-q", "-B", "-f", str(POM), "dependency:build-classpath", f"-Dmdep.outputFile={answer}"]
        resolved = subprocess.run(resolve, capture_output=True, text=True, check=False)
        if resolved.returncode:
            pytest.skip(f"Maven could not fetch Neo4j: {resolved.stdout.strip().splitlines()[:1]}")
    return answer.read_text()
