"""Stop everything that `up` started."""

from functools import partial
from pathlib import Path

from deployments.local_stack import home
from deployments.local_stack.records import Record
from deployments.local_stack.stack import given_settings
from deployments.local_stack.supervisor import Say, Supervisor
from deployments.terminal import Answer, Json, say


def command(as_json: Json = False) -> None:
    """Stop exactly what `walletflow up` started here, last started first. Data stays."""
    place, answer = given_settings().home, Answer(as_json)
    stopped = stop_all(place, partial(say, aside=as_json)) if (place / "run").exists() else []
    line = f"Stopped. All data is kept in {place}" if stopped else f"Nothing of {place} was running."
    answer.add(line, home=str(place), stopped=[record.name for record in stopped])
    answer.end()


def stop_all(place: Path, report: Say) -> list[Record]:
    with home.alone(place):
        return Supervisor(place, report).down()
