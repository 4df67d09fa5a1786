"""The inbox as a service: what is posted to us. It holds no key that trades, and is the only door that others knock on."""

import sys
from pathlib import Path

from adapters.settings import SECRETS, Settings
from deployments.local_stack import home as places
from deployments.local_stack.repository import ROOT, version_of
from deployments.local_stack.services import LOOPBACK, Service, answers_http

NAME = "inbox"
WEBHOOKS = "webhooks"  # the secret that Helius sends back to us
CODE = ("adapters", "data_contracts", "domain", "tasks/operating/secret_blocks.py", "deployments")
# Others' bytes are read here, so nothing is given to it that could sign.
NEEDED = ("postgres_url", "inbox_token", "webhook_auth")
WITHHELD = dict.fromkeys((f"WALLETFLOW_{name.upper()}" for name in ("live", *SECRETS) if name not in NEEDED), "")


def inbox(settings: Settings, needs: tuple[str, ...]) -> Service:
    return Service(
        name=NAME,
        address=url(settings),
        command=(sys.executable, "-m", "deployments.command_line", NAME, "--port", str(settings.inbox_port)),
        version=version_of(*CODE),
        needs=needs,
        ports=(settings.inbox_port,),
        environment={"WALLETFLOW_HOME": str(settings.home), **WITHHELD},
        is_ready=answers_http(f"{url(settings)}/health"),
        directory=ROOT,
    )


def url(settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.inbox_port}"


def token_file(settings: Settings) -> Path:
    """The file with what senders of intents must bring."""
    return places.secret_file(settings.home, NAME)


def webhook_file(settings: Settings) -> Path:
    """The file with what Helius must send in Authorization."""
    return places.secret_file(settings.home, WEBHOOKS)
