"""Brings a ClickHouse table to today's shape: columns, engine, partitions, expiry. Rows are carried over piece by piece, and counted.

A piece is at most half a million rows of one month, so memory does not grow with the table. Cut short, it goes on with the pieces that are
not there yet. The old table takes no harm: only when the new one has as many rows does it take its place, and only then is the old one
dropped. Meanwhile both need their disk.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clickhouse_connect.driver.client import Client

from adapters.stores import clickhouse_tables as tables
from data_contracts.contract import Contract
from data_contracts.errors import Unsafe
from deployments.migrations import clickhouse_changes
from deployments.migrations.clickhouse_changes import LONG_AGO

ROWS_A_PIECE = 500_000
Say = Callable[[str], None]
Said = Mapping[str, Any]  # how the server describes a table
_SAID = "SELECT name, engine, engine_full, partition_key, sorting_key FROM system.tables WHERE database = currentDatabase()"
_COLUMNS = "SELECT table, name, type FROM system.columns WHERE database = currentDatabase()"


@dataclass(frozen=True)
class Server:
    """Where the tables are, and what the settings say about all of them."""

    client: Client
    keep_days: int = 0
    cluster: str = ""
    say: Say = lambda line: None

    def create(self, table: str, contract: Contract) -> None:
        self.client.command(tables.created(table, contract, self.keep_days, self.cluster))

    def change(self, statement: str) -> None:
        """A statement about tables, on all servers of the cluster."""
        self.client.command(statement + tables.on_cluster(self.cluster))

    def of_today(self, contracts: Iterable[Contract]) -> set[Contract]:
        """Those whose table needs nothing. Two questions for all: one by one they took half a second of processor."""
        said = {row["name"]: row for row in self.client.query(_SAID).named_results()}
        columns: dict[str, dict[str, str]] = defaultdict(dict)
        for table, name, kind in self.client.query(_COLUMNS).result_rows:
            columns[table][name] = kind
        return {one for one in contracts if _is_of_today(self, one, said.get(one.table), columns[one.table]) and _new(one) not in said}

    def columns(self, table: str) -> dict[str, str]:
        """Name → type."""
        return {name: kind for name, kind, *_ in self.client.query(f"DESCRIBE TABLE {table}").result_rows}

    def said_of(self, table: str) -> Said | None:
        """How the server describes a table; None when there is none."""
        rows = self.client.query(f"{_SAID} AND name = {{table:String}}", parameters={"table": table})
        return next(iter(rows.named_results()), None)

    def count(self, table: str, where: str = "1") -> int:
        """Rows by key, without those that are removed or replaced."""
        return int(self.client.query(f"SELECT count() FROM {table} FINAL WHERE {where}").result_rows[0][0])  # noqa: S608


def bring_all_up_to_date(server: Server, contracts: Collection[Contract]) -> None:
    """Creates the tables, or carries their rows over into today's shape. Raises Unsafe naming the columns that no migration knows."""
    for contract in contracts:
        server.create(contract.table, contract)
    done = server.of_today(contracts)
    for contract in contracts:
        if contract not in done:
            bring_up_to_date(server, contract)


def bring_up_to_date(server: Server, contract: Contract) -> None:
    """The same for one table, which is there."""
    table, new = contract.table, _new(contract)
    _add_numbers(server, contract)
    if not _has_shape(server, contract, table):
        _rebuild(server, contract, new)
    server.change(f"DROP TABLE IF EXISTS {new}")  # the old one, if we were cut short after it gave its place
    _expire(server, contract)


def _add_numbers(server: Server, contract: Contract) -> None:
    """Columns that follow from others: no row has to be carried over for them. The server computes those of old rows behind us.

    A table that lacks more than these is carried over, or refused, as it is.
    """
    there, alter = server.columns(contract.table), f"ALTER TABLE {contract.table}{tables.on_cluster(server.cluster)}"
    lacking = {name for name, _ in tables.columns_of(contract) - set(there.items())}
    for declared in tables.numbers(contract) if lacking <= set(tables.NUMBERS.get(contract.table, ())) else ():
        name = declared.split()[0]
        if name not in there:
            server.client.command(f"{alter} ADD COLUMN {declared}")
            server.client.command(f"{alter} MATERIALIZE COLUMN {name}")


def split(server: Server, table: str) -> None:
    """The rows of a table that is no more, into those that took its place, which are there. Cut short, it is done again: by key, once."""
    if server.said_of(table) is None:
        return
    rows = server.count(table)
    for part, sources in clickhouse_changes.parts_of(table, server.columns(table)).items():
        names, expressions = ", ".join(f"`{name}`" for name in sources), ", ".join(sources.values())
        server.client.command(f"INSERT INTO {part.table} ({names}) SELECT {expressions} FROM {table} FINAL")  # noqa: S608
        arrived = server.count(part.table)
        if arrived < rows:
            raise Unsafe(f"ClickHouse table {table}: {arrived:,} of {rows:,} rows arrived in {part.table}. {table} is as it was; run again")
    server.say(f"migrations: {table}: {rows:,} rows are in {' and '.join(clickhouse_changes.SPLIT[table])} now")
    server.change(f"DROP TABLE {table}")


def _new(contract: Contract) -> str:
    """The table of today's shape while rows are carried over."""
    return f"{contract.table}_of_today"


def _is_of_today(server: Server, contract: Contract, said: Said | None, columns: Mapping[str, str]) -> bool:
    return _shows_shape(server, contract, said, columns) and _expiry_in(said) == tables.expiry(contract, server.keep_days)


def _has_shape(server: Server, contract: Contract, table: str) -> bool:
    said = server.said_of(table)
    return said is not None and _shows_shape(server, contract, said, server.columns(table))


def _shows_shape(server: Server, contract: Contract, said: Said | None, columns: Mapping[str, str]) -> bool:
    return (
        said is not None
        and set(columns.items()) == tables.columns_of(contract)
        and said["engine"].endswith(tables.engine(server.cluster).removeprefix("Replicated"))
        and (not server.cluster or said["engine"].startswith(("Replicated", "Shared")))
        and tables.VERSION in said["engine_full"]
        and said["partition_key"] == tables.partition(contract)
        and re.findall(r"\w+", said["sorting_key"]) == list(contract.key)
    )


def _rebuild(server: Server, contract: Contract, new: str) -> None:
    sources = clickhouse_changes.sources(contract, server.columns(contract.table))
    if sources is None:
        raise Unsafe(
            f"ClickHouse table {contract.table} differs from its contract in {_differing(server, contract)}: "
            "ALTER it, or move it away and run again"
        )
    if not _has_shape(server, contract, new):  # none, or of another version's move
        server.change(f"DROP TABLE IF EXISTS {new}")
    server.create(new, contract)
    _carry_over(server, contract, sources, new)
    server.change(f"EXCHANGE TABLES {contract.table} AND {new}")
    if LONG_AGO in sources.values():  # what was concluded lacks something: the next profiling looks at everything again
        server.client.command("TRUNCATE TABLE IF EXISTS profiling_steps")


def _differing(server: Server, contract: Contract) -> list[tuple[str, str]]:
    own = {tables.WRITTEN_AT, tables.IS_REMOVED}
    return sorted(column for column in set(server.columns(contract.table).items()) ^ tables.columns_of(contract) if column[0] not in own)


def _carry_over(server: Server, contract: Contract, sources: Mapping[str, str], new: str) -> None:
    """Every row by key, as it was last written. Raises Unsafe when some did not arrive."""
    old, total, done = contract.table, server.count(contract.table), 0
    for there, here in _pieces(server, contract, sources):
        rows = server.count(old, there)
        if server.count(new, here) != rows:
            names, expressions = ", ".join(f"`{name}`" for name in sources), ", ".join(sources.values())
            server.client.command(f"INSERT INTO {new} ({names}) SELECT {expressions} FROM {old} FINAL WHERE {there}")  # noqa: S608
        done += rows
        server.say(f"migrations: {old}: {done:,} of {total:,} rows carried over")
    arrived = server.count(new)
    if arrived != server.count(old):
        raise Unsafe(f"ClickHouse table {old}: {arrived:,} of {total:,} rows arrived in {new}. {old} is as it was; run again")


def _pieces(server: Server, contract: Contract, sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Conditions that divide the rows: in the words of the old table, and of the new one."""
    month, first = tables.MONTHS.get(contract.table), contract.key[0]
    months = (f"toYYYYMM({sources[month]})", f"toYYYYMM(`{month}`)") if month else ("0", "0")
    counted = server.client.query(f"SELECT {months[0]} AS month, count() FROM {contract.table} GROUP BY month ORDER BY month").result_rows  # noqa: S608
    for number, rows in counted:
        parts = -(-rows // ROWS_A_PIECE)
        for part in range(parts):
            slices = (f"cityHash64({name}) % {parts} = {part}" for name in (sources[first], f"`{first}`"))
            there, here = (f"{expression} = {number} AND {part}" for expression, part in zip(months, slices, strict=True))
            yield there, here


def _expire(server: Server, contract: Contract) -> None:
    """The expiry that the settings ask for now. Its own statement: another number of days moves no row."""
    wanted = tables.expiry(contract, server.keep_days)
    if wanted == _expiry_in(server.said_of(contract.table)):
        return
    alter = f"ALTER TABLE {contract.table}{tables.on_cluster(server.cluster)}"
    if wanted:
        server.client.command(f"{alter} MODIFY SETTING ttl_only_drop_parts = 1")
    server.client.command(f"{alter} MODIFY TTL {wanted}" if wanted else f"{alter} REMOVE TTL")
    server.say(f"migrations: {contract.table}: rows {'go ' + str(server.keep_days) + ' days after they happened' if wanted else 'stay'}")


def _expiry_in(said: Said | None) -> str:
    found = re.search(r" TTL (.+?)(?: SETTINGS |$)", said["engine_full"]) if said else None
    return found[1] if found else ""
