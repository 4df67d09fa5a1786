"""One way to listen to a venue's websocket: ask, hear frames, ping, and notice that the other side is gone. It parses nothing."""

import json
import logging
import time
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from data_contracts.errors import Unavailable

PING_S = 10.0  # the venue closes what has not pinged for longer
SILENT_PINGS = 3  # this many pings without a word, and nobody is there
# websockets writes every frame to its log at DEBUG: what is said may hold the key.
QUIET = logging.getLogger("walletflow.sockets")
QUIET.setLevel(logging.INFO)


class Ended(Unavailable):
    """The connection stood; then the other side closed it or fell silent."""


def frames(url: str, questions: Iterable[dict[str, Any]], ping_s: float = PING_S) -> Generator[str | None, None, None]:
    """What is heard, frame by frame; None each time a ping was due. Raises Unavailable, or Ended once it stood."""
    try:
        with connect(url, open_timeout=ping_s, close_timeout=1, logger=QUIET) as socket:
            try:
                yield from _listen(socket, questions, ping_s)
            except ConnectionClosed as error:
                raise Ended(f"{url}: {error}") from None
    except (OSError, WebSocketException) as error:
        raise Unavailable(f"{url}: {str(error) or type(error).__name__}") from error


def _listen(socket: Connection, questions: Iterable[dict[str, Any]], ping_s: float) -> Iterator[str | None]:
    """Pings at once, so that a log-in is answered, and then by the clock: also a busy channel wants its pings."""
    for question in questions:
        socket.send(json.dumps(question))
    socket.send("PING")
    due_s, unanswered = time.monotonic() + ping_s, 1
    while True:
        try:
            yield str(socket.recv(timeout=max(due_s - time.monotonic(), 0.001), decode=True))
            unanswered = 0
        except TimeoutError:
            """Nothing was said until the next ping."""
        if time.monotonic() >= due_s:
            if unanswered >= SILENT_PINGS:
                raise ConnectionClosed(None, None)
            socket.send("PING")
            due_s, unanswered = time.monotonic() + ping_s, unanswered + 1
            yield None
