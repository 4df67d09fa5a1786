"""Which process is which: a pid alone is reused, a pid with its start time is not. Linux (/proc) only."""

import ctypes
import gc
import os
import resource
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process of one boot: `started` are the clock ticks since boot when it began."""

    pid: int
    started: int

    def is_alive(self) -> bool:
        return started_ticks(self.pid) == self.started

    def send(self, signal_number: int) -> None:
        """Signal it, and only it: nothing happens when it is gone and its pid belongs to another."""
        if self.is_alive():
            os.kill(self.pid, signal_number)

    def wait_gone(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def stop(self, grace_s: float, first: int = signal.SIGTERM) -> bool:
        """Ask, then insist. True when asking was enough."""
        self.send(first)
        if self.wait_gone(grace_s):
            return True
        self.send(signal.SIGKILL)
        self.wait_gone(5)
        return False


def process_of(pid: int) -> Process | None:
    started = started_ticks(pid)
    return None if started is None else Process(pid, started)


def started_ticks(pid: int) -> int | None:
    """When `pid` began, in ticks since boot. None when there is no such process, or only its unreaped remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the name in brackets and may hold spaces and brackets itself.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""


def identity() -> str:
    """This process in one word, unlike any other of any machine or boot: host:pid:started."""
    return f"{socket.gethostname()}:{os.getpid()}:{started_ticks(os.getpid())}"


def is_running(who: str) -> bool | None:
    """Whether the process that called itself `who` still runs. None when it lived on another host, which we cannot see."""
    host, pid, started = who.rsplit(":", 2)
    if host != socket.gethostname():
        return None
    return Process(int(pid), int(started)).is_alive()


PR_SET_DUMPABLE = 4  # Source: prctl(2)


def keep_memory_private() -> None:
    """No core is dumped, and no process of the same user may read its memory or environment: it holds a key. Linux only."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


NEW_OBJECTS = 50_000  # before the collector looks at them: by Python's 700 it did so fifty times a cycle, for 20 ms; rows have no cycles


def spare_the_collector() -> None:
    """What is imported by now stays, and is not looked through again and again: each look stopped the process for some 20 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
