"""Whom a web server of ours answers: this machine, by this very address. Any web page may ask a loopback port from its reader's browser.

A page of another place names its Origin. One that had its own name point here (DNS rebinding) is taken for this place by the browser,
and gives itself away by its Host. Who may do what is the server's own question, and comes after this one.
"""

import hmac
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

from deployments.local_stack.services import LOOPBACK

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
NAMES = (LOOPBACK, "localhost")


class Guard:
    """Wraps an ASGI application that is served on `port`.

    `hidden` are paths it has and nobody here needs; whoever asks below one of `locked` must bring `secret` as a bearer's token.
    """

    def __init__(self, app: App, port: int, hidden: Collection[str] = (), locked: Collection[str] = (), secret: str = "") -> None:
        self._app, self._hidden, self._locked = app, hidden, tuple(locked)
        self._token = f"Bearer {secret}".encode() if secret else b""
        self._hosts = {f"{name}:{port}".encode() for name in NAMES}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = None if scope["type"] == "lifespan" else self._refusal(scope["path"], scope["headers"])
        if status is None:
            await self._app(scope, receive, send)
        else:
            await refuse(scope, send, status)

    def _refusal(self, path: str, headers: Collection[tuple[bytes, bytes]]) -> int | None:
        if not self._comes_from_here(headers):
            return 403
        if path in self._hidden:
            return 404
        return 401 if path.startswith(self._locked) and not self._knows_the_secret(headers) else None

    def _comes_from_here(self, headers: Collection[tuple[bytes, bytes]]) -> bool:
        hosts, origins = ([value.lower() for name, value in headers if name == wanted] for wanted in (b"host", b"origin"))
        return len(hosts) == 1 and hosts[0] in self._hosts and all(origin in self._origins for origin in origins)

    def _knows_the_secret(self, headers: Collection[tuple[bytes, bytes]]) -> bool:
        offered = dict(headers).get(b"authorization", b"")
        return bool(self._token) and hmac.compare_digest(offered, self._token)


async def refuse(scope: Scope, send: Send, status: int) -> None:
    """Nothing but the status. A websocket is refused by closing it before it was opened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
