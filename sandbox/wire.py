"""What the three interfaces share: reading a query, opaque cursors, how instants are written."""

import base64
import binascii
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

Clock = Callable[[], float]  # Unix seconds
Json = dict[str, Any]


class BadRequest(Exception):
    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.message, self.parameter = message, parameter


class Query:
    """A request's parameters. What does not parse is a BadRequest that names the parameter."""

    def __init__(self, request: Request) -> None:
        self._params = request.query_params

    def only(self, names: frozenset[str]) -> "Query":
        """Refuses any other parameter: a filter that is ignored looks like one that works."""
        for name in self._params:
            if name not in names:
                raise BadRequest(f"{name} is not supported", name)
        return self

    def __contains__(self, name: str) -> bool:
        return name in self._params

    def text(self, *names: str) -> str | None:
        return next((self._params[name] for name in names if self._params.get(name)), None)

    def texts(self, *names: str) -> list[str]:
        """Repeated, separated by commas, or both: the venue's own clients do either."""
        given = [value for name in names for value in self._params.getlist(name)]
        return [item for value in given for item in value.split(",") if item]

    def flag(self, name: str, default: bool) -> bool:
        value = (self.text(name) or str(default)).lower()
        if value not in ("true", "false"):
            raise BadRequest(f"{name} must be true or false", name)
        return value == "true"

    def number(self, name: str, default: float) -> float:
        try:
            return float(self.text(name) or default)
        except ValueError as error:
            raise BadRequest(f"{name} must be a number", name) from error

    def limit(self, default: int, at_most: int) -> int:
        try:
            limit = int(self.text("limit") or default)
        except ValueError as error:
            raise BadRequest("limit must be an integer", "limit") from error
        if not 1 <= limit <= at_most:
            raise BadRequest(f"limit must be between 1 and {at_most}", "limit")
        return limit

    def choice(self, name: str, *choices: str) -> str | None:
        value = self.text(name)
        if value is not None and value not in choices:
            raise BadRequest(f"{name} must be one of {', '.join(choices)}", name)
        return value


def seal(kind: str, *place: float) -> str:
    """An opaque cursor: readable by us, and by nobody on purpose."""
    return base64.urlsafe_b64encode(json.dumps([kind, *place]).encode()).decode().rstrip("=")


def unseal(cursor: str, kind: str, parameter: str = "cursor") -> list[float]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise BadRequest("malformed cursor", parameter) from error
    if not isinstance(place, list) or len(place) < 2 or place[0] != kind:
        raise BadRequest("this cursor belongs to another listing", parameter)
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in place[1:]):
        raise BadRequest("malformed cursor", parameter)
    return place[1:]


def utc(at_s: float) -> str:
    """RFC 3339, as Gamma writes it: 2026-11-21T12:00:00.5Z, without the fraction if there is none."""
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")
