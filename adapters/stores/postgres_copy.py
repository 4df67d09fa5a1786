"""All rows of our tables in Postgres, as it stands at one instant, and back into empty ones. By COPY, table by table."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import psycopg

from adapters.stores.postgres import quoted
from adapters.stores.postgres_address import for_driver, schema_in
from adapters.stores.postgres_tables import TABLES

REVISION = "alembic_version"


@contextmanager
def one_instant(url: str) -> Iterator["Tables"]:
    """What is read within is as it was when it began, whatever is written meanwhile."""
    with psycopg.connect(_plain(url)) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield Tables(connection, schema_in(url))


@contextmanager
def one_transaction(url: str) -> Iterator["Tables"]:
    """All that is written within, or nothing."""
    with psycopg.connect(_plain(url)) as connection:
        yield Tables(connection, schema_in(url))


class Tables:
    """Our tables on one connection."""

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]", schema: str) -> None:
        self._connection, self._schema = connection, quoted([schema])[0]

    def revision(self) -> str:
        """Of the last migration."""
        found = self._connection.execute(f"SELECT version_num FROM {self._schema}.{REVISION}").fetchone()  # noqa: S608 (names are ours)
        return str(found[0]) if found else ""

    def count(self, table: str) -> int:
        ((rows,),) = self._connection.execute(f"SELECT count(*) FROM {self._schema}.{table}")  # noqa: S608 (names are ours)
        return int(rows)

    def read(self, table: str, columns: list[str], into: BinaryIO) -> None:
        names = ", ".join(quoted(columns))
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {self._schema}.{table} ({names}) TO STDOUT") as rows:
            for block in rows:
                into.write(block)

    def write(self, table: str, columns: list[str], blocks: Callable[[int], bytes]) -> None:
        names = ", ".join(quoted(columns))
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {self._schema}.{table} ({names}) FROM STDIN") as rows:
            while block := blocks(1 << 20):
                rows.write(block)


def columns_of_tables() -> Mapping[str, list[str]]:
    """The columns of each of our tables, by its name."""
    return {table.name: [column.name for column in table.columns] for table in TABLES.values()}


def _plain(url: str) -> str:
    """As the driver itself reads it, without the name of SQLAlchemy's way to it."""
    return for_driver(url).render_as_string(hide_password=False).replace("postgresql+psycopg://", "postgresql://", 1)
