"""The ClickHouse engine on one data directory: readers side by side, one writer, sessions. Knows no HTTP."""

import fcntl
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Condition, Lock

from deployments.local_stack.chdb_connection import Connection, Result, Session, connect, kind_of
from deployments.local_stack.clickhouse_error import ClickHouseError

# A session costs about 0.1 MB and 0.4 ms; clickhouse-connect opens one per client and never closes it.
MAX_SESSIONS = 256
# How long closing waits for running statements, before and again after it kills them.
PATIENCE_S = 3.0


class AlreadyOpen(Exception):
    """Another process holds the data directory."""


@dataclass(frozen=True)
class Statement:
    """One statement and all that should hold while it runs. `rows` is the data of an INSERT ... FORMAT."""

    sql: bytes
    rows: bytes | None = None
    rows_format: str = "Native"
    output_format: str = "TabSeparated"
    params: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None
    session_id: str | None = None
    must_only_read: bool = False


@dataclass(frozen=True)
class Answer:
    """`returns_rows` tells an empty result from a statement that has none."""

    body: bytes
    returns_rows: bool
    read_rows: int
    read_bytes: int
    written_rows: int
    written_bytes: int
    result_rows: int
    elapsed_ns: int


class _Seat:
    """A session and the lock that keeps its statements in order: chdb mixes up two at once on one connection."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.taken = Lock()


class Engine:
    """Raises AlreadyOpen. Statements may come from any thread."""

    def __init__(self, data: Path) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data = data.resolve()
        _refuse_if_open_elsewhere(self._data)
        self._keeper = connect(self._data)  # the engine shuts down with its last connection
        self._seats: OrderedDict[str, _Seat] = OrderedDict()
        self._writer = Lock()
        self._changed = Condition()
        self._running = 0
        self._closing = False
        self.timezone = self._keeper.query("SELECT timezone()", "TSVRaw").bytes().decode().strip()

    def run(self, statement: Statement) -> Answer:
        """Raises ClickHouseError, in the engine's own words."""
        with self._counted():
            try:
                with self._seat(statement.session_id) as session:
                    return _run(statement, session, self._writer)
            except RuntimeError as error:  # all that chdb raises; its ChdbError is one too
                raise ClickHouseError.of_engine(str(error)) from error
            except UnicodeDecodeError as error:  # its message quoted bytes of the statement that are no text
                raise ClickHouseError.of_engine(error.object.decode(errors="replace")) from error

    def close(self) -> bool:
        """Takes no new statements, lets the running ones end or kills them, and closes the data. False if one would not end."""
        with self._changed:
            self._closing = True
            if not self._quiet():
                self._keeper.query("KILL QUERY WHERE 1 ASYNC")
            if not self._quiet():
                return False
        for seat in self._seats.values():
            seat.session.connection.close()
        self._seats.clear()
        self._keeper.close()
        return True

    def _connect(self) -> Connection:
        return connect(self._data)

    def _quiet(self) -> bool:
        return self._changed.wait_for(lambda: self._running == 0, timeout=PATIENCE_S)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            if self._closing:
                raise ClickHouseError.ours("The server is shutting down.", 236, "ABORTED", HTTPStatus.SERVICE_UNAVAILABLE)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def _seat(self, session_id: str | None) -> Iterator[Session]:
        """Without a session id, a connection for this statement only: nothing set on it can reach another client."""
        if session_id is None:
            session = Session(self._connect)
            try:
                yield session
            finally:
                session.connection.close()
        else:
            seat = self._kept_seat(session_id)
            with seat.taken:
                yield seat.session

    def _kept_seat(self, session_id: str) -> _Seat:
        with self._changed:
            seat = self._seats.pop(session_id, None) or _Seat(Session(self._connect))
            self._seats[session_id] = seat
            if len(self._seats) > MAX_SESSIONS:
                # Its connection closes with its last user: the statement running on it, or this line.
                self._seats.popitem(last=False)
            return seat


def _run(statement: Statement, session: Session, writer: Lock) -> Answer:
    started = time.perf_counter_ns()
    readonly = statement.settings.get("readonly", "0")
    session.prepare(statement.database, {name: value for name, value in statement.settings.items() if name != "readonly"})
    kind = _kind(statement, session.connection)
    _refuse_if_readonly(kind, readonly)
    reads = kind == "READ_ONLY"
    with nullcontext() if reads else writer:
        if statement.rows is None:
            result = session.query(statement.sql, statement.output_format, statement.params)
        else:
            result = session.insert(statement.sql, statement.rows, statement.rows_format, statement.params)
        if kind == "CONTROL":
            session.look_again()
    return _answer(result, reads, time.perf_counter_ns() - started)


def _kind(statement: Statement, connection: Connection) -> str:
    """Raises ClickHouseError for what a server refuses and chdb would run."""
    kind, count = ("MUTATING", 1) if statement.rows is not None else kind_of(statement.sql, connection)
    if count > 1:
        raise ClickHouseError.ours("Syntax error (Multi-statements are not allowed).", 62, "SYNTAX_ERROR")
    if statement.must_only_read and kind not in ("READ_ONLY", "UNKNOWN"):  # UNKNOWN: it does not parse, and the engine will say why
        raise ClickHouseError.ours("Cannot execute query in readonly mode: GET implies readonly, use POST.", 164, "READONLY")
    return kind


def _refuse_if_readonly(kind: str, readonly: str) -> None:
    """Said here, not to the engine: there `readonly` would forbid that it is unset, and every later statement of its session."""
    forbidden = {"0": (), "1": ("MUTATING", "MUTATING_GLOBAL", "CONTROL"), "2": ("MUTATING", "MUTATING_GLOBAL")}
    if readonly not in forbidden:
        raise ClickHouseError.ours(f"readonly is 0, 1 or 2, not {readonly[:20]!r}.", 72, "CANNOT_PARSE_NUMBER")
    if kind in forbidden[readonly]:
        raise ClickHouseError.ours("Cannot execute query in readonly mode.", 164, "READONLY")


def _answer(result: Result, returns_rows: bool, elapsed_ns: int) -> Answer:
    return Answer(
        body=result.bytes(),
        returns_rows=returns_rows,
        read_rows=result.storage_rows_read(),
        read_bytes=result.bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        result_rows=result.rows_read() if returns_rows else result.rows_written(),
        elapsed_ns=elapsed_ns,
    )


def _refuse_if_open_elsewhere(data: Path) -> None:
    """chdb says only "Error initializing EmbeddedServer: ."; the lock it could not take is on `status`, which names the holder."""
    status = data / "status"
    if not status.exists():
        return
    with status.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = ", ".join(file.read().split("\n")[:2])
            raise AlreadyOpen(f"{data} is already open by another process: {holder}") from None
