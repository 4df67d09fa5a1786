"""A no in ClickHouse's own words and numbers, and the HTTP status that goes with it."""

import re
from http import HTTPStatus
from typing import Self

_CODE = re.compile(r"Code: (\d+)\.")
_UNKNOWN_EXCEPTION = 1002

# Source: ClickHouse src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; every other code is 500.
_STATUS = (
    dict.fromkeys((6, 8, 15, 25, 26, 27, 36, 38, 41, 44, 53, 62, 72, 117, 321, 376, 441), HTTPStatus.BAD_REQUEST)
    | dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 81, 115), HTTPStatus.NOT_FOUND)
    | dict.fromkeys((497, 516), HTTPStatus.FORBIDDEN)
    | {48: HTTPStatus.NOT_IMPLEMENTED, 381: HTTPStatus.LENGTH_REQUIRED}
    | dict.fromkeys((159, 209), HTTPStatus.REQUEST_TIMEOUT)
)


class ClickHouseError(Exception):
    """`str()` of it is the answer's body, `code` its X-ClickHouse-Exception-Code."""

    def __init__(self, message: str, code: int, status: HTTPStatus | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status or _STATUS.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)

    @classmethod
    def of_engine(cls, message: str) -> Self:
        """The engine's own message, which says its number."""
        code = _CODE.search(message)
        return cls(message, int(code[1]) if code else _UNKNOWN_EXCEPTION)

    @classmethod
    def ours(cls, message: str, code: int, name: str, status: HTTPStatus | None = None) -> Self:
        """A refusal by the door, worded as a server words it: clickhouse-connect takes the name from the brackets."""
        return cls(f"Code: {code}. DB::Exception: {message} ({name})", code, status)
