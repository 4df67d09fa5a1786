"""Postgres, through SQLAlchemy and psycopg: rows arrive as one array a column and are merged by key in one transaction.

A temporary table filled by COPY costs more: three round trips and a dozen rows of the catalogue for each of a cycle's fifteen small frames.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import blake2b
from time import monotonic
from typing import Any, Literal, TypeVar

import polars as pl
import psycopg
import sqlalchemy as sa
from psycopg.abc import Buffer
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

from adapters.stores.postgres_address import for_driver, schema_in
from adapters.stores.postgres_tables import TABLES
from adapters.stores.results import Results, Write, summed_frame
from data_contracts import Counter, contract_of
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import EPOCH, FEW, MICROSECOND, as_kept, columns_as_kept, frame_from, frame_of, has_repeats, rows_from, schema_of

DIALECT = sa.make_url("postgresql+psycopg://").get_dialect()()
AUTOCOMMIT = "AUTOCOMMIT"
SOME_SCHEMA = '"OUR SCHEMA"'  # stands in each statement, which is written once, where the schema of the address comes
ROWS_A_STATEMENT = 10_000  # a replay writes out the signals of months
LISTS = (list, tuple, set, frozenset)
NULL = "NULL"
How = Literal["is", "any", "null", "from"]
Shape = tuple[tuple[str, How], ...]
R = TypeVar("R")
T = TypeVar("T")
FIRST_TIME, LAST_TIME = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
AT_ONCE = 16  # connections kept: eight threads ask for holders at once, and one that is over the number is opened and closed for each
ALIVE_S = 5.0  # since its last use a connection is taken to be so
POSTED = "walletflow_posted"  # the channel on which the store says that `receive` added rows; with the schema
PATIENCE = "10s"  # for whoever is alone with what we want; a transaction takes milliseconds
log = logging.getLogger("walletflow.postgres")


@cache
def engine_of(url: str) -> sa.Engine:
    """One pool a process and address. What a transaction does not qualify is in the address's schema; outside of one, nothing is.

    Statements are not prepared: the connection behind a pooling proxy is another one the next time, and does not know them.
    """
    engine = sa.create_engine(for_driver(url), pool_size=4, connect_args={"prepare_threshold": None})
    set_path = sa.text(f"SET LOCAL search_path TO {quoted([schema_in(url)])[0]}")

    def set_schema(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != AUTOCOMMIT:
            connection.execute(set_path)

    sa.event.listen(engine, "begin", set_schema)
    sa.event.listen(engine, "checkout", _require_alive)
    return engine


@cache
def plain_engine_of(url: str) -> sa.Engine:
    """A pool of connections on which each statement is a transaction of its own: to tell one so anew at each use took three calls."""
    connect_args = {"prepare_threshold": None, "autocommit": True}
    engine = sa.create_engine(for_driver(url), pool_size=AT_ONCE, pool_reset_on_return=None, connect_args=connect_args)
    sa.event.listen(engine, "checkout", _require_alive)
    return engine


def _require_alive(connection: psycopg.Connection[Any], record: sa.pool.ConnectionPoolEntry, _taken: object) -> None:
    """Whether its server is still there is asked of a connection that was not used for a while; of a dead one's kind none is taken.

    To ask at each use, as SQLAlchemy would, was every third round trip of a cycle.
    """
    now, used_at = monotonic(), record.info.get("used_at")
    record.info["used_at"] = now
    if used_at is None or now - used_at < ALIVE_S:
        return
    try:
        connection.execute("SELECT 1")
        if not connection.autocommit:
            connection.rollback()
    except psycopg.OperationalError as error:
        raise sa.exc.InvalidatePoolError from error


@contextmanager
def plain_connection(engine: sa.Engine) -> Iterator[psycopg.Connection[Any]]:
    """The driver's own: SQLAlchemy's way to it took as long as Postgres itself for each of a cycle's eighty statements.

    To begin and to end a transaction for one of them would be two more round trips. Raises Unavailable with the reason.
    """
    try:
        pooled = engine.raw_connection()
        connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
        try:
            yield connection
        finally:
            _give_back(engine, pooled, connection)
    except (sa.exc.OperationalError, psycopg.OperationalError) as error:
        raise Unavailable(f"postgres: {error}") from error
    except psycopg.ProgrammingError as error:  # a table or column is not there
        raise Unsafe(f"postgres: the tables are not those of this version, run `make up` to migrate them: {error}") from error


def _give_back(engine: sa.Engine, pooled: sa.PoolProxiedConnection, connection: psycopg.Connection[Any]) -> None:
    """To the pool, unless it died, or whoever interrupts a run left it in the middle of a statement."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        pooled.invalidate()
    pooled.close()
    if connection.closed:
        engine.dispose()  # its server may have gone away: what else waits in the pool is dead as well


class PostgresResults:
    """The `Results` store in a PostgreSQL 15 or later."""

    def __init__(self, url: str) -> None:
        self._engine, self._schema = plain_engine_of(url), quoted([schema_in(url)])[0]

    def write(self, writes: Sequence[Write]) -> None:
        """All frames in one transaction. Raises Unavailable when Postgres cannot be reached."""
        merges = [merge for write in writes if not write.is_empty for merge in _merges(write)]
        if merges:
            with self._connection() as connection, connection.transaction() if len(merges) > 1 else nullcontext():
                for text, arrays in merges:
                    connection.execute(self._here(text), arrays)

    def alone(self, names: Collection[str], act: Callable[[Results], T]) -> T:
        """By locks of the transaction, which a pooler keeps as well; all take them in one order, so that nobody waits in a circle."""
        with self._connection() as connection, connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (PATIENCE,))
            connection.execute("SELECT pg_advisory_xact_lock(name) FROM unnest(%s::bigint[]) AS name", (sorted(map(_lock, names)),))
            return act(_Within(connection, self._schema))

    def read(self, row_class: type, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        return self._frame(row_class, _asking(row_class, only, where), where)

    def rows(self, row_class: type[R], **where: object) -> list[R]:
        return rows_from(self.records(row_class, **where), row_class)

    def records(self, row_class: type, **where: object) -> list[tuple[Any, ...]]:
        return self._records(_asking(row_class, None, where), where)

    def since(self, row_class: type, column: str, instant: object, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        shape, values = _from(column, instant)
        return self._frame(row_class, _selection(row_class, _names(row_class, only), (*_shape(where), *shape)), where | values)

    def beginning(self, row_class: type, column: str, text: str, count: int) -> list[str]:
        given = {"first": text, "end": f"{text}g", "count": count}  # no hex digit comes after g, whatever the collation
        return [one for (one,) in self._records(_beginning(row_class, column), given)]

    def totals(self, row_class: type, by: str, of: str) -> dict[str, Decimal]:
        return dict(self._records(_totals(row_class, by, of), {}))

    def grouped(self, row_class: type, by: str, of: str, since: tuple[str, datetime] | None = None, **where: object) -> dict[str, set[str]]:
        shape, values = _from(*since) if since else ((), {})
        query = _grouping(row_class, by, of, (*_shape(where), *shape))
        return {group: set(texts) for group, texts in self._records(query, where | values)}

    def newest(
        self, row_class: type, by: str, at: str, count: int, only: Sequence[str], among: Collection[str] | None = None
    ) -> pl.DataFrame:
        if among is None:
            return self._frame(row_class, _newest(row_class, by, at, tuple(only)), {"count": count})
        return self._frame(row_class, _newest_among(row_class, by, at, tuple(only)), {"count": count, "among": sorted(set(among))})

    def latest(
        self, row_class: type, at: str, count: int, only: Sequence[str] | None = None, since: object = None, **where: object
    ) -> pl.DataFrame:
        shape, values = _from(at, since) if since is not None else ((), {})
        query = _latest(row_class, at, _names(row_class, only), (*_shape(where), *shape))
        return self._frame(row_class, query, where | values | {"count": count})

    def sums(
        self, row_class: type, by: Sequence[str], of: Sequence[str] = (), since: tuple[str, object] | None = None, **where: object
    ) -> pl.DataFrame:
        shape, values = _from(*since) if since else ((), {})
        query = _sums(row_class, tuple(by), tuple(of), (*_shape(where), *shape))
        return summed_frame(row_class, by, of, self._records(query, where | values))

    def thinned(self, row_class: type, by: str, at: str, every_s: float, since: object, only: Sequence[str]) -> pl.DataFrame:
        shape, values = _from(at, since)
        return self._frame(row_class, _thinned(row_class, by, at, tuple(only), shape), values | {"every_s": float(every_s)})

    def receive(self, rows: Sequence[R]) -> list[R]:
        """In one statement, and one after the other: whoever counts up first commits first. Who listens hears of it with the commit."""
        if not rows:
            return []
        row_class: type = type(rows[0])
        contract = contract_of(row_class)
        arrays = _arrays_of_rows(Write(row_class, rows)) or _arrays(frame_of(rows, row_class), row_class)
        with self._connection() as connection:
            given = (contract.table, len(rows), len(rows), *arrays)
            numbers = {tuple(key): number for *key, number, _ in connection.execute(self._here(_received(row_class)), given)}
        return as_kept(_numbered(rows, contract.key, numbers), row_class)

    def arrived(self, row_class: type[R], after: int, count: int) -> list[R]:
        named: type = row_class
        return rows_from(self._records(_arrived(named), {"after": after, "count": count}), row_class)

    def aged(self, row_class: type, column: str, before: datetime, arrived_until: int | None = None) -> int:
        text = f"SELECT count(*) {_aged(row_class, column, arrived_until is not None)}"
        with self._connection() as connection:
            counted = connection.execute(self._here(text), {"before": before, "arrived_until": arrived_until}).fetchone()
            return int(counted[0]) if counted else 0

    def forget(self, row_class: type, column: str, before: datetime, most: int, arrived_until: int | None = None) -> int:
        """By where the rows lie, so that a slice of a large table is no join."""
        aged = _aged(row_class, column, arrived_until is not None)
        text = f"DELETE FROM {_place(row_class)} WHERE ctid = ANY(ARRAY(SELECT ctid {aged} LIMIT %(most)s))"  # noqa: S608 (names are the contract's)
        with self._connection() as connection:
            return connection.execute(self._here(text), {"before": before, "arrived_until": arrived_until, "most": most}).rowcount

    def _here(self, text: str) -> str:
        return text.replace(SOME_SCHEMA, self._schema)

    def _frame(self, row_class: type, query: "Query", values: Mapping[str, object]) -> pl.DataFrame:
        return frame_from(self._records(query, values), row_class, query.names)

    def _records(self, query: "Query", values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        given = {name: list(value) if isinstance(value, LISTS) else value for name, value in values.items() if value is not None}
        with self._connection() as connection:
            try:
                return connection.execute(self._here(query.text), given).fetchall()
            except psycopg.DataError as error:
                if error.sqlstate:  # the server's, not of what it sent
                    raise
                log.warning("postgres: %s: read once more, with times that are none at the ends of all time", str(error).splitlines()[0])
                return _with_any_times(connection).execute(self._here(query.text), given).fetchall()

    def _connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        return plain_connection(self._engine)


class AnyTime(TimestamptzLoader):
    """A time that Python has not (infinity, the year 20000) as the last or the first it has: no contract of ours takes it for an instant.

    Only where a reading failed: psycopg's own loader is compiled, and a cycle reads thousands of times.
    """

    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except psycopg.DataError:
            text = bytes(data)
            return FIRST_TIME if text.startswith(b"-") or text.endswith(b"BC") else LAST_TIME


def _with_any_times(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
    cursor = connection.cursor()
    cursor.adapters.register_loader("timestamptz", AnyTime)
    return cursor


class _Within(PostgresResults):
    """The same store within a transaction that is under way."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._within, self._schema = connection, schema

    def _connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        return nullcontext(self._within)


def _lock(name: str) -> int:
    """64 bits of it. Two names with one number would only wait for each other."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT with named parameters. SQLAlchemy writes each text once: to write it anew took 0.4 ms of a small one."""

    text: str
    names: tuple[str, ...]


def _query(select: "sa.Select[Any]") -> Query:
    qualified = select.compile(dialect=DIALECT, schema_translate_map={None: SOME_SCHEMA.strip('"')}, render_schema_translate=True)
    return Query(str(qualified), tuple(column.name for column in select.selected_columns))


def _asking(row_class: type, only: Sequence[str] | None, where: Mapping[str, object]) -> Query:
    return _selection(row_class, _names(row_class, only), _shape(where))


def _names(row_class: type, only: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(only or contract_of(row_class).names)


def _shape(where: Mapping[str, object]) -> Shape:
    """What is asked of which column, without the values."""
    return tuple((name, "null" if value is None else "any" if isinstance(value, LISTS) else "is") for name, value in where.items())


def _from(column: str, instant: object) -> tuple[Shape, dict[str, object]]:
    """That and its value, under a name of its own: the same column may be asked for as well."""
    return ((column, "from"),), {f"from_{column}": instant}


@cache
def _selection(row_class: type, names: tuple[str, ...], shape: Shape) -> Query:
    table = TABLES[row_class]
    wanted = sa.select(*(table.c[name] for name in names)).where(*_conditions(table, shape))
    return _query(wanted.order_by(*_by_code_points(table.primary_key.columns)))


@cache
def _beginning(row_class: type, column: str) -> Query:
    """A span of the index: LIKE could use none that sorts by the words of a language."""
    one, first, end = TABLES[row_class].c[column], *(sa.bindparam(name, type_=sa.Text) for name in ("first", "end"))
    wanted = sa.select(one).where(one >= first, one < end).distinct().order_by(one)
    return _query(wanted.limit(sa.bindparam("count", type_=sa.BigInteger)))


@cache
def _totals(row_class: type, by: str, of: str) -> Query:
    columns = TABLES[row_class].c
    return _query(sa.select(columns[by], sa.func.sum(columns[of]).label(of)).group_by(columns[by]))


@cache
def _grouping(row_class: type, by: str, of: str, shape: Shape) -> Query:
    table = TABLES[row_class]
    return _query(sa.select(table.c[by], sa.func.array_agg(table.c[of]).label(of)).where(*_conditions(table, shape)).group_by(table.c[by]))


@cache
def _newest(row_class: type, by: str, at: str, only: tuple[str, ...]) -> Query:
    table = TABLES[row_class]
    place = sa.func.row_number().over(partition_by=table.c[by], order_by=[table.c[at].desc(), *_by_code_points(table.primary_key.columns)])
    ranked = sa.select(table, place.label("place")).where(table.c[at].is_not(None)).subquery()
    wanted = sa.select(*(ranked.c[name] for name in only)).where(ranked.c.place <= sa.bindparam("count", type_=sa.BigInteger))
    return _query(wanted.order_by(*_by_code_points([ranked.c[by]]), ranked.c.place.desc()))


@cache
def _newest_among(row_class: type, by: str, at: str, only: tuple[str, ...]) -> Query:
    """The same of some groups: the end of an index for each, where ranking reads and sorts all there ever was."""
    table = TABLES[row_class]
    key = table.primary_key.columns.keys()
    group = sa.func.unnest(sa.bindparam("among", type_=sa.ARRAY(sa.Text))).table_valued("name", name="wanted").render_derived()
    rows = sa.select(*(table.c[name] for name in dict.fromkeys((*only, by, at, *key))))
    rows = rows.where(table.c[by] == group.c.name, table.c[at].is_not(None))
    ordered = rows.order_by(table.c[at].desc(), *_by_code_points([table.c[name] for name in key]))
    last = ordered.limit(sa.bindparam("count", type_=sa.BigInteger)).lateral("last")
    found = sa.select(*(last.c[name] for name in only)).select_from(group.join(last, sa.true()))
    oldest_first = [last.c[at], *(one.desc() for one in _by_code_points([last.c[name] for name in key]))]
    return _query(found.order_by(*_by_code_points([last.c[by]]), *oldest_first))


def _by_code_points(columns: Iterable[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """As Python sorts: a server's own order of texts depends on the language it was set up with."""
    return [column.collate("C") if isinstance(column.type, sa.Text) else column for column in columns]


@cache
def _latest(row_class: type, at: str, names: tuple[str, ...], shape: Shape) -> Query:
    table = TABLES[row_class]
    wanted = sa.select(*(table.c[name] for name in names)).where(table.c[at].is_not(None), *_conditions(table, shape))
    ordered = wanted.order_by(table.c[at].desc(), *_by_code_points(table.primary_key.columns))
    return _query(ordered.limit(sa.bindparam("count", type_=sa.BigInteger)))


@cache
def _sums(row_class: type, by: tuple[str, ...], of: tuple[str, ...], shape: Shape) -> Query:
    columns = TABLES[row_class].c
    named, totals = [columns[name] for name in by], [sa.cast(sa.func.sum(columns[name]), columns[name].type).label(name) for name in of]
    counted = sa.select(*named, *totals, sa.func.count().label("rows")).where(*_conditions(TABLES[row_class], shape))
    return _query(counted.group_by(*named).order_by(*_by_code_points(named)))


@cache
def _thinned(row_class: type, by: str, at: str, names: tuple[str, ...], shape: Shape) -> Query:
    table = TABLES[row_class]
    slot = sa.func.floor(sa.extract("epoch", table.c[at]) / sa.bindparam("every_s", type_=sa.Double))
    placed = sa.select(table, slot.label("slot")).where(*_conditions(table, shape)).subquery()
    wanted = sa.select(*(placed.c[name] for name in names)).distinct(placed.c[by].collate("C"), placed.c.slot)
    return _query(wanted.order_by(placed.c[by].collate("C"), placed.c.slot, placed.c[at].desc()))


@cache
def _arrived(row_class: type) -> Query:
    number = TABLES[row_class].c["sequence"]
    later = sa.select(TABLES[row_class]).where(number > sa.bindparam("after", type_=sa.BigInteger)).order_by(number)
    return _query(later.limit(sa.bindparam("count", type_=sa.BigInteger)))


def _place(row_class: type) -> str:
    return f"{SOME_SCHEMA}.{quoted([contract_of(row_class).table])[0]}"


@cache
def _aged(row_class: type, column: str, is_numbered: bool) -> str:
    """Raises KeyError for a column that the contract does not have: it becomes a part of the statement."""
    name = quoted([TABLES[row_class].c[column].name])[0]
    return f"FROM {_place(row_class)} WHERE {name} < %(before)s" + (" AND sequence <= %(arrived_until)s" if is_numbered else "")


@cache
def _received(row_class: type) -> str:
    """Counts up, adds what is new with the numbers counted, and says so. The row of a count stays locked until its transaction ends.

    One statement, for it is one round trip: to begin, count, add and end were four, for a handful of rows.
    """
    contract = contract_of(row_class)
    names, key = quoted(contract.names), ", ".join(quoted(contract.key))
    number = quoted(["sequence"])[0]
    cells = ", ".join("counted.reached - %s::bigint + given.place" if name == number else f"given.{name}" for name in names)
    return (
        f"WITH counted AS (INSERT INTO {_place(Counter)} AS old (name, reached) VALUES (%s, %s) "  # noqa: S608 (names are the contract's)
        "ON CONFLICT (name) DO UPDATE SET reached = old.reached + EXCLUDED.reached RETURNING reached) "
        f"INSERT INTO {_place(row_class)} ({', '.join(names)}) SELECT {cells} "
        f"FROM counted, unnest({_typed_arrays(row_class)}) WITH ORDINALITY AS given ({', '.join(names)}, place) ORDER BY given.place "
        f"ON CONFLICT ({key}) DO NOTHING RETURNING {key}, {number}, pg_notify('{POSTED}', '{SOME_SCHEMA}')"
    )


def _numbered(rows: Sequence[R], key: Sequence[str], numbers: Mapping[tuple[Any, ...], int]) -> list[R]:
    """Those that were new, with their numbers; of two with one key the first."""
    left, new = dict(numbers), list[R]()
    for row in rows:
        number = left.pop(tuple(getattr(row, name) for name in key), None)
        if number is not None:
            new.append(replace(row, sequence=number))  # type: ignore[type-var]
    return new


def _conditions(table: sa.Table, shape: Shape) -> list[sa.ColumnElement[bool]]:
    return [_condition(table.c[name], how) for name, how in shape]


def _condition(column: sa.Column[Any], how: How) -> sa.ColumnElement[bool]:
    if how == "null":
        return column.is_(None)
    if how == "any":
        return column == sa.any_(sa.bindparam(column.name, type_=sa.ARRAY(column.type)))
    if how == "from":
        return column >= sa.bindparam(f"from_{column.name}", type_=column.type)
    return column == sa.bindparam(column.name, type_=column.type)


@cache
def _merge(row_class: type, how: str) -> str:
    """Takes an array for each column. Always the same text, so a connection plans it once."""
    contract = contract_of(row_class)
    names = ", ".join(quoted(contract.names))
    return (
        f"INSERT INTO {_place(row_class)} ({names}) SELECT * FROM unnest({_typed_arrays(row_class)}) "  # noqa: S608 (names are the contract's)
        f"ON CONFLICT ({', '.join(quoted(contract.key))}) DO {_on_conflict(row_class, how)}"
    )


def _typed_arrays(row_class: type) -> str:
    """A parameter for each column."""
    columns = (TABLES[row_class].c[name] for name in contract_of(row_class).names)
    return ", ".join(f"%s::{column.type.compile(DIALECT)}[]" for column in columns)


def _on_conflict(row_class: type, how: str) -> str:
    contract = contract_of(row_class)
    rest = quoted([name for name in contract.names if name not in contract.key])
    return "NOTHING" if how == "add" or not rest else "UPDATE SET " + ", ".join(f"{name} = EXCLUDED.{name}" for name in rest)


def quoted(names: Iterable[str]) -> list[str]:
    return [DIALECT.identifier_preparer.quote(name) for name in names]


def _merges(write: Write) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The statements, each with its arrays."""
    arrays = _arrays_of_rows(write)
    if arrays is not None:
        yield _merge(write.row_class, write.how), arrays
        return
    for part in _without_repeats(write).iter_slices(ROWS_A_STATEMENT):
        yield _merge(write.row_class, write.how), _arrays(part, write.row_class)


def _without_repeats(write: Write) -> pl.DataFrame:
    """One row a key: Postgres does not update a row twice in one statement."""
    contract = contract_of(write.row_class)
    frame = write.frame[contract.names]  # not `select`, which plans a query: twice for each of a cycle's twenty frames
    if not has_repeats(frame, contract.key):
        return frame
    keep: Literal["first", "last"] = "first" if write.how == "add" else "last"
    return frame.unique(subset=list(contract.key), keep=keep, maintain_order=True)


def _arrays(frame: pl.DataFrame, row_class: type) -> tuple[str, ...]:
    """Each column as the text of a Postgres array. In Python: polars would plan a query for each of a cycle's fifty small frames."""
    return tuple(_array(frame[name], dtype) for name, dtype in schema_of(row_class).items())


def _arrays_of_rows(write: Write) -> tuple[str, ...] | None:
    """The same of a few rows that are no frame yet, each with a key of its own and cells that fit; else None, and they become one."""
    if isinstance(write.given, pl.DataFrame) or len(write.given) > FEW:
        return None
    contract, columns = contract_of(write.row_class), columns_as_kept(write.given, write.row_class)
    key = [contract.names.index(name) for name in contract.key]
    if columns is None or len(set(zip(*(columns[place] for place in key), strict=True))) < len(write.given):
        return None
    return tuple(_array_of_cells(cells, field.kind) for field, cells in zip(contract.fields, columns, strict=True))


def _array_of_cells(cells: Sequence[Any], kind: type) -> str:
    if issubclass(kind, Enum):
        return _array_of_texts([None if cell is None else str(cell.value) for cell in cells])
    return _array_of_texts(cells) if kind is str else f"{{{','.join(NULL if cell is None else _SPELT[kind](cell) for cell in cells)}}}"


_SPELT: dict[type, Callable[[Any], str]] = {
    bool: lambda cell: "true" if cell else "false",
    int: str,
    float: repr,
    Decimal: lambda cell: format(cell, "f"),
    datetime: datetime.isoformat,
}


def _array(cells: pl.Series, dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.String):
        return _array_of_texts(cells.to_list())
    texts = _instants(cells.cast(pl.Int64).to_list()) if isinstance(dtype, pl.Datetime) else cells.cast(pl.String).to_list()
    return f"{{{','.join(NULL if text is None else text for text in texts)}}}"


def _array_of_texts(texts: Sequence[str | None]) -> str:
    """Text is quoted and null is not: that is how an array tells the word NULL from nothing."""
    if None not in texts:
        plain = '","'.join(texts)  # type: ignore[arg-type]
        if "\\" not in plain and plain.count('"') == 2 * (len(texts) - 1):  # nothing to escape: no quote but those between two texts
            return f'{{"{plain}"}}'
    quoted_texts = {text: NULL if text is None else _quoted_text(text) for text in set(texts)}
    return f"{{{','.join(quoted_texts[text] for text in texts)}}}"


def _quoted_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _instants(micros: Sequence[int | None]) -> list[str | None]:
    """Most rows of a cycle share one."""
    texts = {micro: None if micro is None else (EPOCH + micro * MICROSECOND).isoformat() for micro in set(micros)}
    return [texts[micro] for micro in micros]
