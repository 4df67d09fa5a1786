"""Take in what a person has in a file: positions, payments between wallets, labels."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adapters.feeds.loaded_tables import WAYS, Columns
from adapters.settings import load_settings
from deployments.terminal import Json, out, show_json, show_table

if TYPE_CHECKING:
    from tasks.operating.loading import Loading

SHOWN = 10  # rows set aside that are told one by one; the others are counted, and all are in quarantine
NEXT = {
    "positions": "wallet-profiling makes a record of each wallet of them, beside the profiles; wallet-discovery asks for their trades.",
    "fundings": "wallet-clustering reads them in its next run.",
    "labels": "wallet-clustering reads them in its next run.",
}
TABLE = Annotated[Literal["positions", "fundings", "labels"], typer.Argument(help="What the file holds")]
FILE = Annotated[Path, typer.Argument(help="Parquet, or CSV with a first line of names", exists=True, dir_okay=False)]
CALLED = Annotated[list[str] | None, typer.Option("--column", help="OURS=THEIRS: what a column of ours is called there. Repeatable")]
CONSTANT = Annotated[list[str] | None, typer.Option("--set", help="OURS=VALUE for every row. Repeatable")]
ONLY = Annotated[
    list[str] | None, typer.Option("--only", help="THEIRS=VALUE, or THEIRS alone for any value: read no other rows. Repeatable")
]
SOURCE = Annotated[str | None, typer.Option(help="Who says so; the file's name if nothing is said")]
REHEARSAL = Annotated[bool, typer.Option("--dry-run", help="Read and check, write nothing")]


def command(
    what: TABLE,
    file: FILE,
    called: CALLED = None,
    constant: CONSTANT = None,
    only: ONLY = None,
    source: SOURCE = None,
    dry_run: REHEARSAL = False,
    as_json: Json = False,
) -> None:
    from tasks.operating.loading import load_table, texts_of  # the drivers take a second to import

    chosen = {name.strip().lower(): value.strip() if sign else None for name, sign, value in (each.partition("=") for each in only or ())}
    columns = Columns(texts_of(called or [], "--column"), texts_of(constant or [], "--set"), chosen)
    came = load_table(file, WAYS[what], columns, source or file.stem, load_settings(), datetime.now(UTC), dry_run)
    show_json(in_fields(came, dry_run)) if as_json else show(came, dry_run)
    if not as_json and not dry_run and came.set_aside < came.read:
        out.print(NEXT[what], markup=False)
    if came.read and came.set_aside == came.read:
        raise typer.Exit(1)


def in_fields(came: "Loading", is_rehearsal: bool) -> dict[str, object]:
    """For a program: `new` is stored, or would be; of rows set aside the first few are named."""
    counted = {name: getattr(came, name) for name in ("read", "new", "replaced", "known", "repeated", "set_aside")}
    faults = [{"row": fault.row, "fault": str(fault)} for fault in came.faults[:SHOWN]]
    where = {"file": came.file, "table": came.table, "dry_run": is_rehearsal}
    return where | counted | {"reasons": dict(came.reasons), "faults": faults, "columns": dict(came.columns), "not_read": list(came.unread)}


def show(came: "Loading", is_rehearsal: bool) -> None:
    """The summary: read, stored, already there, set aside by reason; then where the columns came from."""
    for fault in came.faults[:SHOWN]:
        out.print(f"row {fault.row}: {fault}", markup=False)
    if len(came.faults) > SHOWN:
        out.print(
            f"and {len(came.faults) - SHOWN:,} more"
            + ("" if is_rehearsal else ": all are in quarantine, source beginning with " + came.file)
        )
    counted = [("read", came.read), ("would be stored" if is_rehearsal else "stored", came.new), ("replaced", came.replaced)]
    counted += [("already there", came.known)] if came.known is not None else []
    counted += [("repeated in the file", came.repeated), ("set aside", came.set_aside)]
    reasons = [(f"set aside: {reason}", f"{count:,}") for reason, count in came.reasons]
    show_table((f"{came.file} as {came.table}", "rows"), [*((name, f"{count:,}") for name, count in counted), *reasons])
    used = ", ".join(ours if ours == theirs else f"{ours} from {theirs}" for ours, theirs in came.columns.items())
    out.print(f"columns: {used}" + (f"; not read: {', '.join(came.unread)}" if came.unread else ""), markup=False)


def _help() -> str:
    """What each table's file must have, with an example: as the table of `WAYS` says it."""
    parts = ["Load positions, payments between wallets, or labels from a Parquet or CSV file. Loading a file again changes nothing."]
    for name, way in WAYS.items():
        lines = [
            f"  {column}{'' if asked.is_needed else ' (may be missing)'}: {asked.what}"
            + (f"; also called {', '.join(asked.names[:4])}" if asked.names else "")
            for column, asked in way.columns.items()
        ]
        parts += [f"\b\n{name}\n" + "\n".join(lines), "\b\n" + "\n".join(f"  {line}" for line in way.example.splitlines())]
    parts.append("Times may be ISO, or s, ms, us or ns since 1970; without a zone they are UTC. Decimals have a point or a comma.")
    return "\n\n".join(parts)


command.__doc__ = _help()
