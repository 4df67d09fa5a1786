"""Secrets of the inbox that may stand in a Prefect Secret block. Keys that sign never do: every worker may read every block.

A value is loaded in the process that needs it, when it needs it: it is no parameter, no result and in no log.
"""

from typing import Any

from prefect.blocks.system import Secret

from adapters import secret_files
from adapters.settings import Settings
from data_contracts.errors import Unavailable, Unsafe


def sender_secret(settings: Settings) -> str:
    """What whoever posts intents must bring: of its setting, else of its file, else of its block. Raises Unsafe with the cure."""
    block = _block_of(settings, "inbox_token")
    return secret_in_block(block) if block else secret_files.sender_secret(settings)


def webhook_secret(settings: Settings) -> str:
    """What Helius must send in Authorization. Raises Unsafe with the cure."""
    block = _block_of(settings, "webhook_auth")
    return secret_in_block(block) if block else secret_files.webhook_secret(settings)


def secret_in_block(name: str) -> str:
    """Its text. Raises Unsafe with the cure for a block that is not there or holds no text, Unavailable while Prefect's server is away."""
    block: Any = Secret
    try:
        value = block.load(name, _sync=True).value.get_secret_value()  # its own get() makes a number of a token of digits
    except ValueError:
        raise Unsafe(f"there is no Secret block {name!r}: make it in the Prefect UI (Blocks, Secret), or name a file") from None
    except Exception as error:  # noqa: BLE001 (whatever its client makes of a server that is away)
        raise Unavailable(f"the Secret block {name!r} cannot be read: {type(error).__name__}") from None
    if not isinstance(value, str) or not value.strip():
        raise Unsafe(f"the Secret block {name!r} holds no text")
    return value.strip()


def _block_of(settings: Settings, name: str) -> str | None:
    """Where neither the setting nor its file says it."""
    said = getattr(settings, name) is not None or getattr(settings, f"{name}_file") is not None
    return None if said else getattr(settings, f"{name}_block")
