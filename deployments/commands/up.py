"""Start everything and run the main job."""

from data_contracts.errors import Unavailable
from deployments.local_stack import home
from deployments.local_stack.order import do_all
from deployments.local_stack.prefect_server import ui_url
from deployments.local_stack.results_page import exists, url
from deployments.local_stack.stack import given_settings, services, write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.preparation import PREPARATIONS, preparations
from deployments.terminal import out, say, stopping_on_signals


def command() -> None:
    """Start what does not run yet, prepare it, run the main job, and print where to look."""
    given = given_settings()
    with home.alone(given.home), stopping_on_signals() as stopping:
        write_addresses(given)
        supervisor = Supervisor(given.home, say, stopping)
        before_work = tuple(step.name for step in PREPARATIONS if step.before_work)
        try:
            do_all({**supervisor.steps(services(given, before_work)), **preparations(given, say, stopping)})
        except Unavailable:
            if not stopping.is_set():
                raise
            supervisor.undo()
            raise Unavailable("Interrupted. What this start began is stopped again; what ran before still runs.") from None
    out.print(f"\nPrefect UI     {ui_url(given)}")
    if exists():
        out.print(f"Results page   {url(given)}")
