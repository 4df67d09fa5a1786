"""Take what is posted to us."""

import threading
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from adapters.connect import open_results
from adapters.inbox.app import make_app
from adapters.inbox.senders import Secret
from adapters.secret_files import require_private, sender_secret, webhook_secret
from adapters.settings import Settings, load_settings
from data_contracts.errors import Refused
from deployments.local_stack.guard import App, Guard
from deployments.local_stack.services import LOOPBACK
from deployments.waking import Bell, wake_for_posted

APART_S = 1.0  # posted at once, or within this second, is one cycle's work
HEADERS = 16_384  # bytes
CONNECTIONS = 1_000
QUIET_S = 30  # then a connection is closed
OWN_MACHINE = (LOOPBACK, "localhost", "::1")

Host = Annotated[str, typer.Option(help="The address to listen on; another machine may come only over TLS")]
Port = Annotated[int | None, typer.Option(help="By default 16 above WALLETFLOW_PORT_BASE")]
Certificate = Annotated[Path | None, typer.Option(help="A file: our certificate, with those above it")]
CertificateKey = Annotated[Path | None, typer.Option(help="A file: its key, that only its owner may read")]


def command(host: Host = LOOPBACK, port: Port = None, certificate: Certificate = None, certificate_key: CertificateKey = None) -> None:
    """Take intents at POST /intents and Helius' webhooks at POST /webhooks/helius, until stopped. /openapi.json describes both."""
    settings = load_settings()
    refuse_open_door(host, certificate, certificate_key)
    served_at = port or settings.inbox_port
    stopped = threading.Event()
    with Bell(lambda: wake_for_posted(settings, open_results(settings), stopped), APART_S) as bell:
        server = uvicorn.Server(configuration(application(settings, bell, host, served_at), host, served_at, certificate, certificate_key))
        server.run()
        stopped.set()


def application(settings: Settings, bell: Bell, host: str, port: int) -> App:
    """On this machine no web page may knock either; elsewhere its name is its own affair."""
    app: App = make_app(open_results(settings), Secret(sender_secret(settings)), Secret(webhook_secret(settings), bare=True), bell.ring)
    return Guard(app, port) if host in OWN_MACHINE else app


def refuse_open_door(host: str, certificate: Path | None, key: Path | None) -> None:
    """Raises Refused where secrets would go over a network as they are, and Unsafe for a key that others may read."""
    if (certificate is None) is not (key is None):
        raise Refused("TLS needs both: --certificate FILE --certificate-key FILE")
    if certificate is None and host not in OWN_MACHINE:
        raise Refused(f"{host} is not this machine alone: name --certificate and --certificate-key, or stay at {LOOPBACK}")
    if key is not None:
        require_private(key)


def configuration(app: App, host: str, port: int, certificate: Path | None = None, key: Path | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        http="h11",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=QUIET_S,
        h11_max_incomplete_event_size=HEADERS,
    )
