"""Write a table to a file."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import load_settings
from data_contracts import ROW_CLASSES, contract_of
from data_contracts.errors import Refused
from deployments.terminal import Answer, Json
from deployments.typed_values import writable

Table = Annotated[str, typer.Argument(help="A table by its name: docs/data_dictionary.md")]
File = Annotated[Path, typer.Argument(help="Ends with .parquet, .csv or .jsonl", dir_okay=False, callback=writable)]


def command(table: Table, file: File, as_json: Json = False) -> None:
    """Every row of a table of Postgres. Trades and profiles are in ClickHouse: `walletflow backup` writes all of both."""
    from adapters.connect import open_results  # the drivers take a second to import

    known = {contract_of(one).table: one for one in ROW_CLASSES if contract_of(one).store == "postgres"}
    if table not in known:
        raise Refused(f"there is no table {table!r} in Postgres; there are: {', '.join(sorted(known))}")
    writers = {".parquet": "write_parquet", ".csv": "write_csv", ".jsonl": "write_ndjson"}
    if file.suffix not in writers:
        raise Refused(f"{file.name} must end with {', '.join(writers)}")
    frame = open_results(load_settings()).read(known[table])
    getattr(frame, writers[file.suffix])(file)
    answer = Answer(as_json)
    answer.add(f"{frame.height:,} rows of {table} in {file}", table=table, rows=frame.height, file=str(file))
    answer.end()
