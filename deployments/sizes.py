"""How large a home is, store by store and table by table: to see what grows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.settings import Settings
from adapters.stores.clickhouse import ClickHouseHistory
from adapters.stores.postgres import plain_connection, plain_engine_of
from deployments.local_stack import postgres

OURS, PREFECT, CLICKHOUSE, FILES = "postgres", "prefect", "clickhouse", "files"
# With indices and what lies out of line; counted, for what Postgres thinks it has is old.
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
PARTS = """
SELECT table, sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts
WHERE active AND database = currentDatabase() GROUP BY table
"""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes on disk, and rows; of files nobody counts rows."""

    size: int
    rows: int | None = None


Sizes = Mapping[tuple[str, str], Size]  # by store and table, or directory


def sizes_of(settings: Settings) -> Sizes:
    """Of our tables, of Prefect's, of ClickHouse's, and of the directories of the home."""
    found = dict(_tables(OURS, settings.required("postgres_url")))
    found |= dict(_tables(PREFECT, postgres.url(settings, PREFECT)))
    found |= dict(_parts(settings.required("clickhouse_url")))
    return found | {(FILES, part.name): Size(_bytes_below(part)) for part in sorted(settings.home.iterdir()) if part.is_dir()}


def _tables(store: str, url: str) -> Iterator[tuple[tuple[str, str], Size]]:
    with plain_connection(plain_engine_of(url)) as connection:
        for name, size in connection.execute(TABLES).fetchall():
            counted = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 (quoted by the server)
            yield (store, name.removeprefix("public.")), Size(size, counted[0] if counted else 0)


def _parts(url: str) -> Iterator[tuple[tuple[str, str], Size]]:
    for table, size, rows in ClickHouseHistory(url).query(PARTS).iter_rows():
        yield (CLICKHOUSE, table), Size(size, rows)


def _bytes_below(directory: Path) -> int:
    """Of what is there: a store makes files and removes them while we look."""
    return sum(_bytes_of(path) for path in directory.rglob("*"))


def _bytes_of(path: Path) -> int:
    try:
        return 512 * path.lstat().st_blocks
    except FileNotFoundError:
        return 0
