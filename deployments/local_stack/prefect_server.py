"""The Prefect server with its UI, on our PostgreSQL; and the settings by which everything here reaches it."""

import json
import os
import sys

from adapters.settings import Settings
from deployments.local_stack import home as places
from deployments.local_stack import postgres
from deployments.local_stack.repository import ROOT, version_of
from deployments.local_stack.services import FEW_HEAPS, LOOPBACK, Service, answers_http

NAME = "prefect"
CODE = (
    "deployments/automations",
    "data_contracts/errors.py",
    *(f"deployments/local_stack/{name}.py" for name in ("prefect_app", "prefect_server", "guard", "services")),
)
USER = "walletflow"
KEEP_RUNS_S = 90 * 24 * 3600  # the flow `retention` keeps them shorter: this is for a house in which it does not run
KEEP_EVENTS = "P2D"  # ISO 8601
# Of all events 94 % only lead up to the end of a run, or say what stands elsewhere: under the run, in its artifacts.
# No automation of ours waits for them, and a person has an hour to look. How runs end, and all that is rare, stays as long as KEEP_EVENTS.
KEEP_PASSING_S = 3600
PASSING = (
    *(f"prefect.task-run.{state}" for state in ("Pending", "Running", "Completed")),
    *(f"prefect.flow-run.{state}" for state in ("Scheduled", "Pending", "Submitting", "Running", "heartbeat")),
    *(f"prefect.worker.{done}-flow-run" for done in ("submitted", "executed")),
    *("prefect.artifact.created", "prefect.artifact-collection.updated"),
)
# A cycle tells of some fifty states of its steps within a second. By default each is a transaction of its own.
AT_ONCE = {
    "TASK_RUN_RECORDER_READ_BATCH_SIZE": 100,
    "TASK_RUN_RECORDER_BATCH_SIZE": 100,
    "TASK_RUN_RECORDER_FLUSH_INTERVAL": 2,  # seconds until a person sees them
    "EVENT_PERSISTER_READ_BATCH_SIZE": 100,
    "EVENT_PERSISTER_BATCH_SIZE": 200,
    "TRIGGERS_READ_BATCH_SIZE": 100,
}


def prefect_server(settings: Settings) -> Service:
    port = settings.prefect_port
    return Service(
        name=NAME,
        address=url(settings),
        command=(sys.executable, "-m", "deployments.local_stack.prefect_app", "--port", str(port)),
        version=version_of(*CODE),
        needs=(postgres.NAME,),
        ports=(port,),
        environment={**client_environment(settings), **server_environment(settings)},
        is_ready=answers_http(f"{settings.prefect_api_url}/health"),
        directory=ROOT,
        timeout_s=180,
        grace_s=15,
    )


def url(settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.prefect_port}"


def entrance(settings: Settings) -> str:
    """The address that logs a browser in. The secret stands behind its #: a browser sends that to no server, and no log has it."""
    return f"{url(settings)}/enter#{auth_string(settings)}"


def auth_string(settings: Settings) -> str:
    """user:password, made up at first need."""
    given = settings.prefect_auth_string
    return given.get_secret_value() if given is not None else f"{USER}:{places.secret(settings.home, NAME)}"


def point_prefect_here(settings: Settings) -> None:
    """For a command of ours that is about to import Prefect, which reads once where its server is. Another server that is set stays."""
    if "PREFECT_API_URL" not in os.environ:
        os.environ.update(PREFECT_API_URL=settings.prefect_api_url, PREFECT_API_AUTH_STRING=auth_string(settings))


def client_environment(settings: Settings) -> dict[str, str]:
    """For every process that talks to the server. Nothing is sent to anyone else."""
    return {
        "PREFECT_API_URL": settings.prefect_api_url,
        "PREFECT_API_AUTH_STRING": auth_string(settings),
        "PREFECT_HOME": str(settings.home / NAME),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def server_environment(settings: Settings) -> dict[str, str]:
    return {
        **FEW_HEAPS,
        "PREFECT_SERVER_API_AUTH_STRING": auth_string(settings),
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": url(settings),
        "PREFECT_API_DATABASE_CONNECTION_URL": postgres.url(settings, "prefect", "postgresql+asyncpg"),
        # Postgres keeps each with its plan, in every one of the server's connections: with twice as many they took 30 MiB in each.
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE": "50",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # In memory, every concurrency slot would be lost to a run that outlives a restart of the server.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEEP_RUNS_S),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": KEEP_EVENTS,
        "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES": json.dumps(dict.fromkeys(PASSING, KEEP_PASSING_S)),
        # Nobody waits for these, and each look is work: no flow of ours pauses, and a late run is known to its worker.
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
        "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "120",  # it asks after each run cancelled of late
        "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "30",
        "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "30",
        "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "10",
        "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT30S",  # for automations that wait for what does not happen
        **{f"PREFECT_SERVER_SERVICES_{name}": str(size) for name, size in AT_ONCE.items()},
    }
