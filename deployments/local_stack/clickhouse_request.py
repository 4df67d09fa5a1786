"""What one HTTP request of a ClickHouse client asks of the engine: its statement, the rows behind it, parameters, settings, database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from deployments.local_stack.chdb_engine import Statement
from deployments.local_stack.clickhouse_error import ClickHouseError

DEFAULT_FORMAT = "TabSeparated"

# What is about the request, not about the query. Source: ClickHouse src/Server/HTTPHandler.cpp, reserved_param_names.
_OF_THE_REQUEST = {
    *("query", "database", "default_format", "query_id", "session_id", "session_timeout", "session_check", "close_session"),
    *("user", "password", "quota_key", "role", "compress", "decompress", "buffer_size", "wait_end_of_query"),
    *("client_protocol_version", "stacktrace"),
}
# Settings that steer only a server's HTTP side. The engine is spared them: they would cost a SET each time they come and go.
_OF_HTTP = {
    *("enable_http_compression", "send_progress_in_http_headers", "http_headers_progress_interval_ms"),
    *("cancel_http_readonly_queries_on_client_close", "http_response_buffer_size", "http_wait_end_of_query"),
}
_NOT_SETTINGS = _OF_THE_REQUEST | _OF_HTTP

# INSERT's head up to FORMAT, a word, a quoted name or a bracket at a time, so that no FORMAT inside a name or the rows is taken for it.
_QUOTED = rb"""'(?:\\.|[^'\\])*+' | `(?:\\.|[^`\\])*+` | "(?:\\.|[^"\\])*+" """
_BRACKET = rb"\( (?: [^()'`\"] | %b | \( [^()]*+ \) )*+ \)" % _QUOTED
_INSERT_WITH_ROWS = re.compile(
    rb"""
    (?P<head> (?: \s | --[^\n]*\n | /\*.*?\*/ )*+ INSERT \s
        (?: (?! (?: FORMAT | SELECT | VALUES | WITH | FROM | WATCH ) \b ) (?: \w++ | %b | %b | [^\w'`"(] ) )*+ )
    FORMAT \s+ (?P<format> \w+ ) [ \t\f;]*+ (?: \r?\n )?
    """
    % (_QUOTED, _BRACKET),
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SOMETHING_SAID = re.compile(rb"(?: \s | ; | --[^\n]*+ | /\*.*?\*/ )*+ [^\s;]", re.VERBOSE | re.DOTALL)
_FORMAT_CLAUSE = re.compile(rb"\bFORMAT\s+(\w+)\s*(?:SETTINGS\b[^'\"`]*)?;?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """A request as it came, its body unpacked. `url_query` is what follows the question mark; header names in any case."""

    method: str
    url_query: str
    headers: Message
    body: bytes


def parameters(url_query: str) -> dict[str, str]:
    return dict(parse_qsl(url_query, keep_blank_values=True))


def statement_of(request: Request) -> Statement:
    """Raises ClickHouseError for what this server does not speak."""
    said = parameters(request.url_query)
    body = request.body
    if request.headers.get_content_type() == "multipart/form-data":
        said, body = said | _form_fields(request), b""
    if said.get("compress", "0") != "0" or said.get("decompress", "0") != "0":
        raise ClickHouseError.ours("compress= and decompress= are not served; use Content-Encoding.", 48, "NOT_IMPLEMENTED")
    text = b"\n".join(part for part in (said.get("query", "").encode(), body) if part)
    if not _SOMETHING_SAID.match(text):
        raise ClickHouseError.ours("Empty query.", 62, "SYNTAX_ERROR")
    sql, rows, rows_format = _split(text)
    return Statement(
        sql=sql,
        rows=rows,
        rows_format=rows_format,
        output_format=_output_format(sql, said, request.headers),
        params={name.removeprefix("param_"): value for name, value in said.items() if name.startswith("param_")},
        settings={name: value for name, value in said.items() if name not in _NOT_SETTINGS and not name.startswith("param_")},
        database=said.get("database") or request.headers.get("X-ClickHouse-Database") or None,
        session_id=said.get("session_id") or None,
        must_only_read=request.method == "GET",
    )


def _split(text: bytes) -> tuple[bytes, bytes | None, str]:
    """The statement, the rows that follow an INSERT ... FORMAT, and their format."""
    match = _INSERT_WITH_ROWS.match(text)
    if match is None:
        return text, None, ""
    return match["head"], text[match.end() :], match["format"].decode()


def _output_format(sql: bytes, said: Mapping[str, str], headers: Message) -> str:
    clause = _FORMAT_CLAUSE.search(sql)
    if clause:
        return clause[1].decode()
    return said.get("default_format") or headers.get("X-ClickHouse-Format") or DEFAULT_FORMAT


def _form_fields(request: Request) -> dict[str, str]:
    """clickhouse-connect sends a form when the parameters are too long for a URL."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    fields = {}
    for part in form.iter_parts():
        if part.get_filename() is not None:
            raise ClickHouseError.ours("External data (files in a form) are not served.", 48, "NOT_IMPLEMENTED")
        content = part.get_payload(decode=True)
        fields[str(part.get_param("name", header="content-disposition"))] = content.decode() if isinstance(content, bytes) else ""
    return fields
