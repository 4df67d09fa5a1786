"""Copy all that this home knows and did."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import Answer, Json

Place = Annotated[Path, typer.Argument(help="A directory that is empty or not there yet", file_okay=False)]


def command(directory: Place, as_json: Json = False) -> None:
    """Write the rows of Postgres, ClickHouse and the graph into a directory, while everything runs. No secret is among them."""
    from deployments.backup import back_up  # the drivers take a second to import

    answer = Answer(as_json)
    rows = back_up(load_settings(), directory, datetime.now(UTC))
    line = f"{sum(rows.values()):,} rows of {len(rows)} tables are in {directory}. Into a new home: walletflow restore {directory}"
    answer.add(line, directory=str(directory), rows=rows)
    answer.end()
