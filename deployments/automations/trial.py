"""One notice by one channel, and what became of it."""

from datetime import UTC, datetime
from typing import Any

import httpx
from prefect.blocks.abstract import NotificationError
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client

from deployments.automations import channels

SUBJECT = "Test: Walletflow can reach you"
BODY = "Somebody asked for this with `walletflow notices test` at {at:%Y-%m-%d %H:%M:%S} UTC. Nothing is wrong."


def send_test(name: str) -> str | None:
    """What went wrong, None where it was taken. Never the address it went to: that is a secret."""
    block = _block(name)
    try:
        with block.raise_on_failure():
            block.notify(BODY.format(at=datetime.now(UTC)), subject=SUBJECT)
    except NotificationError as error:
        return _last_line(error.log) or "it was not taken"
    except httpx.HTTPStatusError as error:
        return f"it answered {error.response.status_code}"
    except httpx.HTTPError as error:
        return f"it was not reached: {type(error).__name__}"
    return None


def _block(name: str) -> Any:
    with get_client(sync_client=True) as client:
        (document,) = [one for one in client.read_block_documents() if one.name == f"{channels.PREFIX}{name}"]
    return Block._from_block_document(document)


def _last_line(log: str) -> str:
    lines = [line for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
