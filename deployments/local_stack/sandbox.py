"""The sandbox world, which speaks the venues' wire formats, as a service."""

import sys

from adapters.settings import Settings
from deployments.local_stack.services import LOOPBACK, Service, answers_http

NAME = "sandbox"


def sandbox(settings: Settings) -> Service:
    state = settings.home / NAME / "state.json"
    port = settings.sandbox_port
    return Service(
        name=NAME,
        address=f"http://{LOOPBACK}:{port}",
        command=(sys.executable, "-m", "sandbox.server", "--port", str(port), "--state", str(state)),
        ports=(port,),
        prepare=lambda: state.parent.mkdir(parents=True, exist_ok=True),
        is_ready=answers_http(f"http://{LOOPBACK}:{port}/healthz"),
    )


def url(settings: Settings, api: str) -> str:
    return f"http://{LOOPBACK}:{settings.sandbox_port}/{api}"
