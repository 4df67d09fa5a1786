"""What a request asks of the engine: where an INSERT ends and its rows begin, what is a setting and what is not."""

from email.message import Message

import pytest

from deployments.local_stack.chdb_engine import Statement
from deployments.local_stack.clickhouse_error import ClickHouseError
from deployments.local_stack.clickhouse_request import Request, statement_of


def statement(url_query: str = "", body: bytes = b"SELECT 1", method: str = "POST", **headers: str) -> Statement:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return statement_of(Request(method, url_query, message, body))


@pytest.mark.parametrize(
    ("text", "head", "rows", "rows_format"),
    [
        (b"INSERT INTO t FORMAT Native\n\x01\x02", b"INSERT INTO t ", b"\x01\x02", "Native"),
        (b"insert into a.t (x, `FORMAT z`) format CSV\r\n1,FORMAT\n", b"insert into a.t (x, `FORMAT z`) ", b"1,FORMAT\n", "CSV"),
        (b"INSERT INTO t SETTINGS a='FORMAT q' FORMAT TSV\n\n", b"INSERT INTO t SETTINGS a='FORMAT q' ", b"\n", "TSV"),
        (b"-- FORMAT a\n/* FORMAT b */ INSERT INTO t FORMAT TSV 1", b"-- FORMAT a\n/* FORMAT b */ INSERT INTO t ", b"1", "TSV"),
        (b"INSERT INTO FUNCTION null('a Array(Int8)') FORMAT TSV\n1", b"INSERT INTO FUNCTION null('a Array(Int8)') ", b"1", "TSV"),
    ],
)
def test_the_rows_of_an_insert_begin_after_its_format(text: bytes, head: bytes, rows: bytes, rows_format: str) -> None:
    asked = statement(body=text)
    assert (asked.sql, asked.rows, asked.rows_format) == (head, rows, rows_format)


@pytest.mark.parametrize(
    "text",
    [b"INSERT INTO t VALUES ('FORMAT x')", b"INSERT INTO t SELECT 1 FORMAT Null", b"SELECT 1 FORMAT CSV", b"INSERT INTO t (a", b"SELEC"],
)
def test_a_statement_without_rows_of_its_own_is_left_whole(text: bytes) -> None:
    asked = statement(body=text)
    assert (asked.sql, asked.rows) == (text, None)


def test_a_query_in_the_url_and_rows_in_the_body_are_one_insert() -> None:
    asked = statement("query=INSERT+INTO+t+FORMAT+CSV", b"1,2\n")
    assert (asked.sql, asked.rows) == (b"INSERT INTO t ", b"1,2\n")


def test_what_is_about_the_request_is_not_a_setting() -> None:
    asked = statement("max_threads=1&wait_end_of_query=1&enable_http_compression=1&query_id=q&param_a=2&session_id=s&database=d")
    assert asked.settings == {"max_threads": "1"}
    assert (asked.params, asked.session_id, asked.database) == ({"a": "2"}, "s", "d")


def test_the_database_may_stand_in_a_header() -> None:
    assert statement(X_ClickHouse_Database="d").database == "d"


@pytest.mark.parametrize(
    ("url_query", "body", "expected"),
    [
        ("default_format=CSV", b"SELECT 1", "CSV"),
        ("default_format=CSV", b"SELECT 1 FORMAT JSON", "JSON"),
        ("", b"SELECT 1 FORMAT Arrow SETTINGS max_threads=1;", "Arrow"),
        ("", b"SELECT 'FORMAT Arrow'", "TabSeparated"),
    ],
)
def test_the_format_is_the_querys_own_before_the_urls(url_query: str, body: bytes, expected: str) -> None:
    assert statement(url_query, body).output_format == expected


def test_only_a_get_must_not_write() -> None:
    assert statement(method="GET").must_only_read
    assert not statement(method="POST").must_only_read


@pytest.mark.parametrize("url_query", ["compress=1", "decompress=1"])
def test_clickhouses_private_compression_is_refused_not_misread(url_query: str) -> None:
    with pytest.raises(ClickHouseError, match="NOT_IMPLEMENTED"):
        statement(url_query, b"SELECT 1")
