"""Units for systemd: the house from boot on."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import Settings
from data_contracts.errors import Impossible
from deployments.local_stack.repository import ROOT
from deployments.local_stack.stack import given_settings
from deployments.terminal import Json, show_json

UNITS = ROOT / "deployments" / "systemd"
NOT_IN_A_UNIT = set("\"'\\$@\n")  # it would be read as something else there


class Unit(StrEnum):
    """What it keeps."""

    HOUSE = "walletflow"
    EXECUTION = "walletflow-execution"


Which = Annotated[Unit, typer.Argument(help="walletflow: everything that `up` starts; walletflow-execution: the worker with the key, live")]


def command(unit: Which = Unit.HOUSE, as_json: Json = False) -> None:
    """Print a unit of this checkout and this home, for ~/.config/systemd/user. How to go on: "At boot" in docs/operating.md."""
    text = filled(unit, given_settings(), ROOT, Path(sys.executable).parent)
    if as_json:
        show_json({"name": f"{unit}.service", "unit": text})
    else:
        typer.echo(text, nl=False)


def filled(unit: Unit, given: Settings, repository: Path, programs: Path) -> str:
    """The unit with its paths. Raises Impossible for one that systemd would read as something else."""
    values = {
        "HOME": given.home,
        "REPOSITORY": repository,
        "BIN": programs,
        "PORT_BASE": given.port_base,
        "PREFECT_API_URL": given.prefect_api_url,
    }
    text = (UNITS / f"{unit}.service").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", literal(str(value)))
    return text


def literal(value: str) -> str:
    if bad := NOT_IN_A_UNIT & set(value):
        raise Impossible(f"{value!r} cannot stand in a unit, for {' '.join(map(repr, sorted(bad)))} in it: move it to a plainer place")
    return value.replace("%", "%%")
