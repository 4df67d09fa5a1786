"""Brings every store to the shape the contracts promise: Alembic for Postgres, derived tables for ClickHouse, constraints for the graph."""

from pathlib import Path

import clickhouse_connect
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from clickhouse_connect.driver.client import Client
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.schema import CreateSchema

from adapters.connect import open_graph
from adapters.settings import Settings
from adapters.stores.clickhouse_tables import on_cluster
from adapters.stores.postgres import engine_of, quoted
from adapters.stores.postgres_address import names_its_schema, schema_in
from adapters.stores.postgres_tables import METADATA
from data_contracts import ROW_CLASSES, contract_of
from data_contracts.errors import Unsafe
from deployments.clickhouse_migration import Say, Server, bring_all_up_to_date, split
from deployments.migrations import clickhouse_changes

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(settings: Settings, say: Say = lambda line: None) -> None:
    """All stores. Safe to run again. Raises Unsafe when a table is there in another shape."""
    migrate_postgres(settings)
    migrate_clickhouse(settings, say)
    open_graph(settings).prepare()


def migrate_postgres(settings: Settings) -> None:
    """Every revision that is not there yet, in one transaction. Raises Unsafe where the tables seem to be in another schema.

    One after the other: a replay and a sweep that were started together make the same place.
    """
    url = settings.required("postgres_url")
    with engine_of(url).begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 0))"), {"place": f"migrations of {schema_in(url)}"})
        _make_schema(connection, url)
        command.upgrade(_alembic(connection), "head")


def _make_schema(connection: Connection, url: str) -> None:
    schema = schema_in(url)
    if not names_its_schema(url) and (elsewhere := _schema_in_use(connection)) not in (None, schema):
        raise Unsafe(f"postgres: the tables are in schema {elsewhere}: say so in WALLETFLOW_POSTGRES_URL, ?schema={elsewhere}")
    if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": quoted([schema])[0]}) is None:
        connection.execute(CreateSchema(schema))


def _schema_in_use(connection: Connection) -> str | None:
    """Where a search_path of the user's own role (ALTER ROLE ... SET) had our tables made, before addresses named the schema."""
    path = connection.scalar(text("SELECT reset_val FROM pg_settings WHERE name = 'search_path'"))
    schemas = [part.strip(' "').replace("$user", str(connection.engine.url.username)) for part in str(path).split(",")]
    found = text("SELECT schemaname FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = ANY(:schemas)")
    having = set(connection.scalars(found, {"schemas": schemas}))
    return next((schema for schema in schemas if schema in having), None)


def draft(settings: Settings, message: str) -> None:
    """Writes a new revision with what the contracts have and the database has not."""
    with engine_of(settings.required("postgres_url")).begin() as connection:
        number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
        command.revision(_alembic(connection), message=message, autogenerate=True, rev_id=f"{number:04}")


def drift(connection: Connection) -> list[object]:
    """What the contracts have and the migrated database has not, or the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def migrate_clickhouse(settings: Settings, say: Say = lambda line: None) -> None:
    """The database and its tables, with all their rows. Raises Unsafe naming the columns that no migration knows."""
    url = make_url(settings.required("clickhouse_url"))
    cluster = settings.clickhouse_cluster
    with _client(url.set(database="default")) as client:
        client.command(f"CREATE DATABASE IF NOT EXISTS `{url.database}`{on_cluster(cluster)}")
    with _client(url) as client:
        server = Server(client, settings.keep_days, cluster, say)
        bring_all_up_to_date(server, [contract for contract in map(contract_of, ROW_CLASSES) if contract.store == "clickhouse"])
        for table in clickhouse_changes.SPLIT:
            split(server, table)


def _client(url: URL) -> Client:
    """Without a session: one statement after the other may reach different servers of a cluster."""
    return clickhouse_connect.get_client(dsn=url.render_as_string(hide_password=False), autogenerate_session_id=False)


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
