"""Prefect's own command line, on the server of this home."""

import os
import sys

import typer

from deployments.local_stack import home
from deployments.local_stack.prefect_server import client_environment
from deployments.local_stack.stack import given_settings

CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def command(context: typer.Context) -> None:
    """Prefect's command line, pointed at this home's server with its secret: walletflow prefect deployment ls."""
    given = given_settings()
    home.started(given.home)
    os.environ.update(client_environment(given))
    os.execv(sys.executable, [sys.executable, "-m", "prefect", *context.args])  # noqa: S606 (what the operator typed)
