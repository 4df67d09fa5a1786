"""Do the positions follow from their fills?"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import Json, out, show_json, show_table

HEAD = ("strategy", "leader", "token", "column", "stored", "derived")
Apply = Annotated[bool, typer.Option(help="Write what the fills say. Without it, differences are only shown.")]


def command(apply: Apply = False, as_json: Json = False) -> None:
    """Derive every position from its fills and settlements again, and show what differs. Ends with 1 when something does."""
    from tasks.copying.rebuilding import find_differences, rebuild_positions  # the drivers take a second to import

    settings = load_settings()
    left = rebuild_positions(settings, datetime.now(UTC)) if apply else find_differences(settings)
    rows = [(*one.key, one.column, one.stored, one.derived) for one in left]
    if as_json:
        show_json({"applied": apply, "differences": [dict(zip(HEAD, row, strict=True)) for row in rows]})
    elif not rows:
        out.print("Every position follows from its fills and settlements.")
    else:
        show_table(HEAD, rows)
    if rows:
        raise typer.Exit(1)
