"""The events that programs wrote in a transaction: as calls to themselves, or in the log. In the order in which they happened."""

from base64 import b64decode
from binascii import Error
from collections import Counter
from collections.abc import Iterator

from domain.solana.events import SELF_CALL, Event, UnreadableEvent
from domain.solana.launchpads.launchpads import read_event
from domain.solana.transactions import ChainTransaction

DATA = "Program data: "


def events_in(transaction: ChainTransaction) -> tuple[Event | UnreadableEvent, ...]:
    """Of the launchpads we read. A failed transaction happened to nobody."""
    if transaction.error is not None:
        return ()
    sent = [one for one in transaction.instructions if one.data is not None and one.data.startswith(SELF_CALL)]
    calls = [(one.program, (one.data or b"").removeprefix(SELF_CALL)) for one in sent]
    logged = Counter(_logged(transaction.logs)) - Counter(calls)  # pump writes the same event both ways
    read = (read_event(program, data) for program, data in [*calls, *logged.elements()])
    return tuple(event for event in read if event is not None)


def _logged(logs: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """What `emit!` writes, with the program that was running. A log that was cut ends there."""
    running: list[str] = []
    for line in logs:
        words = line.split()
        if line.startswith(DATA) and running:
            yield from ((running[-1], data) for data in map(_bytes, words[2:]) if data)
        elif len(words) > 2 and words[0] == "Program" and words[2] == "invoke":
            running.append(words[1])
        elif len(words) > 2 and words[0] == "Program" and words[2].rstrip(":") in ("success", "failed") and running:
            running.pop()


def _bytes(word: str) -> bytes:
    try:
        return b64decode(word, validate=True)
    except (Error, ValueError):
        return b""
