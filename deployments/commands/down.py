"""Stop everything that `up` started."""

from pathlib import Path

from deployments.local_stack import home
from deployments.local_stack.records import Record
from deployments.local_stack.stack import given_settings
from deployments.local_stack.supervisor import Supervisor
from deployments.terminal import out, say


def command() -> None:
    """Stop exactly what `walletflow up` started here, last started first. Data stays."""
    place = given_settings().home
    stopped = stop_all(place) if (place / "run").exists() else []
    out.print(f"Stopped. All data is kept in {place}" if stopped else f"Nothing of {place} was running.")


def stop_all(place: Path) -> list[Record]:
    with home.alone(place):
        return Supervisor(place, say).down()
