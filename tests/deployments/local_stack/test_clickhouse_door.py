"""A real door on a free loopback port, and the real clickhouse-connect in front of it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import clickhouse_connect
import httpx
import polars as pl
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.summary import QuerySummary

from tests.deployments.conftest import wait_until

HOUSE = Path(__file__).parents[3]

EVERY_TYPE = """
CREATE OR REPLACE TABLE every_type (
    trade_id String, leader LowCardinality(String), price Decimal(18, 6), shares Decimal(18, 10), note Nullable(String),
    tags Array(String), observed_at DateTime64(6, 'UTC'), score Float64, loss Nullable(Decimal(18, 6))
) ENGINE = ReplacingMergeTree ORDER BY trade_id
"""
AT = datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)
ROWS: list[list[Any]] = [
    ["a", "0xfeed", Decimal("0.123456"), Decimal("12345678.0123456789"), None, ["x", "it's"], AT, 0.5, Decimal("-1.500000")],
    ["b", "0xfeed", Decimal("99999.999999"), Decimal("0.0000000001"), "so-so", [], AT.replace(year=1999), -1e300, None],
]
FRAME = pl.DataFrame(
    ROWS,
    schema={
        "trade_id": pl.String,
        "leader": pl.String,
        "price": pl.Decimal(18, 6),
        "shares": pl.Decimal(18, 10),
        "note": pl.String,
        "tags": pl.List(pl.String),
        "observed_at": pl.Datetime("us", "UTC"),
        "score": pl.Float64,
        "loss": pl.Decimal(18, 6),
    },
    orient="row",
)


@dataclass
class Running:
    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def client(self, **options: Any) -> Client:
        # Without tz_mode="aware" the client returns a DateTime64(6, 'UTC') as a datetime that has no time zone.
        return clickhouse_connect.get_client(host="127.0.0.1", port=self.port, tz_mode="aware", **options)

    def post(self, body: bytes, **params: str) -> httpx.Response:
        return httpx.post(self.url, content=body, params=params)


def start(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deployments.local_stack.clickhouse_door", "--data", str(data), "--port", "0", *arguments],
        cwd=HOUSE,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def door_on(data: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    process = start(data, *arguments, **environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "listening on" in line, process.communicate()[1]
    try:
        yield Running(process, line.split()[4])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with door_on(tmp_path_factory.mktemp("clickhouse"), "--max-body-mib", "8", TZ="Europe/Berlin") as running:
        yield running


@pytest.fixture
def client(door: Running) -> Iterator[Client]:
    with door.client() as client:
        yield client


def code_of(error: pytest.ExceptionInfo[DatabaseError]) -> int | None:
    return error.value.code


# The protocol


@pytest.mark.parametrize("path", ["/ping", "/"])
def test_it_says_when_it_is_ready(door: Running, path: str) -> None:
    assert httpx.get(door.url + path).text == "Ok.\n"


def test_an_unknown_path_is_not_found(door: Running) -> None:
    assert httpx.get(door.url + "/play").status_code == 404


def test_times_are_utc_wherever_the_machine_stands(client: Client) -> None:
    assert str(client.server_tz) == "UTC"
    # 1970-01-01 00:00:00 is 0 in UTC and -3600 in Berlin, where this door's process believes to be.
    ask = "SELECT toUnixTimestamp(toDateTime('1970-01-02 00:00:00'))"
    assert client.command(ask) == 86_400
    assert client.command(ask, settings={"session_timezone": "Asia/Tokyo"}) == 86_400 - 9 * 3_600
    assert client.command(ask) == 86_400


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("String", 'it\'s a \\ "quoted"\ttext\nwith a ünïcode 🐳'),
        ("Decimal(18, 6)", Decimal("0.123456")),
        ("Array(String)", ["a", "b'c", ""]),
        ("DateTime64(6, 'UTC')", AT),
        ("Nullable(Int64)", None),
    ],
)
def test_a_bound_parameter_arrives_as_it_left(client: Client, kind: str, value: object) -> None:
    assert client.query(f"SELECT {{v:{kind}}}", parameters={"v": value}).result_rows == [(value,)]


def test_parameters_too_long_for_a_url_arrive_in_a_form(client: Client) -> None:
    many = [f"0x{i:040x}" for i in range(5_000)]
    # command() has no form: it would answer 414.
    assert client.query("SELECT length({many:Array(String)})", parameters={"many": many}).result_rows == [(5_000,)]


def test_a_parameter_may_name_the_table_of_an_insert(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE named (n Int64) ENGINE = MergeTree ORDER BY n")
    client.command("INSERT INTO {name:Identifier} FORMAT CSV", parameters={"name": "named"}, data="7\n")
    assert client.command("SELECT n FROM named") == 7


def test_a_setting_holds_for_its_own_query_only(client: Client) -> None:
    ask = "SELECT getSetting('max_block_size')"
    assert client.command(ask, settings={"max_block_size": 1234}) == 1234
    assert client.command(ask) != 1234


@pytest.mark.parametrize("level", [1, 2])
def test_a_query_that_may_only_read_leaves_the_next_ones_free_to_write(client: Client, level: int) -> None:
    """clickhouse-connect#469, #530: after one such query a session could set nothing more, and each answer was code 164 for ever."""
    client.command("CREATE OR REPLACE TABLE read_first (x Int64) ENGINE = MergeTree ORDER BY x")
    assert client.query("SELECT 1", settings={"readonly": level}).result_rows == [(1,)]
    with pytest.raises(DatabaseError) as refused:
        client.command("INSERT INTO read_first SELECT 1", settings={"readonly": level})
    client.command("INSERT INTO read_first SELECT 2", settings={"max_threads": 1})
    assert (code_of(refused), client.query("SELECT x FROM read_first").result_rows) == (164, [(2,)])


def test_an_unknown_setting_is_refused(client: Client) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_SETTING") as error:
        client.query("SELECT 1", settings={"no_such_setting": 1})
    assert code_of(error) == 115


def test_no_rows_and_no_result_are_told_apart(client: Client) -> None:
    assert client.command("SELECT 1 WHERE 0") == ""
    assert isinstance(client.command("CREATE DATABASE IF NOT EXISTS other"), QuerySummary)


def test_a_summary_counts_what_was_written(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE counted (n Int64) ENGINE = MergeTree ORDER BY n")
    assert client.insert("counted", [[1], [2], [3]], column_names=["n"]).written_rows == 3


def test_a_query_id_comes_back_and_cannot_begin_a_header(door: Running) -> None:
    assert door.post(b"SELECT 1", query_id="mine").headers["X-ClickHouse-Query-Id"] == "mine"
    assert "X-Mine" not in door.post(b"SELECT 1", query_id="a\r\nX-Mine: 1").headers


def test_a_session_keeps_its_temporary_table_and_its_database_to_itself(door: Running) -> None:
    with door.client() as mine, door.client() as yours:
        mine.command("CREATE TEMPORARY TABLE scratch AS SELECT 42 AS n")
        mine.command("CREATE DATABASE IF NOT EXISTS elsewhere")
        mine.command("USE elsewhere")
        assert mine.command("SELECT n, currentDatabase() FROM scratch") == ["42", "elsewhere"]
        assert yours.command("SELECT currentDatabase()") == "default"
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            yours.query("SELECT * FROM scratch")


def test_a_set_statement_holds_in_its_session_and_yields_to_the_url(door: Running) -> None:
    ask = b"SELECT getSetting('max_block_size')"
    door.post(b"SET max_block_size = 1234", session_id="s")
    assert door.post(ask, session_id="s").text == "1234\n"
    assert door.post(ask, session_id="s", max_block_size="4321").text == "4321\n"
    door.post(b"SET max_threads = 2", session_id="s", max_block_size="777")
    assert door.post(ask, session_id="s").text != "777\n"


def test_without_a_session_nothing_is_kept(door: Running) -> None:
    door.post(b"SET max_block_size = 1234")
    assert door.post(b"SELECT getSetting('max_block_size')").text != "1234\n"


# Databases


def test_a_database_is_created_and_then_named_in_the_url(door: Running) -> None:
    with door.client() as client:
        client.command("CREATE DATABASE IF NOT EXISTS walletflow")
    with door.client(database="walletflow") as client:
        client.command("CREATE OR REPLACE TABLE t (n Int64) ENGINE = MergeTree ORDER BY n")
        client.insert("t", [[1]], column_names=["n"])
        assert client.command("SELECT currentDatabase(), n FROM walletflow.t") == ["walletflow", "1"]


def test_an_unknown_database_is_refused_by_name(door: Running) -> None:
    with pytest.raises(DatabaseError, match="nowhere") as error:
        door.client(database="nowhere")
    assert code_of(error) == 81


# Types and formats


def test_every_type_survives_rows(client: Client) -> None:
    client.command(EVERY_TYPE)
    client.insert("every_type", ROWS, column_names=FRAME.columns)
    assert [list(row) for row in client.query("SELECT * FROM every_type ORDER BY trade_id").result_rows] == ROWS


def test_every_type_survives_arrow_and_polars(client: Client) -> None:
    client.command(EVERY_TYPE)
    client.insert_arrow("every_type", FRAME.to_arrow())
    read = pl.from_arrow(client.query_arrow("SELECT * FROM every_type ORDER BY trade_id"))
    assert isinstance(read, pl.DataFrame)
    assert read.schema == FRAME.schema
    assert read.equals(FRAME)


def test_every_type_survives_pandas(client: Client) -> None:
    client.command(EVERY_TYPE)
    client.insert_df("every_type", FRAME.to_pandas())
    read = client.query_df("SELECT price, shares, observed_at FROM every_type ORDER BY trade_id")
    assert read["price"].tolist() == [row[2] for row in ROWS]
    assert [at.to_pydatetime() for at in read["observed_at"]] == [row[6] for row in ROWS]


def test_writing_the_same_row_twice_changes_nothing_once_it_is_read_final(client: Client) -> None:
    client.command(EVERY_TYPE)
    for _ in range(2):
        client.insert_arrow("every_type", FRAME.to_arrow())
    assert client.command("SELECT count() FROM every_type FINAL") == 2


def test_many_merged_parts_are_deleted_by_few_threads(door: Running, client: Client) -> None:
    """From 100 at once on the engine started 128 threads for it, which stayed, with 3 handles each: found in a soak of 2,000 cycles."""
    soon = ("old_parts_lifetime", "merge_tree_clear_old_parts_interval_seconds", "cleanup_delay_period", "cleanup_delay_period_random_add")
    settings = ", ".join(f"{name} = 1" for name in soon)
    parts = "SELECT count() FROM system.parts WHERE table = 'many_parts'"
    client.command(f"CREATE TABLE many_parts (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS {settings}")
    before = threads_of(door)
    for number in range(130):
        client.command(f"INSERT INTO many_parts VALUES ({number})")
    client.command("OPTIMIZE TABLE many_parts FINAL")
    wait_until(lambda: client.command(parts) == 1, "merged parts are deleted")
    assert threads_of(door) < before + 100


def threads_of(door: Running) -> int:
    return len(list(Path(f"/proc/{door.process.pid}/task").iterdir()))


def test_an_empty_arrow_result_keeps_its_columns(client: Client) -> None:
    client.command(EVERY_TYPE)
    assert client.query_arrow("SELECT trade_id, price FROM every_type").column_names == ["trade_id", "price"]


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", False])
def test_each_compression_works_both_ways(door: Running, encoding: str | bool) -> None:
    rows = [[n, "x" * 50] for n in range(20_000)]
    with door.client(compress=encoding) as client:
        client.command("CREATE OR REPLACE TABLE packed (n Int64, s String) ENGINE = MergeTree ORDER BY n")
        client.insert("packed", rows, column_names=["n", "s"])
        assert [list(row) for row in client.query("SELECT * FROM packed ORDER BY n").result_rows] == rows


def test_a_large_answer_is_packed_when_asked(door: Running) -> None:
    ask = {"query": "SELECT * FROM numbers(10000)"}
    packed = httpx.get(door.url, params=ask | {"enable_http_compression": "1"}, headers={"Accept-Encoding": "gzip"})
    plain = httpx.get(door.url, params=ask, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.text == plain.text


@pytest.mark.parametrize(
    ("rows_format", "rows"),
    [("CSV", '1,"FORMAT it"\n'), ("TSV", "1\tFORMAT it\n"), ("JSONEachRow", '{"n": 1, "s": "FORMAT it"}'), ("Values", "(1, 'FORMAT it')")],
)
def test_rows_are_inserted_in_any_format(client: Client, rows_format: str, rows: str) -> None:
    client.command("CREATE OR REPLACE TABLE raw (n Int64, s String) ENGINE = MergeTree ORDER BY n")
    client.raw_insert("raw", ["n", "s"], rows, fmt=rows_format)
    assert client.raw_query("SELECT * FROM raw", fmt="CSV") == b'1,"FORMAT it"\n'


def test_a_large_result_is_read_in_blocks(client: Client) -> None:
    with client.query_row_block_stream("SELECT number FROM numbers(200000)") as blocks:
        assert sum(len(block) for block in blocks) == 200_000


def test_a_bad_row_lets_none_in(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE strict (n Int64) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError):
        client.raw_insert("strict", ["n"], "1\n2\nthree\n", fmt="CSV")
    assert client.command("SELECT count() FROM strict") == 0


@pytest.mark.parametrize("coding", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_an_insert_that_is_cut_off_lets_no_row_in(door: Running, client: Client, coding: str) -> None:
    client.command("CREATE OR REPLACE TABLE cut (n Int64) ENGINE = MergeTree ORDER BY n")
    half = b"28\r\nINSERT INTO cut FORMAT CSV\n1\n2\n3\n4\n5\n6\n7\r\n" if "chunked" in coding else b"INSERT INTO cut FORMAT CSV\n1\n2\n"
    with socket.create_connection(("127.0.0.1", door.port)) as line:
        line.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\n{coding}\r\n\r\n".encode() + half)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1) == b""  # it hung up without an answer
    assert client.command("SELECT count() FROM cut") == 0


def test_rows_are_read_with_the_settings_of_the_request(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE times (at DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY at")
    # clickhouse-connect asks for date_time_input_format = best_effort; the engine's own default would not take the T and the Z.
    client.raw_insert("times", ["at"], "2026-11-21T09:30:00.123456Z\n", fmt="CSV")
    assert client.query("SELECT at FROM times").result_rows == [(AT,)]


# What it refuses


def test_an_engines_error_arrives_with_its_number_and_words(client: Client) -> None:
    with pytest.raises(DatabaseError, match="Unknown table expression identifier 'nope'") as error:
        client.query("SELECT * FROM nope")
    assert code_of(error) == 60


def test_an_error_about_bytes_that_are_no_text_is_still_an_answer(door: Running) -> None:
    assert door.post(b"SELEC \xff").headers["X-ClickHouse-Exception-Code"] == "62"


def test_two_statements_in_one_request_are_refused(client: Client) -> None:
    with pytest.raises(DatabaseError, match="Multi-statements are not allowed"):
        client.command("SELECT 1; DROP DATABASE default")


def test_a_get_cannot_write(door: Running) -> None:
    answer = httpx.get(door.url, params={"query": "CREATE DATABASE sneaked_in"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    assert door.post(b"EXISTS DATABASE sneaked_in").text == "0\n"


@pytest.mark.parametrize("header", [{"Origin": "https://example.org"}, {"Host": "example.org"}])
def test_a_web_page_is_not_served(door: Running, header: dict[str, str]) -> None:
    assert httpx.post(door.url, content=b"SELECT 1", headers=header).status_code == 403


@pytest.mark.parametrize(("mib", "status"), [(7, 200), (9, 413)])
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(door: Running, mib: int, status: int) -> None:
    # The limit here is 8 MiB.
    answer = door.post(b"SELECT length('" + b"x" * mib * 2**20 + b"')", max_query_size=str(2**30))
    assert answer.status_code == status
    assert status == 200 or "over the limit of 8 MiB" in answer.text


def test_a_small_body_cannot_unpack_to_more_than_the_limit(door: Running) -> None:
    with door.client(compress="zstd") as client:
        client.command("CREATE OR REPLACE TABLE bomb (s String) ENGINE = MergeTree ORDER BY tuple()")
        with pytest.raises(DatabaseError, match="over the limit of 8 MiB"):
            client.insert("bomb", [["x" * 9 * 2**20]], column_names=["s"], column_type_names=["String"])


def test_a_damaged_body_is_refused(door: Running) -> None:
    answer = httpx.post(door.url, content=b"not gzip", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "271")


def test_it_opens_on_loopback_only(tmp_path: Path) -> None:
    _, said = start(tmp_path, "--host", "0.0.0.0").communicate()  # noqa: S104 (that is the point)
    assert "invalid choice: '0.0.0.0'" in said


# The password


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("locked")
    (folder / "password").write_text("s3cret\n")
    with door_on(folder / "data", "--password-file", str(folder / "password")) as running:
        yield running


def test_the_right_password_opens_in_each_of_the_three_places(locked: Running) -> None:
    with locked.client(username="default", password="s3cret") as client:
        assert client.command("SELECT 1") == 1
    assert httpx.post(locked.url, content=b"SELECT 1", headers={"X-ClickHouse-User": "default", "X-ClickHouse-Key": "s3cret"}).is_success
    assert locked.post(b"SELECT 1", user="default", password="s3cret").is_success


@pytest.mark.parametrize("headers", [{}, {"X-ClickHouse-Key": "guess"}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer s3cret"}])
def test_no_password_and_a_wrong_one_are_refused(locked: Running, headers: dict[str, str]) -> None:
    answer = httpx.post(locked.url, content=b"SELECT 1", headers=headers)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")


def test_a_wrong_password_is_clickhouses_error_to_the_client(locked: Running) -> None:
    with pytest.raises(DatabaseError, match="AUTHENTICATION_FAILED") as error:
        locked.client(username="default", password="guess")
    assert code_of(error) == 516


def test_readiness_needs_no_password(locked: Running) -> None:
    assert httpx.get(locked.url + "/ping").text == "Ok.\n"


def test_an_empty_password_file_does_not_open_the_door_to_everybody(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("\n")
    process = start(tmp_path / "data", "--password-file", str(tmp_path / "password"))
    assert "holds no password" in process.communicate()[1]
    assert process.returncode == 1


# Life and death


def test_a_second_process_is_told_who_holds_the_data(tmp_path: Path) -> None:
    with door_on(tmp_path) as first:
        _, said = start(tmp_path).communicate()
    assert f"{tmp_path} is already open by another process: PID: {first.process.pid}" in said


@pytest.mark.parametrize(("how", "exit_code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_what_was_acknowledged_is_there_after(tmp_path: Path, how: signal.Signals, exit_code: int) -> None:
    with door_on(tmp_path) as running:
        client = running.client()
        client.command("CREATE TABLE kept (n Int64) ENGINE = MergeTree ORDER BY n")
        client.insert("kept", [[n] for n in range(1_000)], column_names=["n"])
        running.process.send_signal(how)
        assert running.process.wait(timeout=20) == exit_code
    with door_on(tmp_path) as running:
        assert running.client().command("SELECT count(), sum(n) FROM kept") == ["1000", "499500"]


def test_a_statement_that_does_not_end_is_killed_when_the_door_closes(tmp_path: Path) -> None:
    with door_on(tmp_path) as running:
        endless = b"SELECT sum(cityHash64(number)) FROM numbers(1000000000000)"
        thread = threading.Thread(target=httpx.post, args=[running.url], kwargs={"content": endless, "timeout": 20})
        thread.start()
        while running.post(b"SELECT count() FROM system.processes").text != "2\n":
            pass
        running.process.terminate()
        assert running.process.wait(timeout=20) == 0
        thread.join()


def test_readers_see_whole_inserts_only_while_writers_write(door: Running) -> None:
    batch = [[n] for n in range(1_000)]
    seen: list[int] = []

    def write() -> None:
        with door.client() as writer:
            for _ in range(10):
                writer.insert("busy", batch, column_names=["n"])

    def read() -> None:
        with door.client() as reader:
            seen.extend(cast(int, reader.command("SELECT count() FROM busy")) for _ in range(50))

    with door.client() as client:
        client.command("CREATE OR REPLACE TABLE busy (n Int64) ENGINE = MergeTree ORDER BY n")
        threads = [threading.Thread(target=target) for target in (write, write, read, read, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.command("SELECT count() FROM busy") == 20_000
    assert len(seen) == 150
    assert {count % 1_000 for count in seen} == {0}


# Settings last one statement (case 13)


@pytest.mark.parametrize(
    "settings",
    [
        {"readonly": 1},
        {"readonly": 2},
        {"allow_ddl": 0},
        {"max_query_size": 1},
        {"max_parser_depth": 1},
        {"implicit_transaction": 1},
        {"max_result_rows": 1, "result_overflow_mode": "throw"},
        {"no_such_setting": 1},
    ],
)
def test_no_setting_outlives_its_statement_even_one_that_forbids_to_unset_it(client: Client, settings: dict[str, Any]) -> None:
    """`readonly = 1` with one query, and everything else of that client's session answered 164 (clickhouse-connect#469)."""
    with suppress(DatabaseError):
        client.query("SELECT 1", settings=settings)
    client.command("CREATE OR REPLACE TABLE later (n Int64) ENGINE = MergeTree ORDER BY n")
    client.insert("later", [[1], [2], [3]], column_names=["n"])
    assert client.command("SELECT count() FROM later") == 3


@pytest.mark.parametrize(
    ("readonly", "statement", "is_served"),
    [
        (1, "SELECT 1", True),
        (1, "SET max_threads = 1", False),
        (1, "INSERT INTO guarded VALUES (1)", False),
        (1, "DROP TABLE guarded", False),
        (2, "SET max_threads = 1", True),
        (2, "INSERT INTO guarded VALUES (1)", False),
        (0, "INSERT INTO guarded VALUES (1)", True),
    ],
)
def test_readonly_is_kept_for_the_statement_it_came_with(client: Client, readonly: int, statement: str, is_served: bool) -> None:
    client.command("CREATE OR REPLACE TABLE guarded (n Int64) ENGINE = MergeTree ORDER BY n")
    with nullcontext() if is_served else pytest.raises(DatabaseError, match="READONLY") as error:
        client.command(statement, settings={"readonly": readonly})
    assert error is None or code_of(error) == 164


def test_a_readonly_query_leaves_the_session_its_temporary_tables(client: Client) -> None:
    client.command("CREATE TEMPORARY TABLE scratch AS SELECT 42 AS n")
    assert client.command("SELECT n FROM scratch", settings={"readonly": 1}) == 42
    client.command("INSERT INTO scratch VALUES (1)")
    assert client.command("SELECT sum(n) FROM scratch") == 43


def test_a_session_keeps_its_database_when_its_connection_had_to_be_opened_anew(client: Client) -> None:
    client.command("CREATE DATABASE IF NOT EXISTS kept")
    client.command("USE kept")
    client.query("SELECT 1", settings={"allow_ddl": 0})
    assert client.command("SELECT currentDatabase()") == "kept"
