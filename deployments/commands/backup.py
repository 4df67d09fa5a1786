"""Copy all that this home knows and did."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import out

Place = Annotated[Path, typer.Argument(help="A directory that is empty or not there yet", file_okay=False)]


def command(directory: Place) -> None:
    """Write the rows of Postgres, ClickHouse and the graph into a directory, while everything runs. No secret is among them."""
    from deployments.backup import back_up  # the drivers take a second to import

    rows = back_up(load_settings(), directory, datetime.now(UTC))
    out.print(f"{sum(rows.values()):,} rows of {len(rows)} tables are in {directory}. Into a new home: walletflow restore {directory}")
