"""Parquet files that others wrote, by Arrow's reader: a torn page that says it is two exbibytes long ends the process in polars' own."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
from pyarrow import ArrowException, Table  # type: ignore[import-untyped]
from pyarrow.parquet import ParquetFile, read_schema  # type: ignore[import-untyped]

from data_contracts.errors import Refused

UNREADABLE = (ArrowException, OSError, MemoryError, UnicodeDecodeError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


def read_parquet(path: Path) -> pl.DataFrame:
    """All rows of it. Raises Refused, in one line, where it is no Parquet that can be read."""
    return _read(path, _all_of)


def read_columns(path: Path) -> pl.DataFrame:
    """Its columns, with no row in them. Raises Refused as `read_parquet` does."""
    return _read(path, lambda path: read_schema(path).empty_table())


def _all_of(path: Path) -> Table:
    with ParquetFile(path) as file:
        table = file.read()
    table.validate(full=True)  # texts that are no UTF-8, indices beyond their dictionary: nobody after us looks
    return table


def _read(path: Path, table_of: Callable[[Path], Table]) -> pl.DataFrame:
    try:
        return pl.DataFrame(table_of(path))
    except UNREADABLE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise Refused(f"{path.name}: it is no Parquet that can be read: {reason}") from error
