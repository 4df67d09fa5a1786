"""Do the positions follow from their fills?"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import out, show_table


def command(apply: Annotated[bool, typer.Option(help="Write what the fills say. Without it, differences are only shown.")] = False) -> None:
    """Derive every position from its fills and settlements again, and show what differs. Ends with 1 when something does."""
    from tasks.copying.rebuilding import find_differences, rebuild_positions  # the drivers take a second to import

    settings = load_settings()
    left = rebuild_positions(settings, datetime.now(UTC)) if apply else find_differences(settings)
    if not left:
        out.print("Every position follows from its fills and settlements.")
        return
    show_table(
        ["strategy", "leader", "token", "column", "stored", "derived"], [(*one.key, one.column, one.stored, one.derived) for one in left]
    )
    raise typer.Exit(1)
