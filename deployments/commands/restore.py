"""Begin a new home with what a backup holds."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.local_stack import home
from deployments.local_stack.order import do_all
from deployments.local_stack.stack import STORES, given_settings, services, write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.terminal import Answer, Json, say

Place = Annotated[Path, typer.Argument(help="What `walletflow backup` wrote", exists=True, file_okay=False)]


def command(directory: Place, as_json: Json = False) -> None:
    """Start the stores of a home in which nothing ran yet, fill them, and leave the rest to `make up`, which goes on from there."""
    given, answer, report = given_settings(), Answer(as_json), partial(say, aside=as_json)
    from deployments.backup import manifest_of, restore  # the drivers take a second to import

    manifest_of(directory)  # what is no backup is said before anything is started
    with home.alone(given.home):
        write_addresses(given)
        do_all(Supervisor(given.home, report).steps([one for one in services(given) if one.name in STORES]))
        from deployments.migrate import migrate

        migrate(load_settings(), report)
        rows = restore(load_settings(), directory)
    line = f"{sum(rows.values()):,} rows of {len(rows)} tables are restored into {given.home}. Go on: make up"
    answer.add(line, home=str(given.home), rows=rows)
    answer.end()
