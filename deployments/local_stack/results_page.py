"""The results page: the notebook, served as a web page."""

import sys
from pathlib import Path

from adapters.settings import Settings
from deployments.local_stack import home as places
from deployments.local_stack.repository import ROOT, version_of
from deployments.local_stack.services import LOOPBACK, Service, answers_http

NAME = "results"
NOTEBOOK = Path("notebooks/copy_trading.py")
CODE = ("notebooks", "tasks", "domain", "adapters", "data_contracts", "deployments")  # what its process has read, and each tab asks by


def results_page(settings: Settings, needs: tuple[str, ...]) -> Service:
    port = settings.results_port
    options = ("--port", str(port), "--secret-file", str(places.secret_file(settings.home, NAME)))
    checks = ("--checks", str(settings.home.absolute() / "data_docs"))
    return Service(
        name=NAME,
        address=url(settings),
        command=(sys.executable, "-m", "deployments.local_stack.results_app", str(NOTEBOOK), *options, *checks),
        version=version_of(*CODE),
        needs=needs,
        ports=(port,),
        environment={"WALLETFLOW_HOME": str(settings.home)},
        is_ready=answers_http(f"{url(settings)}/health"),
        directory=ROOT,
    )


def url(settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.results_port}"


def entrance(settings: Settings) -> str:
    """The address that logs a browser in."""
    return f"{url(settings)}/?access_token={places.secret(settings.home, NAME)}"


def checks_entrance(settings: Settings) -> str:
    """The address that lets a browser see every check in words."""
    return f"{url(settings)}/checks/?access_token={places.secret(settings.home, NAME)}"


def exists() -> bool:
    return (ROOT / NOTEBOOK).exists()
