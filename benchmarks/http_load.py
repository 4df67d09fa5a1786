"""So many requests a second over connections that stay open, as cheaply as this process can: the server is to be measured, not the client.

Requests are made beforehand, byte by byte; an answer is read as far as its status. Each is timed from the instant it was due, so that a
server that stands still is not excused by a client that waits for it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

LINES = 64  # connections that stay open
LOOK_S = 0.001  # what is due within it is sent together
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass
class Answers:
    """Statuses, and how long each took in milliseconds; `seconds` from the first request until the last answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def quantile(self, part: float) -> float:
        return sorted(self.took_ms)[min(len(self.took_ms) - 1, int(part * len(self.took_ms)))]


def run(port: int, requests: Sequence[bytes], per_s: float) -> Answers:
    """Whatever becomes of those before, each is sent when it is due, or when a line is free."""
    return uvloop.run(_run(port, requests, per_s))


async def _run(port: int, requests: Sequence[bytes], per_s: float) -> Answers:
    loop = asyncio.get_running_loop()
    senders = _Senders(len(requests))
    for _ in range(min(LINES, len(requests))):
        await loop.create_connection(lambda: _Line(senders), "127.0.0.1", port)
    began = loop.time()
    for number, request in enumerate(requests):
        due = began + number / per_s
        if (wait := due - loop.time()) > LOOK_S:
            await asyncio.sleep(wait)
        senders.send(due, request)
    await senders.is_done.wait()
    senders.answers.seconds = loop.time() - began
    senders.close()
    return senders.answers


class _Senders:
    """The lines, who of them is free, and what waits for one."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._lines, self._free = list[_Line](), deque[_Line]()
        self._waiting = deque[tuple[float, bytes]]()
        self.answers, self.is_done = Answers(), asyncio.Event()

    def join(self, line: "_Line") -> None:
        self._lines.append(line)
        self._free.append(line)

    def send(self, due: float, request: bytes) -> None:
        if self._free:
            self._free.popleft().send(due, request)
        else:
            self._waiting.append((due, request))

    def note(self, line: "_Line", status: int, took_s: float) -> None:
        self.answers.statuses[status] += 1
        self.answers.took_ms.append(1_000 * took_s)
        if len(self.answers.took_ms) == self._expected:
            self.is_done.set()
        if self._waiting:
            line.send(*self._waiting.popleft())
        else:
            self._free.append(line)

    def close(self) -> None:
        for line in self._lines:
            line.close()


class _Line(asyncio.Protocol):
    """One connection, with one request under way at most."""

    def __init__(self, senders: _Senders) -> None:
        self._senders, self._loop = senders, asyncio.get_running_loop()
        self._due, self._answer = 0.0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._senders.join(self)

    def send(self, due: float, request: bytes) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(HEAD_END)
        if end and len(body) >= int(head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]):
            self._answer = b""
            self._senders.note(self, int(head[9:12]), self._loop.time() - self._due)

    def connection_lost(self, exc: Exception | None) -> None:
        """A line that the server closes is an answer that is not there."""
        if not self._senders.is_done.is_set():
            self._senders.is_done.set()

    def close(self) -> None:
        self._transport.close()
