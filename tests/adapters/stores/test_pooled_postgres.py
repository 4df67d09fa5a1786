"""Postgres behind pgbouncer, which pools transactions: hosted databases are reached so. It keeps two connections here for everybody.

Point 13: `search_path` was said in the connection's options, which such a proxy drops: a replay's rows would have landed in the production
schema. And psycopg prepares a statement it sent five times, on a connection that is another one the next time.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from adapters.settings import Settings
from adapters.stores.postgres import PostgresResults, engine_of, plain_connection, plain_engine_of
from adapters.stores.postgres_address import schema_in
from adapters.stores.postgres_pace import SharedPace
from adapters.stores.results import Results, Write
from data_contracts import Watermark
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import frame_of
from deployments.local_stack.ports import free_base
from deployments.migrate import migrate_postgres

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_pgbouncer = pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed (Debian: apt install pgbouncer)")
AT = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def pooled(postgres_url: str) -> Iterator[str]:
    """The address of a database of its own through pgbouncer."""
    assert PGBOUNCER is not None
    with engine_of(postgres_url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE DATABASE pooled"))
    url, port = sa.make_url(postgres_url), free_base()
    place = Path(tempfile.mkdtemp(prefix="walletflow-pgbouncer-"))  # not pytest's own: as root it runs as another user
    place.chmod(0o755)
    server = f"host={url.host} port={url.port} user={url.username} password={url.password} dbname=pooled"
    options = "pool_mode=transaction\ndefault_pool_size=2\nauth_type=any\nignore_startup_parameters=options,extra_float_digits"
    ini = f"[databases]\npooled = {server}\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\n{options}\n"
    (place / "pgbouncer.ini").write_text(ini)
    as_user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    process = subprocess.Popen([PGBOUNCER, "-q", place / "pgbouncer.ini"], user=as_user)
    found = url.set(port=port, database="pooled").render_as_string(hide_password=False)
    wait_until_it_answers(found, process)
    yield found
    process.terminate()
    process.wait(10)
    shutil.rmtree(place)


def wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url.replace("+psycopg", "")).close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


@needs_pgbouncer
def test_the_proxy_drops_a_search_path_that_was_said_at_the_start(pooled: str) -> None:
    """What replays did before: here it would have been the production schema."""
    with psycopg.connect(pooled.replace("+psycopg", ""), options="-csearch_path=replay_x") as connection:
        assert connection.execute("SELECT current_schema()").fetchall() == [("public",)]


@needs_pgbouncer
def test_the_proxy_does_not_know_a_statement_that_was_prepared_elsewhere(pooled: str) -> None:
    def ask(_: int) -> None:
        with psycopg.connect(pooled.replace("+psycopg", ""), autocommit=True, prepare_threshold=1) as connection:
            for number in range(30):
                connection.execute("SELECT %s::int", [number])

    with ThreadPoolExecutor(4) as threads, pytest.raises(psycopg.ProgrammingError):
        list(threads.map(ask, range(4)))


def mark(name: str) -> Watermark:
    return Watermark(name=name, reached_at=AT)


@needs_pgbouncer
def test_a_replay_and_the_house_share_two_connections_and_no_row(pooled: str) -> None:
    """Eight threads write and read in either schema, each fifty times; then each has its own four hundred rows, and nobody else's."""
    house = Settings(postgres_url=pooled, clickhouse_url="http://u:p@h:1/d")  # type: ignore[arg-type]
    places = {"house": house, "replay": house.for_replay("pooled")}
    for settings in places.values():
        migrate_postgres(settings)
        migrate_postgres(settings)

    def work(task: tuple[str, int]) -> None:
        place, worker = task
        store = PostgresResults(places[place].required("postgres_url"))
        for number in range(50):
            name = f"{place}-{worker}-{number}"
            store.write([Write(Watermark, frame_of([mark(name)], Watermark))])
            assert store.rows(Watermark, name=name) == [mark(name)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [(place, worker) for worker in range(8) for place in places]))
    for place, settings in places.items():
        names = [row.name for row in PostgresResults(settings.required("postgres_url")).rows(Watermark)]
        assert {name.split("-")[0] for name in names} == {place}
        assert len(names) == 8 * 50


@needs_pgbouncer
def test_what_another_client_left_set_on_the_connection_changes_nothing(pooled: str) -> None:
    """A SET without LOCAL stays on the proxy's connection, for whoever comes next."""
    settings = Settings(postgres_url=f"{pooled}?schema=mine")  # type: ignore[arg-type]
    migrate_postgres(settings)
    for _ in range(4):
        with psycopg.connect(pooled.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("CREATE SCHEMA IF NOT EXISTS theirs")
            other.execute("SET search_path TO theirs")
        store = PostgresResults(settings.required("postgres_url"))
        store.write([Write(Watermark, frame_of([mark("mine")], Watermark), "put")])
        assert store.rows(Watermark) == [mark("mine")]
        migrate_postgres(settings)
    with engine_of(pooled).connect() as connection:
        assert connection.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'theirs'")).all() == []


@needs_pgbouncer
def test_whoever_is_alone_with_a_name_is_so_behind_the_proxy_and_leaves_nothing_locked_or_set(pooled: str) -> None:
    """Four writers count to forty, each step from what it read. A lock of the session would stay with the proxy, and so would a SET."""
    settings = Settings(postgres_url=f"{pooled}?schema=alone")  # type: ignore[arg-type]
    migrate_postgres(settings)
    store = PostgresResults(settings.required("postgres_url"))
    store.write([Write(Watermark, frame_of([mark("count")], Watermark))])

    def count(within: Results) -> None:
        (before,) = within.rows(Watermark, name="count")
        after = Watermark(name="count", reached_at=before.reached_at + timedelta(seconds=1))
        within.write([Write(Watermark, frame_of([after], Watermark), "put")])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.alone(["count"], count), range(40)))
    assert store.rows(Watermark, name="count")[0].reached_at == AT + timedelta(seconds=40)
    with psycopg.connect(pooled.replace("+psycopg", ""), autocommit=True) as other:
        assert other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
        assert other.execute("SHOW lock_timeout").fetchone() == ("0",)


@needs_pgbouncer
def test_rate_limits_are_counted_in_the_schema_of_the_address(pooled: str) -> None:
    first, second = (Settings(postgres_url=f"{pooled}?schema={name}") for name in ("pace_one", "pace_two"))  # type: ignore[arg-type]
    for settings in (first, second):
        migrate_postgres(settings)
    SharedPace(first.required("postgres_url")).hold("trades", 60)
    assert SharedPace(first.required("postgres_url")).wait_s("trades", 200) > 50
    assert SharedPace(second.required("postgres_url")).wait_s("trades", 200) == 0


@pytest.mark.parametrize(
    ("query", "schema"),
    [
        ("", "public"),
        ("?schema=replay_x", "replay_x"),
        ("?sslmode=require&schema=replay_x", "replay_x"),
        ("?options=-csearch_path%3Dold_way", "old_way"),  # as addresses said it before there was a word for it
        ("?options=-c%20search_path%3Dold_way%20-cwork_mem%3D64MB", "old_way"),
        ("?options=-csearch_path%3Dold_way&schema=new_way", "new_way"),
        ("?options=-cwork_mem%3D64MB", "public"),
    ],
)
def test_the_schema_of_an_address(query: str, schema: str) -> None:
    assert schema_in(f"postgresql+psycopg://u:p@h/d{query}") == schema


def test_tables_that_a_role_s_own_search_path_put_elsewhere_are_not_made_anew_in_public(postgres_url: str) -> None:
    """An address without a schema meant the role's. To read public there would be to find an empty house."""
    with engine_of(postgres_url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE DATABASE elsewhere"))
        connection.execute(sa.text("CREATE ROLE roamer LOGIN SUPERUSER PASSWORD 'roamer'"))
        connection.execute(sa.text("ALTER ROLE roamer SET search_path TO roaming, public"))
    try:
        url = sa.make_url(postgres_url).set(database="elsewhere", username="roamer", password="roamer")
        bare = url.render_as_string(hide_password=False)
        migrate_postgres(Settings(postgres_url=f"{bare}?schema=roaming"))  # type: ignore[arg-type]
        with pytest.raises(Unsafe, match=r"in schema roaming: say so in WALLETFLOW_POSTGRES_URL, \?schema=roaming"):
            migrate_postgres(Settings(postgres_url=bare))  # type: ignore[arg-type]
        engine_of(bare).dispose()
        engine_of(f"{bare}?schema=roaming").dispose()
    finally:
        with engine_of(postgres_url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("DROP DATABASE elsewhere WITH (FORCE)"))
            connection.execute(sa.text("DROP ROLE roamer"))


def test_a_server_that_ended_our_connections_is_asked_on_new_ones(postgres_url: str) -> None:
    """It was restarted, say. Who asks at that moment is told so, and the next question is answered: every step is tried again."""
    store, engine = PostgresResults(f"{postgres_url}?application_name=ended"), plain_engine_of(f"{postgres_url}?application_name=ended")
    with plain_connection(engine) as one, plain_connection(engine) as other:
        assert [one.execute("SELECT 1").fetchone(), other.execute("SELECT 1").fetchone()] == [(1,), (1,)]
    end_connections("ended", postgres_url)
    with pytest.raises(Unavailable, match=r"terminat|closed"):
        store.read(Watermark)
    with plain_connection(engine) as one, plain_connection(engine) as other:
        assert [one.execute("SELECT 1").fetchone(), other.execute("SELECT 1").fetchone()] == [(1,), (1,)]
    engine.dispose()


def test_a_connection_that_has_waited_is_asked_whether_it_lives_before_it_is_used(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.stores.postgres.ALIVE_S", 0.0)
    engine = plain_engine_of(f"{postgres_url}?application_name=waited")
    with plain_connection(engine) as connection:
        connection.execute("SELECT 1")
    end_connections("waited", postgres_url)
    with plain_connection(engine) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    engine.dispose()


def test_a_run_that_is_interrupted_in_the_middle_of_a_transaction_leaves_no_connection_in_it(postgres_url: str) -> None:
    """An interruption is raised wherever a thread stands. The next one who takes the connection must not find half a transaction."""
    engine = plain_engine_of(f"{postgres_url}?application_name=interrupted")
    with pytest.raises(KeyboardInterrupt):
        begin_and_be_interrupted(engine)
    with plain_connection(engine) as after:
        found = after.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'interrupted' AND state <> 'active'")
        assert found.fetchone() == (0,)
    engine.dispose()


def begin_and_be_interrupted(engine: sa.Engine) -> None:
    with plain_connection(engine) as connection:
        connection.execute("BEGIN")
        raise KeyboardInterrupt


def end_connections(name: str, url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (name,))
        while connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", (name,)).fetchone() != (0,):
            time.sleep(0.01)
