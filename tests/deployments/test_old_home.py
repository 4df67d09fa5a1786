"""A home of an earlier commit becomes one of today, and no row is lost. WALLETFLOW_OLD_HOME names such a home, stopped; it is copied.

`git worktree add ../old 0b392cf`, `make up` and `make down` there with WALLETFLOW_HOME set make one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
import sqlalchemy as sa
from neo4j import GraphDatabase

from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from deployments.local_stack import clickhouse, graph, postgres
from deployments.local_stack import home as places
from deployments.local_stack.ports import free_base
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import drift, migrate

OLD_HOME = os.environ.get("WALLETFLOW_OLD_HOME")
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1_200),
    pytest.mark.skipif(OLD_HOME is None, reason="WALLETFLOW_OLD_HOME names no home of an earlier commit"),
]
# What was split or renamed since: each row of the old table is a row in every one of these.
BECAME: dict[str, tuple[str, ...]] = {"markets": ("instruments", "polymarket_markets")}
# Made anew by the next profiling, or no fact of ours.
NOT_KEPT = {"alembic_version", "paces"}


@pytest.fixture(scope="module")
def old_home() -> Iterator[Settings]:
    place = Path(tempfile.mkdtemp(prefix="walletflow-old-"))
    place.chmod(0o755)
    subprocess.run(["cp", "-a", f"{OLD_HOME}/.", place], check=True)  # with its owners: PostgreSQL's data may belong to another user
    for record in (place / "run").glob("*.json"):
        record.unlink()
    given = Settings(home=place, port_base=free_base(), postgres_url=None, clickhouse_url=None, graph_url=None)
    supervisor = Supervisor(place, say=lambda line: None)
    supervisor.up([postgres.postgres(given), clickhouse.clickhouse(given), graph.graph(given)])
    addresses = {
        "postgres_url": postgres.url(given),
        "clickhouse_url": clickhouse.url(given),
        "graph_url": graph.url(given),
        "graph_user": graph.USER,
        "graph_password": places.secret(place, graph.NAME),
    }
    yield Settings(home=place, port_base=given.port_base, **addresses)  # type: ignore[arg-type]
    supervisor.down()
    shutil.rmtree(place)


def rows_by_table(settings: Settings) -> dict[str, int]:
    """Of all three stores: how many rows each table has, whoever knows it."""
    with engine_of(settings.required("postgres_url")).connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        found = {f"postgres {table}": int(connection.scalar(sa.text(f'SELECT count(*) FROM "{table}"')) or 0) for table in tables}
    with clickhouse_connect.get_client(dsn=settings.required("clickhouse_url")) as client:
        for table, engine in client.query("SELECT name, engine FROM system.tables WHERE database = currentDatabase()").result_rows:
            final = "FINAL" if "Replacing" in engine else ""
            found[f"clickhouse {table}"] = int(client.query(f"SELECT count() FROM `{table}` {final}").result_rows[0][0])
    with GraphDatabase.driver(settings.required("graph_url"), auth=(settings.graph_user, settings.required("graph_password"))) as driver:
        found["graph nodes"] = driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"]
        found["graph edges"] = driver.execute_query("MATCH ()-[e]->() RETURN count(e) AS n").records[0]["n"]
    return found


def successors(table: str, today: dict[str, int]) -> list[str]:
    store, _, name = table.partition(" ")
    return [table] if table in today else [f"{store} {new}" for new in BECAME.get(name, ())]


def is_lost(table: str, count: int, today: dict[str, int]) -> bool:
    kept = [today[new] for new in successors(table, today)]
    return count > 0 and table.split()[1] not in NOT_KEPT and (not kept or min(kept) < count)


def test_every_table_has_all_its_rows_after_the_migrations_and_after_another(old_home: Settings) -> None:
    before = rows_by_table(old_home)
    assert sum(count for table, count in before.items() if table.startswith("clickhouse")) > 1_000  # it is a home that was lived in
    for _ in range(2):
        migrate(old_home)
        after = rows_by_table(old_home)
        for table, count in sorted(before.items()):
            became = ", ".join(f"{new} {after[new]}" for new in successors(table, after))
            sys.stdout.write(f"{table:32} {count:>8} -> {became or 'gone'}\n")
        assert {table: count for table, count in before.items() if is_lost(table, count, after)} == {}
    with engine_of(old_home.required("postgres_url")).connect() as connection:
        assert drift(connection) == []
