"""Whom a web server of ours answers."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from deployments.local_stack.guard import Guard, Receive, Scope, Send

HERE = (b"host", b"127.0.0.1:4200")
SECRET = (b"authorization", b"Bearer open sesame")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def answered(*headers: tuple[bytes, bytes], path: str = "/api", kind: str = "http", **options: Any) -> object:
    """The status, or how a websocket was answered."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {}

    guard = Guard(app, 4200, hidden=["/docs"], locked=["/control"], **options)
    asyncio.run(guard({"type": kind, "path": path, "headers": list(headers)}, receive, send))
    return sent[0].get("status", sent[0]["type"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([HERE], 200),
        ([(b"host", b"LocalHost:4200")], 200),
        ([(b"host", b"127.0.0.1:4201")], 403),
        ([(b"host", b"127.0.0.1")], 403),
        ([(b"host", b"walletflow.example.org:4200")], 403),  # a name that was made to point here
        ([(b"host", b"127.0.0.1:4200.example.org")], 403),
        ([HERE, (b"host", b"example.org")], 403),
        ([], 403),
        ([HERE, (b"origin", b"http://127.0.0.1:4200")], 200),
        ([HERE, (b"origin", b"http://localhost:4200")], 200),
        ([HERE, (b"origin", b"https://127.0.0.1:4200")], 403),
        ([HERE, (b"origin", b"http://127.0.0.1:8000")], 403),  # another server of this machine
        ([HERE, (b"origin", b"https://example.org")], 403),
        ([HERE, (b"origin", b"null")], 403),  # a file, a frame in a sandbox
        ([HERE, (b"origin", b"http://127.0.0.1:4200"), (b"origin", b"https://example.org")], 403),
    ],
)
def test_only_this_machine_by_this_very_address_is_answered(headers: list[tuple[bytes, bytes]], status: int) -> None:
    assert answered(*headers) == status


def test_a_websocket_of_a_foreign_page_is_closed_before_it_opens() -> None:
    assert answered(HERE, (b"origin", b"https://example.org"), kind="websocket") == "websocket.close"


def test_what_nobody_needs_is_not_there() -> None:
    assert answered(HERE, path="/docs") == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [([HERE], 401), ([HERE, SECRET], 200), ([HERE, (b"authorization", b"Bearer ")], 401), ([SECRET, (b"host", b"example.org")], 403)],
)
def test_what_is_locked_opens_with_the_secret(headers: list[tuple[bytes, bytes]], status: int) -> None:
    assert answered(*headers, path="/control/faults", secret="open sesame") == status


@pytest.mark.parametrize("header", [(b"authorization", b""), (b"authorization", b"Bearer "), (b"authorization", b"Bearer None")])
def test_without_a_secret_what_is_locked_stays_so(header: tuple[bytes, bytes]) -> None:
    assert answered(HERE, header, path="/control/faults") == 401
