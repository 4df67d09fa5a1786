"""Take what is posted to us."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from adapters.connect import open_results
from adapters.inbox.app import make_app
from adapters.inbox.intents_file import take_lines
from adapters.inbox.senders import Secret
from adapters.secret_files import require_private
from adapters.settings import Settings, load_settings
from adapters.stores.results import Results
from data_contracts.errors import Refused, WalletflowError
from deployments.local_stack.guard import App, Guard
from deployments.local_stack.services import LOOPBACK
from deployments.processes import spare_the_collector
from deployments.terminal import say

PROTOCOL = "adapters.inbox.http_protocol:BoundedProtocol"  # by name: only who serves imports it
CONNECTIONS = 1_000
QUIET_S = 30  # then a connection is closed
LOOK_S = 0.5  # for new lines of a file
OWN_MACHINE = (LOOPBACK, "localhost", "::1")

Host = Annotated[str, typer.Option(help="The address to listen on; another machine may come only over TLS")]
Port = Annotated[int | None, typer.Option(help="By default 16 above WALLETFLOW_PORT_BASE", min=1, max=65_535)]
Certificate = Annotated[Path | None, typer.Option(help="A file: our certificate, with those above it")]
File = Annotated[Path | None, typer.Option(help="Follow this file of intents as well, a JSON object a line; WALLETFLOW_INTENTS_FILE")]
CertificateKey = Annotated[Path | None, typer.Option(help="A file: its key, that only its owner may read")]


def command(
    host: Host = LOOPBACK, port: Port = None, certificate: Certificate = None, certificate_key: CertificateKey = None, file: File = None
) -> None:
    """Take intents at POST /intents and Helius' webhooks at POST /webhooks/helius, until stopped. /openapi.json describes both."""
    settings = load_settings()
    refuse_open_door(host, certificate, certificate_key)
    served_at, followed, stopped = port or settings.inbox_port, file or settings.intents_file, threading.Event()
    tail = threading.Thread(target=follow, args=(followed, open_results(settings), stopped), daemon=True)
    if followed is not None:
        tail.start()
    spare_the_collector()
    uvicorn.Server(configuration(application(settings, host, served_at), host, served_at, certificate, certificate_key)).run()
    stopped.set()
    if tail.is_alive():
        tail.join()


def follow(path: Path, results: Results, stopped: threading.Event) -> None:
    """What is written to the file is taken as if it were posted. Neither a file nor a store that is away ends it."""
    said = ""
    while not stopped.is_set():
        try:
            taken, fault = take_lines(path.absolute(), results, datetime.now(UTC)), ""
        except WalletflowError as error:
            taken, fault = None, str(error)
        if fault and fault != said:
            say(f"{path}: {fault}; it is tried again")
        said = fault
        if not taken:
            stopped.wait(LOOK_S)


def application(settings: Settings, host: str, port: int) -> App:
    """On this machine no web page may knock either; elsewhere its name is its own affair."""
    from tasks.operating.secret_blocks import sender_secret, webhook_secret  # Prefect takes a second to import

    app: App = make_app(open_results(settings), Secret(sender_secret(settings)), Secret(webhook_secret(settings), bare=True))
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
        http=PROTOCOL,
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=QUIET_S,
    )
