"""How a request becomes an answer: who asks is checked, a Refusal becomes its status, and the body is read once."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.exchange.auth import Key
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.refusals import Refusal

Endpoint = Callable[[Request], Awaitable[Response]]


class Doors:
    """Makes routes of functions: `public` ones are given the request, `private` ones the API key it is signed with as well."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def public(self, method: str, path: str, answer: Callable[[Request, bytes], object]) -> Route:
        async def endpoint(request: Request) -> Response:
            return _answered(lambda body: answer(request, body), await request.body())

        return Route(path, endpoint, methods=[method])

    def private(self, method: str, path: str, answer: Callable[[Request, Key, bytes], object]) -> Route:
        async def endpoint(request: Request) -> Response:
            return _answered(lambda body: answer(request, self._key(request, body), body), await request.body())

        return Route(path, endpoint, methods=[method])

    def _key(self, request: Request, body: bytes) -> Key:
        # What is signed is the path on the venue, not the one that it has on this machine.
        path = get_route_path(request.scope)
        return self._exchange.keys.signed_in(request.headers, self._exchange.wall(), request.method, path, body)


def _answered(answer: Callable[[bytes], object], body: bytes) -> Response:
    try:
        found = answer(body)
    except Refusal as error:
        return JSONResponse({"error": error.words}, error.status)
    return found if isinstance(found, Response) else JSONResponse(found)


def read_json(body: bytes, words: str) -> Any:
    """Raises Refusal with these words when it is none."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refusal(words) from error
