"""The ClickHouse engine behind its door, as a service."""

import sys
from functools import partial
from pathlib import Path

import httpx

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.local_stack import home as places
from deployments.local_stack.repository import version_here
from deployments.local_stack.services import LARGE_IS_GIVEN_BACK, LOOPBACK, Service, answers_http

NAME = "clickhouse"
USER = "walletflow"
DATABASE = "walletflow"
DOOR = (
    "clickhouse_door",
    "clickhouse_http",
    "clickhouse_request",
    "http_body",
    "content_encoding",
    "chdb_engine",
    "chdb_connection",
    "clickhouse_error",
)
BOUNDS = "clickhouse.xml"
# By default the engine keeps 60 MiB of what it freed for five seconds, and a cycle that follows rests no longer. Each of its threads keeps
# blocks up to 32 KiB for itself, more of them the longer it runs: 8 MiB in 600 cycles.
ENGINE_MEMORY = "dirty_decay_ms:500,tcache_max:1024"


def clickhouse(settings: Settings) -> Service:
    port = settings.clickhouse_port
    data = settings.home / NAME
    password = places.secret_file(settings.home, NAME)
    return Service(
        name=NAME,
        address=f"http://{LOOPBACK}:{port}",
        command=(sys.executable, "-m", "deployments.local_stack.clickhouse_door", *options(data, port, password)),
        environment={**LARGE_IS_GIVEN_BACK, "JE_MALLOC_CONF": ENGINE_MEMORY},
        version=version_here(*DOOR, BOUNDS),
        ports=(port,),
        prepare=partial(data.mkdir, mode=0o700, parents=True, exist_ok=True),
        is_ready=answers_http(f"http://{LOOPBACK}:{port}/ping", "Ok."),
        finish=partial(create_database, settings),
        grace_s=20,
    )


def options(data: Path, port: int, password: Path) -> tuple[str, ...]:
    return ("--data", str(data), "--port", str(port), "--password-file", str(password))


def url(settings: Settings) -> str:
    return f"http://{USER}:{places.secret(settings.home, NAME)}@{LOOPBACK}:{settings.clickhouse_port}/{DATABASE}"


def create_database(settings: Settings) -> None:
    server = f"http://{LOOPBACK}:{settings.clickhouse_port}/"
    statement = f"CREATE DATABASE IF NOT EXISTS {DATABASE}"
    answer = httpx.post(server, content=statement, auth=(USER, places.secret(settings.home, NAME)), timeout=30, trust_env=False)
    if not answer.is_success:
        raise Unavailable(f"clickhouse: database {DATABASE} cannot be made: {answer.text.strip()}")
