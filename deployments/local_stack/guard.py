"""Whom a web server of ours answers: this machine, by this very address. Any web page may ask a loopback port from its reader's browser.

A page of another place names its Origin. One that had its own name point here (DNS rebinding) is taken for this place by the browser,
and gives itself away by its Host. Who may do what is the server's own question, and comes after this one.
"""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

from deployments.local_stack.services import LOOPBACK

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
NAMES = (LOOPBACK, "localhost")


class Guard:
    """Wraps an ASGI application that is served on `port`. `hidden` are paths it has and nobody here needs."""

    def __init__(self, app: App, port: int, hidden: Collection[str] = ()) -> None:
        self._app, self._hidden = app, hidden
        self._hosts = {f"{name}:{port}".encode() for name in NAMES}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if not self._comes_from_here(scope["headers"]):
            return await refuse(scope, send, 403)
        if scope["path"] in self._hidden:
            return await refuse(scope, send, 404)
        return await self._app(scope, receive, send)

    def _comes_from_here(self, headers: Collection[tuple[bytes, bytes]]) -> bool:
        hosts = [value for name, value in headers if name == b"host"]
        origins = [value for name, value in headers if name == b"origin"]
        return len(hosts) == 1 and hosts[0] in self._hosts and all(origin in self._origins for origin in origins)


async def refuse(scope: Scope, send: Send, status: int) -> None:
    """Nothing but the status. A websocket is refused by closing it before it was opened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
