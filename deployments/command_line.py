"""`walletflow`: every file of `deployments/commands` is a command of the file's name."""

import pkgutil
import sys
from importlib import import_module

import typer

from data_contracts.errors import WalletflowError
from deployments import commands
from deployments.terminal import complain

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Walletflow on this machine.", pretty_exceptions_enable=False)

for module in pkgutil.iter_modules(commands.__path__):
    app.command(name=module.name.replace("_", "-"))(import_module(f"{commands.__name__}.{module.name}").command)


def main() -> None:
    """Run a command. What went wrong outside is said in a line with its cure; a traceback means a bug of ours."""
    try:
        app()
    except WalletflowError as error:
        complain(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
