"""The stores of the local stack, really running, asked through the drivers that the adapters use."""

import os
import pwd
import stat
from pathlib import Path

import neo4j
import pytest
import sqlalchemy as sa

from adapters.settings import Settings
from deployments.local_stack import home as places
from deployments.local_stack import postgres, records
from deployments.local_stack.ports import listening_inodes
from deployments.local_stack.stack import addresses, services, write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.processes import command_of


def test_postgres_has_both_databases_and_asks_for_the_password(stack_settings: Settings) -> None:
    url = sa.make_url(stack_settings.required("postgres_url"))
    with sa.create_engine(url).connect() as connection:
        names = set(connection.execute(sa.text("select datname from pg_database")).scalars())
    assert {"walletflow", "prefect"} <= names
    with pytest.raises(sa.exc.OperationalError, match="password authentication failed"):
        sa.create_engine(url.set(password="guessed")).connect()


def test_the_graph_takes_constraints_and_merges_through_the_neo4j_driver(stack_settings: Settings) -> None:
    user, password = stack_settings.graph_user, stack_settings.required("graph_password")
    with neo4j.GraphDatabase.driver(stack_settings.required("graph_url"), auth=(user, password)) as driver:
        driver.execute_query("CREATE CONSTRAINT probe IF NOT EXISTS FOR (n:Probe) REQUIRE n.name IS UNIQUE")
        for _ in range(2):
            driver.execute_query("UNWIND $names AS name MERGE (:Probe {name: name})", names=["a", "b"])
        assert driver.execute_query("MATCH (n:Probe) RETURN count(n) AS n").records[0]["n"] == 2
        driver.execute_query("MATCH (n:Probe) DELETE n")


@pytest.mark.usefixtures("stack_settings")
def test_every_store_listens_on_loopback_only(stack: tuple[Settings, Supervisor]) -> None:
    settings, _ = stack
    for port in (settings.postgres_port, settings.clickhouse_port, settings.graph_port, settings.graph_http_port):
        assert listening_inodes(port)
        assert listening_addresses(port) <= {"0100007F", "0000000000000000FFFF00000100007F"}, port  # 127.0.0.1 as /proc writes it


def listening_addresses(port: int) -> set[str]:
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    return {columns[1].split(":")[0] for columns in lines if columns[3] == "0A" and int(columns[1].split(":")[1], 16) == port}


@pytest.mark.usefixtures("stack_settings")
def test_no_command_line_holds_a_secret(stack: tuple[Settings, Supervisor]) -> None:
    settings, _ = stack
    commands = " ".join(command_of(record.pid) for record in records.read_all(settings.home))
    assert "postgres" in commands
    for name in ("postgres", "clickhouse", "graph"):
        assert places.secret(settings.home, name) not in commands


@pytest.mark.usefixtures("stack_settings")
def test_a_second_up_changes_nothing(stack: tuple[Settings, Supervisor]) -> None:
    settings, supervisor = stack
    before = records.read_all(settings.home)
    supervisor.up([service for service in services(settings) if service.name in ("postgres", "clickhouse", "graph")])
    assert records.read_all(settings.home) == before


@pytest.mark.usefixtures("stack_settings")
def test_stack_env_is_private_and_says_where_everything_is(
    stack: tuple[Settings, Supervisor], stack_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WALLETFLOW_PORT_BASE", raising=False)  # as README lets one set it for a stack of one's own
    settings, _ = stack
    write_addresses(settings)
    file = settings.home / "stack.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = Settings(_env_file=file, home=settings.home)  # type: ignore[call-arg]
    for name in ("postgres_url", "clickhouse_url", "graph_url", "graph_password"):
        assert read.required(name) == stack_settings.required(name)
    assert read.port_base == settings.port_base


def test_a_store_of_the_user_s_own_is_used_as_given_and_not_started(stack: tuple[Settings, Supervisor]) -> None:
    settings, _ = stack
    own = settings.model_copy(update={"graph_url": "bolt://graph.example:7687", "gamma_url": "https://gamma.example"})
    assert {"graph", "sandbox"}.isdisjoint(service.name for service in services(own))
    assert not any(name.startswith(("WALLETFLOW_GRAPH", "WALLETFLOW_GAMMA", "WALLETFLOW_DATA_API")) for name in addresses(own))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_data_moves_where_the_server_may_go_and_no_directory_is_opened(tmp_path: Path) -> None:
    home = tmp_path / "private" / "home"
    home.mkdir(parents=True)
    (tmp_path / "private").chmod(0o700)
    server = pwd.getpwnam("nobody")
    chosen = postgres.data_directory(home, server)
    try:
        assert not chosen.is_relative_to(home)
        assert postgres.is_reachable(chosen.parent, server)
        assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700
        assert postgres.data_directory(home, server) == chosen  # noted in the home
    finally:
        chosen.parent.rmdir()


def test_data_stays_at_home_when_the_server_runs_as_us(tmp_path: Path) -> None:
    assert postgres.data_directory(tmp_path, None) == tmp_path / "postgres"
