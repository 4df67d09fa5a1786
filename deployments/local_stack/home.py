"""The directory that holds all local data: its parts, its secrets and its permissions."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_contracts.errors import Unavailable


def make(home: Path) -> None:
    """Raises Unavailable with the cure when nothing can be written there."""
    try:
        for part in ("run", "logs", "secrets"):
            (home / part).mkdir(parents=True, exist_ok=True)
        (home / "secrets").chmod(0o700)
        probe = home / "run" / ".writable"
        probe.write_text("yes")
        probe.unlink()
    except OSError as error:
        raise Unavailable(
            f"cannot write to {home}: {error.strerror}. Free some space or choose a place: WALLETFLOW_HOME=DIR make up"
        ) from error


def started(home: Path) -> Path:
    """The home, if anything was ever started in it: a command that only looks must not make one. Raises Unavailable with the cure."""
    if not (home / "secrets").exists():
        raise Unavailable(f"nothing was started in {home} yet: make up; or name another place: WALLETFLOW_HOME=DIR")
    return home


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """One `up` or `down` at a time: two would start everything twice. Raises Unavailable when another is at work."""
    make(home)
    with (home / "run" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(f"another `walletflow up` or `down` is at work in {home}: wait for its end") from error
        yield


def log_of(home: Path, name: str) -> Path:
    return home / "logs" / f"{name}.log"


def secret_file(home: Path, name: str) -> Path:
    """The file with the password of `name`, made up at first need."""
    path = home / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_urlsafe(24))
    return path


def secret(home: Path, name: str) -> str:
    return secret_file(home, name).read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Written for this user's eyes only, and whole: a reader sees the old text or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.rename(path)
