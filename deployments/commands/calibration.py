"""Did what was said come true?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import out, show_table
from deployments.typed_values import writable

RECORDING = Annotated[
    Path | None, typer.Option(help="A directory of recorded trades; without, our own history", exists=True, file_okay=False)
]
SAID_AT = Annotated[str, typer.Option(help="When it is said: a date, or the part of the time that lies before it")]
DAYS = Annotated[int, typer.Option(help="Of our own history, so many days back", min=1)]
PAGE = Annotated[
    Path | None, typer.Option(help="Write the reliability plots into this file, as a web page", dir_okay=False, callback=writable)
]


def command(
    recording: RECORDING = None,
    said_at: SAID_AT = "0.5",
    days: DAYS = 180,
    page: PAGE = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False,
) -> None:
    """Hold stated probabilities against what came later: skill, luck, alarms, pairs of one owner, intervals of copies.

    Everything is said again as of one instant, from what was known then. Needs no stack for a recording. What is likely to be missing
    from the record (losers, wallets without wins, history, one side) is named beside each figure that it flatters.
    """
    from tasks.backtesting import calibration  # the drivers take a second to import
    from tasks.steps import bare_steps

    with bare_steps():
        if recording is not None:
            found = calibration.calibrate_recording(recording, said_at)
        else:
            found = calibration.calibrate_history(load_settings(), datetime.now(UTC), days, said_at)
    if page is not None:
        page.write_text(f'<!doctype html><meta charset="utf-8"><title>Calibration</title><body>{"".join(calibration.plots(found))}</body>')
    if as_json:
        typer.echo(calibration.as_json(found))
        return
    rows = calibration.records(found)
    show_table(tuple(rows[0]), [[str(cell) for cell in row.values()] for row in rows])
    out.print(calibration.summary(found), markup=False)
