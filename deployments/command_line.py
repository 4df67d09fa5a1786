"""`walletflow`: every file of `deployments/commands` is a command of the file's name."""

import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from data_contracts.errors import WalletflowError
from deployments import commands
from deployments.terminal import complain


def app(arguments: Sequence[str]) -> typer.Typer:
    """Only the command that is asked for is imported: `status` should not wait for what `replay` needs."""
    found = typer.Typer(no_args_is_help=True, add_completion=False, help="Walletflow on this machine.", pretty_exceptions_enable=False)
    found.callback()(nothing)
    known = {module.name.replace("_", "-"): module.name for module in pkgutil.iter_modules(commands.__path__)}
    for name in arguments[:1] if known.keys() & set(arguments[:1]) else known:
        module = import_module(f"{commands.__name__}.{known[name]}")
        found.command(name=name, context_settings=getattr(module, "CONTEXT", None))(module.command)
    return found


def show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"walletflow {version('walletflow')}")
        raise typer.Exit


VERSION = typer.Option("--version", callback=show_version, is_eager=True, help="Say which version this is")


def nothing(asks_version: Annotated[bool, VERSION] = False) -> None:
    """Walletflow on this machine."""  # without it, typer would take a single command for the whole program


def main() -> None:
    """Run a command. What went wrong outside is said in a line with its cure; a traceback means a bug of ours."""
    try:
        app(sys.argv[1:])()
    except WalletflowError as error:
        complain(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
