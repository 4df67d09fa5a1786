"""Brings every store to the shape the contracts promise: Alembic for Postgres, derived tables for ClickHouse, constraints for the graph."""

from pathlib import Path

import clickhouse_connect
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text

from adapters.connect import open_graph
from adapters.settings import Settings
from adapters.stores.clickhouse_tables import additions, columns_of, definitions
from adapters.stores.postgres import engine_of
from adapters.stores.postgres_tables import METADATA
from data_contracts.errors import Unsafe

MIGRATIONS = Path(__file__).parent / "migrations"
DERIVED = {"closed_positions", "wallet_profiles"}  # written anew by the next wallet-profiling: a column they lack is added


def migrate(settings: Settings) -> None:
    """All stores. Safe to run again. Raises Unsafe when a table is there in another shape."""
    migrate_postgres(settings)
    migrate_clickhouse(settings)
    open_graph(settings).prepare()


def migrate_postgres(settings: Settings) -> None:
    """Every revision that is not there yet, in one transaction."""
    with engine_of(settings.required("postgres_url")).begin() as connection:
        if connection.scalar(text("SELECT current_schema()")) is None:  # an address may name a schema that is not there yet
            connection.execute(text(f"CREATE SCHEMA {connection.scalar(text('SHOW search_path'))}"))
        command.upgrade(_alembic(connection), "head")


def draft(settings: Settings, message: str) -> None:
    """Writes a new revision with what the contracts have and the database has not."""
    with engine_of(settings.required("postgres_url")).begin() as connection:
        number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
        command.revision(_alembic(connection), message=message, autogenerate=True, rev_id=f"{number:04}")


def drift(connection: Connection) -> list[object]:
    """What the contracts have and the migrated database has not, or the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def migrate_clickhouse(settings: Settings) -> None:
    """The database and its tables. Raises Unsafe naming the columns when a table has others than its contract."""
    url = make_url(settings.required("clickhouse_url"))
    with clickhouse_connect.get_client(dsn=url.set(database="default").render_as_string(hide_password=False)) as client:
        client.command(f"CREATE DATABASE IF NOT EXISTS `{url.database}`")
    with clickhouse_connect.get_client(dsn=url.render_as_string(hide_password=False)) as client:
        for table, statement in definitions():
            client.command(statement)
            if table in DERIVED:
                client.command(additions(table))
            found = {(name, kind) for name, kind, *_ in client.query(f"DESCRIBE TABLE {table}").result_rows}
            differing = sorted(found ^ columns_of(table))
            if differing:
                raise Unsafe(f"ClickHouse table {table} differs from its contract in {differing}: ALTER it, or move it away and run again")


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
