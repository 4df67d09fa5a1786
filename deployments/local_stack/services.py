"""What a service of the local stack is: a command, how to see that it is ready, and what it waits for."""

import contextlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM

import httpx

LOOPBACK = "127.0.0.1"


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
    timeout_s: float = 60
    stop_signal: int = SIGTERM
    grace_s: float = 10


def answers_http(url: str, body: str | None = None) -> Callable[[], bool]:
    def ask() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(url, timeout=2, trust_env=False)
            return answer.is_success and (body is None or answer.text.strip() == body)
        return False

    return ask


def accepts_connections(port: int) -> Callable[[], bool]:
    def ask() -> bool:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return True
        return False

    return ask
