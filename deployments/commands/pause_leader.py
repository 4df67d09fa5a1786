"""Enter nothing behind a leader until he is released."""

from typing import Annotated

import typer

from data_contracts import LeaderStanding
from deployments import following
from deployments.commands.follow import Address
from deployments.operator_words import Why
from deployments.terminal import Json

Whose = Annotated[str | None, typer.Option("--strategy", help="A strategy by its name; else every one")]


def command(address: Address, why: Why, strategy: Whose = None, as_json: Json = False) -> None:
    """Nothing is entered behind it from now on; what was copied of it is still sold with it. In every strategy, or in one."""
    following.set_standing(address, LeaderStanding.PAUSED, why, strategy, as_json)
