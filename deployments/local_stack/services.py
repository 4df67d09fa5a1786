"""What a service of the local stack is: a command, how to see that it is ready, and what it waits for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGTERM
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
# For what works in threads: by default glibc gives them eight heaps for each processor, and what one of them frees no other uses again.
FEW_HEAPS = {"MALLOC_ARENA_MAX": "2"}
# For what handles large texts for months: by default glibc learns to keep what was freed of them.
# The ClickHouse door kept 24 MiB after 1,400 cycles.
LARGE_IS_GIVEN_BACK = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}  # bytes


def nothing() -> None:
    """For a service that needs no work before its start, or after."""


@dataclass(frozen=True)
class Service:
    """One process that we start. `is_ready` is asked until it says yes; `finish` then makes it usable and may run again."""

    name: str
    address: str  # where people or programs reach it; shown in the status table
    command: tuple[str, ...]  # never holds a secret: anyone on the machine can read a command line
    is_ready: Callable[[], bool]
    version: str = ""  # of the code it runs: another one means it must be started again
    needs: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = nothing
    finish: Callable[[], None] = nothing
    directory: Path | None = None
    run_as: tuple[int, int] | None = None  # user and group id, when it must not be ours
    timeout_s: float = 180  # on a machine that does much else as well; one that ends is noticed at once
    stop_signal: int = SIGTERM
    grace_s: float = 10


def answers_http(url: str, body: str | None = None) -> Callable[[], bool]:
    """Asked ten times a second while services start: http.client, as an httpx client costs 40 ms of CPU to make."""
    place = urlsplit(url)

    def ask() -> bool:
        connection = HTTPConnection(place.hostname or LOOPBACK, place.port, timeout=2)
        try:
            connection.request("GET", place.path)
            answer = connection.getresponse()
            said = answer.read().decode(errors="replace").strip()
            return answer.status < 300 and (body is None or said == body)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    return ask
