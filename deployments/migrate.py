"""Brings every store to the shape the contracts promise: Alembic for Postgres, derived tables for ClickHouse, constraints for the graph."""

from collections.abc import Mapping
from pathlib import Path

import clickhouse_connect
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from clickhouse_connect.driver.client import Client
from sqlalchemy import Connection, make_url, text

from adapters.connect import open_graph
from adapters.settings import Settings
from adapters.stores.clickhouse_tables import columns_of, created
from adapters.stores.postgres import engine_of
from adapters.stores.postgres_tables import METADATA
from data_contracts import ROW_CLASSES, contract_of
from data_contracts.contract import Contract
from data_contracts.errors import Unsafe
from deployments.migrations import clickhouse_changes

MIGRATIONS = Path(__file__).parent / "migrations"


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
    """The database and its tables, with all their rows. Raises Unsafe naming the columns that no migration knows."""
    url = make_url(settings.required("clickhouse_url"))
    with clickhouse_connect.get_client(dsn=url.set(database="default").render_as_string(hide_password=False)) as client:
        client.command(f"CREATE DATABASE IF NOT EXISTS `{url.database}`")
    with clickhouse_connect.get_client(dsn=url.render_as_string(hide_password=False)) as client:
        for contract in map(contract_of, ROW_CLASSES):
            if contract.store == "clickhouse":
                _bring_up_to_date(client, contract)


def _bring_up_to_date(client: Client, contract: Contract) -> None:
    client.command(created(contract.table, contract))
    found = dict(_described(client, contract.table))
    if set(found.items()) == columns_of(contract):
        return
    _carry_over(client, contract, found)
    differing = sorted(set(_described(client, contract.table)) ^ columns_of(contract))
    if differing:
        raise Unsafe(f"ClickHouse table {contract.table} differs from its contract in {differing}: ALTER it, or move it away and run again")


def _described(client: Client, table: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in client.query(f"DESCRIBE TABLE {table}").result_rows]


def _carry_over(client: Client, contract: Contract, found: Mapping[str, str]) -> None:
    """Every row into a table of today's shape, which then takes the old one's place. Run again after it was cut short, it begins anew."""
    table, new = contract.table, f"{contract.table}_of_today"
    sources = clickhouse_changes.sources(contract, found)
    if sources is None:
        return
    client.command(f"DROP TABLE IF EXISTS {new}")
    client.command(created(new, contract))
    names, expressions = ", ".join(f"`{name}`" for name in sources), ", ".join(sources.values())
    client.command(f"INSERT INTO {new} ({names}) SELECT {expressions} FROM {table}")  # noqa: S608 (names are the contract's)
    client.command(f"EXCHANGE TABLES {table} AND {new}")
    client.command(f"DROP TABLE {new}")


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
