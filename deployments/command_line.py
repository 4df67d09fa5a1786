"""`walletflow`: every file of `deployments/commands` is a command of the file's name, in a chapter of its help."""

import ast
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from data_contracts.errors import Refused, Unavailable, WalletflowError
from deployments import commands
from deployments.commands import CHAPTERS
from deployments.terminal import complain

HELP = """Walletflow on this machine.

Ends with 0: all is well.
Ends with 1: understood, and something is not well. A check failed, a part
is away, nothing of it is on record.
Ends with 2: asked wrongly. An option, a value or a file that cannot be,
a name there is not.

With --json the answer is on the standard output, and nothing else is.
`walletflow --install-completion` for your shell.
"""
NAME = "walletflow"
NOT_WELL, ASKED_WRONGLY = 1, 2
NAMES = {name.replace("_", "-"): name for names in CHAPTERS.values() for name in names}


def app(arguments: Sequence[str]) -> typer.Typer:
    """Only the command that is asked for is imported: `status` should not wait for what `replay` needs. Help and Tab need none."""
    found = typer.Typer(no_args_is_help=True, help=HELP, pretty_exceptions_enable=False)
    found.callback()(nothing)
    asked = NAMES.get(arguments[0]) if arguments else None
    for chapter, names in CHAPTERS.items():
        for name in names:
            if name == asked:
                _add(found, name, chapter)
            elif asked is None:
                found.command(name=name.replace("_", "-"), short_help=_first_line(name), rich_help_panel=chapter)(nothing)
    return found


def asked_for() -> list[str]:
    """What was typed; while a shell completes it, what is typed so far."""
    return os.environ.get("COMP_WORDS", "").split()[1:] if f"_{NAME.upper()}_COMPLETE" in os.environ else sys.argv[1:]


def _add(found: typer.Typer, name: str, chapter: str) -> None:
    module = import_module(f"{commands.__name__}.{name}")
    context = getattr(module, "CONTEXT", None)
    found.command(name=name.replace("_", "-"), context_settings=context, short_help=_first_line(name), rich_help_panel=chapter)(
        module.command
    )


def _first_line(name: str) -> str:
    """What a command's file says of itself, read without running it."""
    said = ast.get_docstring(ast.parse((Path(commands.__path__[0]) / f"{name}.py").read_text()))
    return (said or "").split("\n")[0]


def show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"walletflow {version('walletflow')}")
        raise typer.Exit


VERSION = typer.Option("--version", callback=show_version, is_eager=True, help="Say which version this is")


def nothing(asks_version: Annotated[bool, VERSION] = False) -> None:
    """Without it, typer would take a single command for the whole program."""


def main() -> None:
    """Run a command. What went wrong outside is said in a line with its cure; a traceback means a bug of ours."""
    os.environ.setdefault("DO_NOT_TRACK", "1")  # Prefect would tell of it, and say so in the middle of a table
    try:
        app(asked_for())()
    except WalletflowError as error:
        complain(str(error).rstrip())
        if isinstance(error, Unavailable):
            complain_of_a_stopped_house()
        sys.exit(exit_code_of(error))


def exit_code_of(error: WalletflowError) -> int:
    """So that a script tells "not well" from "mistyped". What Refused's subclasses say no to was rightly asked."""
    return ASKED_WRONGLY if type(error) is Refused else NOT_WELL


def complain_of_a_stopped_house() -> None:
    """That Postgres refuses a connection says nothing to whoever forgot to start it."""
    from deployments.local_stack.records import nothing_runs, runs
    from deployments.local_stack.stack import given_settings

    home = given_settings().home
    if (home / "secrets").exists() and not runs(home):
        complain(nothing_runs(home))


if __name__ == "__main__":
    main()
