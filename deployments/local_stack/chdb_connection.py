"""One connection to the engine in this process, and what was set on it. Who may write, and when, is `chdb_engine.py`'s."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlencode

from chdb import _chdb

from deployments.local_stack.clickhouse_error import ClickHouseError

DEFAULT_DATABASE = "default"
# Else a DateTime without a time zone would be read in this machine's own.
TIMEZONE = {"session_timezone": "UTC"}
BOUNDS = Path(__file__).with_name("clickhouse.xml")
_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Result(Protocol):
    """What chdb answers to a statement; the package declares no types for it."""

    def bytes(self) -> bytes: ...
    def bytes_read(self) -> int: ...
    def bytes_written(self) -> int: ...
    def rows_read(self) -> int: ...
    def rows_written(self) -> int: ...
    def storage_rows_read(self) -> int: ...


class Connection(Protocol):
    """chdb's connection. It takes SQL as bytes too, which need not be UTF-8, and raises a bare RuntimeError."""

    def classify_query(self, sql: str | bytes) -> dict[str, object]: ...
    def close(self) -> None: ...
    def insert_append(self, insert: object, data: bytes) -> None: ...
    def insert_cancel(self, insert: object) -> None: ...
    def insert_done(self, insert: object) -> Result: ...
    def query(self, sql: str | bytes, format: str = "CSV", *, params: Mapping[str, str] = ...) -> Result: ...
    def send_insert(self, sql: str | bytes, format: str) -> object: ...


class QueryClass(Protocol):
    @property
    def name(self) -> str: ...


class EngineModule(Protocol):
    """chdb's compiled part. Its Python part wraps this one and hides `classify_query`."""

    def connect(self, data: str) -> Connection: ...
    def set_signal_handlers_enabled(self, enabled: int) -> None: ...


_engine = cast(EngineModule, _chdb)
# chdb's own handlers would take SIGTERM from us; the engine must be closed by whoever opened it.
_engine.set_signal_handlers_enabled(0)


def connect(data: Path) -> Connection:
    """Raises RuntimeError if another process holds the directory."""
    return _engine.connect(f"{data}?config-file={BOUNDS}&{urlencode(TIMEZONE)}")


def kind_of(sql: bytes, connection: Connection) -> tuple[str, int]:
    """READ_ONLY, MUTATING, MUTATING_GLOBAL, CONTROL (SET, USE, SYSTEM ...) or UNKNOWN, and how many statements; it runs nothing."""
    facts = connection.classify_query(sql)
    return cast(QueryClass, facts["query_class"]).name, cast(int, facts["statement_count"])


def quoted(text: str, quote: str) -> str:
    r"""`text` between `quote`, as ClickHouse reads it: it's -> 'it\'s'."""
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


class Session:
    """A connection that remembers what was set on it, so that an unchanged database or setting costs nothing."""

    def __init__(self, opened: Callable[[], Connection]) -> None:
        self._opened = opened
        self.connection = opened()
        self._home = self._database = DEFAULT_DATABASE
        self._settings: Mapping[str, str | None] = TIMEZONE

    def prepare(self, database: str | None, settings: Mapping[str, str]) -> None:
        """Makes `database` and `settings` hold for the next statement, and no setting of the one before."""
        wanted = {**TIMEZONE, **settings}
        try:
            self._unset([name for name in self._settings if name not in wanted])
        except RuntimeError:
            self._reopen()
        self._use(database or self._home)
        self._set(wanted)

    def query(self, sql: bytes, output_format: str, params: Mapping[str, str]) -> Result:
        return self.connection.query(sql, output_format, params=params)

    def insert(self, sql: bytes, rows: bytes, rows_format: str, params: Mapping[str, str]) -> Result:
        """All rows in one piece: the engine then makes one part, or none if a row is bad."""
        for name, value in params.items():  # send_insert() takes no parameters
            self.connection.query(f"SET param_{_setting_name(name)} = {quoted(value, chr(39))}")
        insert = self.connection.send_insert(sql, rows_format)
        try:
            self.connection.insert_append(insert, rows)
        except RuntimeError:
            self.connection.insert_cancel(insert)
            raise
        return self.connection.insert_done(insert)

    def look_again(self) -> None:
        """After a statement that may have been a USE or a SET: the session lives where it says, and our settings are said anew."""
        self._home = self._database = self.connection.query("SELECT currentDatabase()", "TSVRaw").bytes().decode().rstrip("\n")
        self._settings = dict.fromkeys(self._settings)

    def _use(self, database: str) -> None:
        if database != self._database:
            self.connection.query(f"USE {quoted(database, '`')}")
            self._database = database

    def _unset(self, names: list[str]) -> None:
        if names:
            self.connection.query("SET " + ", ".join(f"{name} = DEFAULT" for name in names))
            self._settings = {name: value for name, value in self._settings.items() if name not in names}

    def _set(self, settings: Mapping[str, str]) -> None:
        new = [f"{_setting_name(name)} = {quoted(value, chr(39))}" for name, value in settings.items() if self._settings.get(name) != value]
        if new:
            self.connection.query("SET " + ", ".join(new))
            self._settings = dict(settings)

    def _reopen(self) -> None:
        """Some settings forbid that they are unset: allow_ddl = 0, a max_query_size no SET fits in. Its temporary tables go with them."""
        self.connection.close()
        self.connection, self._database, self._settings = self._opened(), DEFAULT_DATABASE, TIMEZONE


def _setting_name(name: str) -> str:
    """Raises ClickHouseError: a name becomes SQL here, so it must be one word."""
    if not _SETTING_NAME.fullmatch(name):
        raise ClickHouseError.ours(f"Unknown setting '{name}'.", 115, "UNKNOWN_SETTING")
    return name
