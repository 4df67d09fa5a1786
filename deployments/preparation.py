"""What `up` does besides starting services, in the order of what it needs. Add a line to PREPARATIONS to add a step."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import data_contracts
from adapters.settings import Settings, load_settings
from deployments import first_job
from deployments.local_stack import registration, stack, worker
from deployments.local_stack.order import Step
from deployments.local_stack.prefect_server import NAME as PREFECT
from deployments.local_stack.supervisor import Say

WORKERS = (worker.worker_name(worker.WARM), worker.worker_name(worker.PROCESS))

# Steps run side by side, and both the migrations and the checks import SQLAlchemy, whose modules import each other and of which two threads
# at once got half: a first `up` on a busy machine ended so.
ONE_IMPORT_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Preparation:
    """`do` gets the settings of the user's environment alone, and may say what it did."""

    name: str
    needs: tuple[str, ...]
    do: Callable[[Settings, Say, threading.Event], None]
    before_work: bool = False  # no flow may run before it is done


def apply_migrations(given: Settings, say: Say, stopping: threading.Event) -> None:
    with ONE_IMPORT_AT_A_TIME:
        from deployments.migrate import migrate  # the drivers take a second to import, which only `up` should pay

    migrate(load_settings(), say)
    say("migrations: applied")


def put_strategies(given: Settings, say: Say, stopping: threading.Event) -> None:
    with ONE_IMPORT_AT_A_TIME:
        from tasks.operating.first_strategies import put_first_strategies

    added = put_first_strategies(load_settings(), datetime.now(UTC))
    say(f"strategies: {', '.join(added)} added, in simulation" if added else "strategies: there already")


def build_data_docs(given: Settings, say: Say, stopping: threading.Event) -> None:
    """Skipped while the contracts are those the pages were built of: health-monitoring builds them anew with each report."""
    page, contracts = data_docs_page(given.home), Path(data_contracts.__file__).parent.glob("*.py")
    if page.exists() and page.stat().st_mtime > max(path.stat().st_mtime for path in contracts):
        return
    with ONE_IMPORT_AT_A_TIME:
        from tasks.operating.data_docs import build_pages  # Great Expectations takes seconds to import

    build_pages(given.home)
    say(f"data docs: {page}")


def data_docs_page(home: Path) -> Path:
    """Where a person finds every check in words."""
    return home.absolute() / "data_docs" / "index.html"


PREPARATIONS = (
    Preparation("data docs", (), build_data_docs),
    Preparation("migrations", stack.STORES, apply_migrations, before_work=True),
    Preparation("strategies", ("migrations",), put_strategies, before_work=True),
    Preparation(stack.DEPLOYMENTS, (PREFECT, "migrations"), registration.register),
    Preparation("first job", ("deployments", "sandbox", *WORKERS), first_job.run),
)


def preparations(given: Settings, say: Say, stopping: threading.Event) -> dict[str, Step]:
    return {step.name: Step(partial(step.do, given, say, stopping), step.needs) for step in PREPARATIONS}
