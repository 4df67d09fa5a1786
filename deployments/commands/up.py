"""Start everything and run the main job."""

from functools import partial
from typing import Annotated

import typer

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.commands.addresses import add_addresses
from deployments.local_stack import home
from deployments.local_stack.keeper import stop_keeper
from deployments.local_stack.live_data import begin, is_live, look
from deployments.local_stack.order import do_all
from deployments.local_stack.stack import given_settings, services, write_addresses
from deployments.local_stack.supervisor import Say, Supervisor
from deployments.preparation import PREPARATIONS, preparations
from deployments.terminal import Answer, Json, out, say, stopping_on_signals

NEXT = "Next: .venv/bin/walletflow doctor, and docs/first_hour.md, from here to a signal you can explain"
LiveData = Annotated[bool, typer.Option("--live-data", help="Copy real public trades, in simulation: no sandbox, no key, no order")]


def command(live_data: LiveData = False, as_json: Json = False) -> None:
    """Start what does not run yet, prepare it, run the main job, and print where to look."""
    answer, report = Answer(as_json), partial(say, aside=as_json)
    given = fed_live(report) if live_data or is_live(given_settings().home) else given_settings()
    with home.alone(given.home), stopping_on_signals() as stopping:
        write_addresses(given)
        supervisor = Supervisor(given.home, report, stopping)
        stop_keeper(supervisor)
        before_work = tuple(step.name for step in PREPARATIONS if step.before_work)
        try:
            do_all({**supervisor.steps(services(given, before_work)), **preparations(given, report, stopping)})
        except Unavailable:
            if not stopping.is_set():
                raise
            supervisor.undo()
            raise Unavailable("Interrupted. What this start began is stopped again; what ran before still runs.") from None
    report("")
    add_addresses(answer, given, with_secrets=out.is_terminal)  # a log, or whoever reads a pipe, has no business with them
    answer.add(NEXT, home=str(given.home), started=sorted(supervisor.begun))
    answer.end()


def fed_live(report: Say) -> Settings:
    """The settings of a home that reads the live venue, which has just answered."""
    begin(given_settings())
    given = given_settings()
    lag_s = look(given)
    report(f"live data: {given.data_api_url} is {lag_s:.0f} s behind. Copies are simulated: nothing is signed, nothing is sent")
    return given
