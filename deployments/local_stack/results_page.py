"""The results page: the notebook, served as a web page."""

import sys
from pathlib import Path

from adapters.settings import Settings
from deployments.local_stack.repository import ROOT
from deployments.local_stack.services import LOOPBACK, Service, answers_http

NAME = "results"
NOTEBOOK = Path("notebooks/copy_trading.py")


def results_page(settings: Settings, needs: tuple[str, ...]) -> Service:
    port = settings.results_port
    options = ("--headless", "--no-token", "--host", LOOPBACK, "--port", str(port))
    return Service(
        name=NAME,
        address=url(settings),
        command=(sys.executable, "-m", "marimo", "run", str(NOTEBOOK), *options),
        needs=needs,
        ports=(port,),
        environment={"WALLETFLOW_HOME": str(settings.home)},
        is_ready=answers_http(f"{url(settings)}/health"),
        directory=ROOT,
    )


def url(settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.results_port}"


def exists() -> bool:
    return (ROOT / NOTEBOOK).exists()
