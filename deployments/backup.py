"""All that a home has concluded and done, into a directory and back: a restored home goes on with the same ledger.

The stores are read while everything runs. Postgres comes first, as it stands at one instant, then ClickHouse, then the graph: what Postgres
says was read is in the other two by then, and what came after it is read or judged again, which changes nothing. The other way round a
watermark could lie past the trades. Secrets, Prefect's own history and logs are no part of it.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from adapters.connect import open_graph, open_history
from adapters.settings import Settings
from adapters.stores.clickhouse_copy import count_rows, rows_in_parts
from adapters.stores.graph_copy import read_graph, write_graph
from adapters.stores.postgres_copy import columns_of_tables, one_instant, one_transaction
from data_contracts import ROW_CLASSES, contract_of
from data_contracts.errors import Impossible, Refused

MANIFEST, EXECUTOR = "manifest.json", "executor"
HISTORY = [row_class for row_class in ROW_CLASSES if contract_of(row_class).store == "clickhouse"]
NOT_KEPT = {"paces"}  # rate limits of this very minute
TABLES = {name: columns for name, columns in columns_of_tables().items() if name not in NOT_KEPT}


def back_up(settings: Settings, place: Path, as_of: datetime) -> dict[str, int]:
    """Rows by table. Its manifest is written last: a directory without one is no backup. Raises Refused where something is there."""
    if place.exists() and any(place.iterdir()):
        raise Refused(f"{place} is not empty: a backup takes a directory of its own")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{place} cannot be made: {error.strerror}") from error
    revision, rows = _read_results(settings, place)
    rows |= {contract_of(row_class).table: _read_history(settings, row_class, place) for row_class in HISTORY}
    rows["graph"] = _read_graph(settings, place)
    if (settings.home / EXECUTOR).exists():
        shutil.copytree(settings.home / EXECUTOR, place / EXECUTOR)
    (place / MANIFEST).write_text(json.dumps({"made_at": as_of.isoformat(), "revision": revision, "rows": rows}, indent=1))
    return rows


def restore(settings: Settings, place: Path) -> dict[str, int]:
    """Into stores that are migrated and empty. Raises Refused for no backup, Impossible for another version's and where rows are."""
    manifest = manifest_of(place)
    _write_results(settings, place, manifest)
    rows: Mapping[str, int] = manifest["rows"]
    for row_class in HISTORY:
        for part in sorted((place / "clickhouse").glob(f"{contract_of(row_class).table}.*.parquet")):
            open_history(settings).append(pl.read_parquet(part), row_class)
    write_graph(open_graph(settings), _graph_rows(place))
    if (place / EXECUTOR).exists():
        shutil.copytree(place / EXECUTOR, settings.home / EXECUTOR, dirs_exist_ok=True)
    for row_class in HISTORY:
        table = contract_of(row_class).table
        if (found := count_rows(settings.required("clickhouse_url"), row_class)) < rows.get(table, 0):
            raise Impossible(f"{table} has {found} rows and the backup {rows[table]}: begin again with empty stores")
    return dict(rows)


def manifest_of(place: Path) -> dict[str, Any]:
    """What a backup says of itself. Raises Refused for what is no whole one."""
    try:
        found: dict[str, Any] = json.loads((place / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Refused(f"{place} is no whole backup, its {MANIFEST} cannot be read: {error}") from None
    return found


def _read_results(settings: Settings, place: Path) -> tuple[str, dict[str, int]]:
    (place / "postgres").mkdir()
    rows = {}
    with one_instant(settings.required("postgres_url")) as tables:
        for table, columns in TABLES.items():
            with (place / "postgres" / table).open("wb") as file:
                tables.read(table, columns, file)
            rows[table] = tables.count(table)
        return tables.revision(), rows


def _write_results(settings: Settings, place: Path, manifest: Mapping[str, Any]) -> None:
    with one_transaction(settings.required("postgres_url")) as tables:
        if (now := tables.revision()) != manifest["revision"]:
            raise Impossible(
                f"the backup is of revision {manifest['revision']}, these tables are of {now}: restore with that version, then `make up`"
            )
        if taken := [table for table in TABLES if tables.count(table)]:
            raise Impossible(f"there are rows already, in {', '.join(taken)}: a backup goes into a new home")
        for table, columns in TABLES.items():
            with (place / "postgres" / table).open("rb") as file:
                tables.write(table, columns, file.read)


def _read_history(settings: Settings, row_class: type, place: Path) -> int:
    (place / "clickhouse").mkdir(exist_ok=True)
    rows = 0
    for number, part in enumerate(rows_in_parts(settings.required("clickhouse_url"), row_class)):
        part.write_parquet(place / "clickhouse" / f"{contract_of(row_class).table}.{number:04}.parquet")
        rows += part.height
    return rows


def _read_graph(settings: Settings, place: Path) -> int:
    rows = 0
    with (place / "graph.jsonl").open("w") as file:
        for kind, row in read_graph(open_graph(settings)):
            file.write(json.dumps([kind, row]) + "\n")
            rows += 1
    return rows


def _graph_rows(place: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with (place / "graph.jsonl").open() as file:
        for line in file:
            kind, row = json.loads(line)
            yield kind, row
