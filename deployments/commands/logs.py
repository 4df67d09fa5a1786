"""The log of a service."""

import time
from pathlib import Path
from typing import Annotated

import typer

from data_contracts.errors import Refused, Unavailable
from deployments.local_stack.home import log_of
from deployments.local_stack.stack import given_settings
from deployments.terminal import out


def command(
    name: Annotated[str, typer.Argument(help="a service, as `walletflow status` names it; none: which there are")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="how many of its last lines")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on showing what is added, until Ctrl-C")] = False,
) -> None:
    """Show the last lines of a service's log."""
    home = given_settings().home
    log, known = log_of(home, name), sorted(path.stem for path in (home / "logs").glob("*.log"))
    if not name:
        out.print("\n".join(known) or f"There is none yet in {home / 'logs'}: make up", markup=False)
        return
    if not known:
        raise Unavailable(f"there is no log yet in {home / 'logs'}: make up")
    if not log.exists():
        raise Refused(f"there is no log of {name} in {home / 'logs'}; there are: {', '.join(known)}")
    out.print("\n".join(log.read_text(errors="replace").splitlines()[-lines:]), markup=False)
    if follow:
        follow_on(log)


def follow_on(log: Path) -> None:
    with log.open(errors="replace") as file:
        file.seek(0, 2)
        while True:
            if line := file.readline():
                out.print(line.rstrip("\n"), markup=False)
            else:
                time.sleep(0.2)
