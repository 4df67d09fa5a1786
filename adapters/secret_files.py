"""Secrets that stand in files: read only where nobody else may."""

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.errors import Unsafe

if TYPE_CHECKING:
    from adapters.settings import Settings


def secret_in(path: Path) -> str:
    """Its first line. Raises Unsafe with the cure for a file that is not there, is empty, or that others may read."""
    return secrets_in(path)[0]


def secrets_in(path: Path) -> list[str]:
    """Its first line, and those after it that hold something. Raises Unsafe as above."""
    first, *others = [line.strip() for line in private_text(path).split("\n")]
    if not first:
        raise Unsafe(f"{path} holds no secret in its first line")
    return [first, *filter(None, others)]


def private_text(path: Path) -> str:
    """All of it. Raises Unsafe with the cure for a file that cannot be read, or that others may read."""
    require_private(path)
    try:
        return path.read_text()
    except OSError as error:
        raise Unsafe(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unsafe(f"{path} cannot be read: it is no text") from None  # the error itself shows a byte of it


def order_keys(settings: "Settings") -> list[str]:
    """What orders are sealed with: today's key, then former ones that still count. None where no file is named."""
    return secrets_in(settings.order_key_file) if settings.order_key_file else []


def require_private(path: Path) -> None:
    """Raises Unsafe with the cure for a file that is not there, or that others may read."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise Unsafe(f"{path} cannot be read: {error.strerror}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unsafe(f"{path} may be read by others than its owner ({stat.filemode(mode)}): chmod 600 {path}")


def sender_secret(settings: "Settings") -> str:
    """What whoever posts intents must bring. Raises Unsafe with the cure where none is set."""
    return _secret(settings, "inbox_token")


def webhook_secret(settings: "Settings") -> str:
    """What Helius must send in Authorization: the authHeader of our webhooks. Raises Unsafe with the cure where none is set."""
    return _secret(settings, "webhook_auth")


def _secret(settings: "Settings", name: str) -> str:
    path: Path | None = getattr(settings, f"{name}_file")
    return settings.required(name) if getattr(settings, name) is not None or path is None else secret_in(path)
