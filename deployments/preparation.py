"""What `up` does besides starting services, in the order of what it needs. Add a line to PREPARATIONS to add a step."""

import importlib.util
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from adapters.settings import Settings, load_settings
from deployments import first_job
from deployments.local_stack import registration, stack, worker
from deployments.local_stack.order import Step
from deployments.local_stack.prefect_server import NAME as PREFECT
from deployments.local_stack.supervisor import Say

WORKERS = (worker.worker_name(worker.WARM), worker.worker_name(worker.PROCESS))


@dataclass(frozen=True)
class Preparation:
    """`do` gets the settings of the user's environment alone, and may say what it did."""

    name: str
    needs: tuple[str, ...]
    do: Callable[[Settings, Say, threading.Event], None]
    before_work: bool = False  # no flow may run before it is done


def apply_migrations(given: Settings, say: Say, stopping: threading.Event) -> None:
    if importlib.util.find_spec("deployments.migrate") is not None:
        from deployments.migrate import migrate

        migrate(load_settings())
        say("migrations: applied")


PREPARATIONS = (
    Preparation("migrations", stack.STORES, apply_migrations, before_work=True),
    Preparation("deployments", (PREFECT, "migrations", *WORKERS), registration.register),
    Preparation("first job", ("deployments", "sandbox", *WORKERS), first_job.run),
)


def preparations(given: Settings, say: Say, stopping: threading.Event) -> dict[str, Step]:
    return {step.name: Step(partial(step.do, given, say, stopping), step.needs) for step in PREPARATIONS}
