"""The sandbox world, which speaks the venues' wire formats, as a service."""

import sys

from adapters.settings import Settings
from deployments.local_stack import home as places
from deployments.local_stack.repository import version_of
from deployments.local_stack.services import LARGE_IS_GIVEN_BACK, LOOPBACK, Service, answers_http

NAME = "sandbox"
CODE = ("sandbox", *(f"deployments/local_stack/{name}.py" for name in ("sandbox_app", "guard", "services")))


def sandbox(settings: Settings) -> Service:
    state = settings.home / NAME / "state.json"
    port = settings.sandbox_port
    options = ("--port", str(port), "--state", str(state), "--secret-file", str(places.secret_file(settings.home, NAME)))
    return Service(
        name=NAME,
        address=f"http://{LOOPBACK}:{port}",
        command=(sys.executable, "-m", "deployments.local_stack.sandbox_app", *options),
        environment=LARGE_IS_GIVEN_BACK,
        version=version_of(*CODE),
        ports=(port,),
        prepare=lambda: state.parent.mkdir(parents=True, exist_ok=True),
        is_ready=answers_http(f"http://{LOOPBACK}:{port}/healthz"),
    )


def url(settings: Settings, api: str) -> str:
    return f"http://{LOOPBACK}:{settings.sandbox_port}/{api}"


def operator(settings: Settings) -> dict[str, str]:
    """The header by which the sandbox knows who may tell its truth and move its world."""
    return {"Authorization": f"Bearer {places.secret(settings.home, NAME)}"}
