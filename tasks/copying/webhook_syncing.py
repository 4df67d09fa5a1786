"""Brings Helius to watch whom we watch. First it is only shown; whoever else has webhooks in the account keeps them as they are."""

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from adapters.connect import on_record, open_webhooks
from adapters.settings import Settings
from data_contracts.errors import Unsafe
from domain.solana.webhook_plan import CREDITS_A_CALL, Change, Webhook, plan
from tasks.operating.secret_blocks import webhook_secret
from tasks.steps import step

DOOR = "/webhooks/helius"
HERE = ("127.0.0.1", "localhost", "::1")
log = logging.getLogger("walletflow.webhooks")


@step
def plan_webhooks(settings: Settings) -> list[Change]:
    """What would have to change. Raises Unsafe with the cure where Helius could not reach our inbox."""
    inbox, helius = settings.required("inbox_url"), settings.required("helius_url")
    if urlsplit(inbox).hostname in HERE and urlsplit(helius).hostname not in HERE:
        raise Unsafe(f"Helius cannot reach {inbox}: set WALLETFLOW_INBOX_URL to an address of your inbox that others reach (docs/inbox.md)")
    wanted = on_record(settings).wallets()
    changes, others = plan(wanted, open_webhooks(settings).listed(), inbox.rstrip("/") + DOOR, webhook_secret(settings))
    log.info("%d wallets to watch, %d calls to make, %d webhooks of others", len(wanted), len(changes), len(others))
    return changes


@step
def carry_out(changes: Sequence[Change], settings: Settings) -> None:
    """Each by a call of its own; the first that fails leaves the rest for the next time."""
    webhooks = open_webhooks(settings)
    for change in changes:
        webhooks.carry_out(change)
        log.info("%s: %s", change.call, change.why)


def in_lines(changes: Sequence[Change]) -> list[dict[str, str]]:
    """For a person; without a secret."""
    return [_line(change.webhook, change) for change in changes]


def _line(webhook: Webhook, change: Change) -> dict[str, str]:
    told = {"call": change.call, "webhook": webhook.id, "wallets": str(len(webhook.addresses)), "why": change.why}
    return told | {"credits": str(CREDITS_A_CALL)}
