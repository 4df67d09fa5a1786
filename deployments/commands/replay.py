"""Run the flows over a recording, as fast as they go, and say what came of it."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.settings import load_settings
from deployments.migrate import migrate
from deployments.terminal import out, show_table

HERE = "A directory with trades.parquet and markets.parquet"


def command(
    recording: Annotated[Path, typer.Option(help=HERE, exists=True, file_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with the realized PnL of every wallet and market")] = False,
    cycle_s: Annotated[int, typer.Option(help="Seconds between two cycles", min=1)] = 30,
    profile_every_days: Annotated[int, typer.Option(help="Days between two profiles; leaders are chosen on the past only", min=1)] = 30,
) -> None:
    """Run the flows over recorded trades as fast as they go, and print what came of it.

    Its rows stay in a schema and a database of their own, `replay_` and the recording's name. Running it again changes nothing there.
    """
    settings = load_settings()
    settings.required("postgres_url")
    migrate(settings.for_replay(recording.resolve().name))
    os.environ.setdefault("PREFECT_API_URL", settings.prefect_api_url)  # read by Prefect when it is imported
    if as_json:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    from flows.recording_replay import recording_replay

    came = recording_replay(recording.resolve(), cycle_s, profile_every_days)
    if as_json:
        typer.echo(json.dumps(came))
    else:
        show(came)


def show(came: dict[str, Any]) -> None:
    """Two tables: the recording, and what each strategy made of it."""
    reasons = [(f"quarantined: {rules}", str(count)) for rules, count in came["quarantine_reasons"].items()]
    counted = [(name.replace("_", " "), f"{came[name]:,}") for name in came if isinstance(came[name], int)]
    show_table(("recording", ""), [*counted, *reasons, ("realized PnL of all wallets, USD", came["realized_pnl"])])
    out.print()
    columns = ("strategy", "kind", "signals", "copied", "orders", "fills", "settled", "realized_pnl", "fees", "equity")
    show_table(columns, [[str(strategy[column]) for column in columns] for strategy in came["strategies"]])
    for strategy in came["strategies"]:
        why = ", ".join(f"{reason} {count}" for reason, count in strategy["reasons"].items())
        out.print(f"{strategy['strategy']}: {why or 'no trade of a leader'}")
