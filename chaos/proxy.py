"""A loopback proxy that spoils calls: it stands between the house and one of the servers it asks, and does what a network would.

It reads HTTP/1.1 as httpx and urllib3 write it, a connection a call. Faults are drawn by a seed and counted by what they were.
"""

import asyncio
import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from chaos.faults import HAPPENS, Fault, Whole, refusal, spoiled
from deployments.local_stack.services import LOOPBACK

SILENCE_S, LONG_SILENCE_S = 1.5, 12.0  # the longer one outlasts a client's patience of ten seconds
LONG_SILENCES = 0.1  # of all
STORMY, STORM_S = 0.7, 15.0  # each window of so many seconds is stormy or quiet
DRIPS, DRIP_S = 12, 0.25
UPSTREAM_S = 60.0
GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


@dataclass
class Draw:
    """Which call is spoiled, and how. Faults come in storms, as they do: most of the time each call is spoiled with `in_storms`, else none.

    `is_on` may be changed while calls go on.
    """

    seed: int
    kinds: tuple[Fault, ...]
    in_storms: float
    is_on: bool = False
    done: Counter[Fault] = field(default_factory=Counter)
    calls: int = 0
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311, of a test

    def next(self) -> Fault | None:
        self.calls += 1
        if not self.is_on or not self._is_stormy() or self._random.random() >= self.in_storms:
            return None
        fault = self._random.choice(self.kinds)
        self.done[fault] += 1
        return fault

    def _is_stormy(self) -> bool:
        return random.Random(f"{self.seed} {time.monotonic() // STORM_S}").random() < STORMY  # noqa: S311, of a test

    def silence_s(self) -> float:
        return LONG_SILENCE_S if self._random.random() < LONG_SILENCES else SILENCE_S


@dataclass
class Proxy:
    """`port` is ours, `upstream` the server's that is meant."""

    port: int
    upstream: int
    draw: Draw

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, LOOPBACK, self.port, limit=1 << 20)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            request = Whole(_closing(head, self.upstream), await _body(reader, head))
            await self._answer(request, self.draw.next(), writer)
        except GONE:
            _reset(writer)
        finally:
            writer.close()
            with suppress(*GONE):
                await writer.wait_closed()

    async def _answer(self, request: Whole, fault: Fault | None, writer: asyncio.StreamWriter) -> None:
        whole = await self._asked(request) if fault is None or fault in HAPPENS else None
        if fault in (Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER):
            await asyncio.sleep(self.draw.silence_s())
        elif fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER):
            _reset(writer)
        elif fault is not None and (instead := refusal(fault)) is not None:
            writer.write(instead)
        elif whole is not None and fault is Fault.SLOW_DRIP:
            await _drip(whole.text, writer)
        elif whole is not None:
            writer.write(whole.text if fault is None else spoiled(fault, whole))
        with suppress(*GONE):
            await writer.drain()

    async def _asked(self, request: Whole) -> Whole:
        """The true answer, to its end: the server is asked to close behind it."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.upstream, limit=1 << 20)
        try:
            writer.write(request.text)
            await writer.drain()
            async with asyncio.timeout(UPSTREAM_S):
                head = await reader.readuntil(b"\r\n\r\n")
                return Whole(_closing(head), await _body(reader, head, to_the_end=True))
        finally:
            writer.close()


def _closing(head: bytes, port: int | None = None) -> bytes:
    """The same request or answer, on a connection of its own; a request names the port that it is for: servers of ours ask no less."""
    lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    if port is not None:
        lines = [f"Host: {LOOPBACK}:{port}".encode() if line.lower().startswith(b"host:") else line for line in lines]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


async def _body(reader: asyncio.StreamReader, head: bytes, to_the_end: bool = False) -> bytes:
    """`to_the_end`: of an answer that states no length."""
    headers = dict(line.lower().split(b":", 1) for line in head[:-4].split(b"\r\n")[1:])
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        return await _chunks(reader)
    if to_the_end and b"content-length" not in headers:
        return await reader.read()
    return await reader.readexactly(int(headers.get(b"content-length", b"0")))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """As they came: they are sent on so."""
    text = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        text += line + await reader.readexactly(size + 2)
        if size == 0:
            return text


async def _drip(text: bytes, writer: asyncio.StreamWriter) -> None:
    piece = max(1, len(text) // DRIPS)
    for start in range(0, len(text), piece):
        writer.write(text[start : start + piece])
        await writer.drain()
        await asyncio.sleep(DRIP_S)


def _reset(writer: asyncio.StreamWriter) -> None:
    """The other side is told by RST, not by an orderly end."""
    line = writer.get_extra_info("socket")
    if line is not None:
        with suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Proxies:
    """Several of them in a thread of their own, until the block is left."""

    def __init__(self, proxies: list[Proxy]) -> None:
        self.proxies = proxies
        self._listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True, name="proxies")

    def __enter__(self) -> "Proxies":
        self._thread.start()
        self._listening.wait(30)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    def faults(self) -> int:
        return sum(proxy.draw.done.total() for proxy in self.proxies)

    def spoil(self, is_on: bool) -> None:
        for proxy in self.proxies:
            proxy.draw.is_on = is_on

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        servers = [await proxy.listen() for proxy in self.proxies]
        self._listening.set()
        await self._stopped.wait()
        for server in servers:
            server.close()
