"""Who holds a port of this machine. Linux (/proc) only; a process of another user is seen by root alone."""

import secrets
import socket
import time
from pathlib import Path

from deployments.local_stack.services import LOOPBACK
from deployments.processes import command_of

LISTENING = "0A"
RANGE = 20  # a stack's ports lie this far above its base at most
BASES = range(10_000, 32_000, RANGE)  # below the ports that Linux gives to outgoing connections


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """`pid 123 (command)` of whoever listens on `port`, as far as we may see."""
    inodes = {f"socket:[{inode}]" for inode in listening_inodes(port)}
    for pid in processes_with(inodes):
        return f"pid {pid} ({command_of(pid)[:100] or 'unknown command'})"
    return "a process we may not see"


def listening_inodes(port: int) -> set[str]:
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            columns = line.split()
            if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                found.add(columns[9])
    return found


def processes_with(links: set[str]) -> list[int]:
    """Processes that hold one of these open files."""
    return [int(directory.name) for directory in Path("/proc").glob("[0-9]*") if links and links & open_files(directory)]


def open_files(process: Path) -> set[str]:
    found = set()
    try:
        for descriptor in (process / "fd").iterdir():
            found.add(str(descriptor.readlink()))
    except (PermissionError, FileNotFoundError, ProcessLookupError):
        pass  # not ours to see, or gone meanwhile
    return found


def becomes_free(port: int, within_s: float = 2) -> bool:
    """A port is not free at once when its server has ended: its last connections linger."""
    deadline = time.monotonic() + within_s
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def free_base() -> int:
    """A port base whose whole range is free now: for a second stack beside the first, as tests start one."""
    while True:
        base = secrets.choice(BASES)
        if all(is_free(base + offset) for offset in range(RANGE)):
            return base
