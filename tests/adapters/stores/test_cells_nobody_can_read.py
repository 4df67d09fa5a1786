"""A server keeps what Python cannot show: times without an end, numbers that are none. Such a cell costs its own row, never the reading."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from adapters.stores.postgres import PostgresResults, engine_of
from adapters.stores.results import Write
from data_contracts import ROW_CLASSES, Watermark, contract_of
from data_contracts.frames import frame_of
from tasks.copying.sound_rows import sound_rows

TIMES = ("infinity", "-infinity", "20000-01-01T00:00:00Z", "0044-03-15 12:00:00 BC")
UNREADABLE: Mapping[type, Sequence[str]] = {datetime: TIMES, Decimal: ["NaN"], float: ["NaN", "Infinity"]}
OURS = [row_class for row_class in ROW_CLASSES if contract_of(row_class).store == "postgres"]


def fault_of(url: str, row_class: type, a_row: Any, column: str, value: str) -> str:
    """Of a table with one row in which that stands, as it is read; empty where it is named and nothing else happens."""
    store, table = PostgresResults(url), contract_of(row_class).table
    with engine_of(url).begin() as connection:
        connection.execute(sa.text(f"DELETE FROM {table}"))
    store.write([Write(row_class, frame_of([a_row(row_class)], row_class))])
    with engine_of(url).begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = '{value}'"))
    try:
        heights = store.read(row_class).height, len(store.rows(row_class)), len(store.records(row_class))
        sound, broken = sound_rows(store, row_class)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the fault)
        return repr(error)
    named = [fault for one in broken for fault in one.faults if fault.startswith(f"{column} ")]
    return "" if heights == (1, 1, 1) and named and not sound else f"{heights} rows, of which sound {sound}, named {named}"


@pytest.mark.parametrize("row_class", OURS, ids=lambda row_class: row_class.__name__)
def test_a_cell_nobody_can_read_costs_its_own_row_and_is_named(postgres_schema: str, a_row: Callable[..., Any], row_class: type) -> None:
    """One `infinity` was a DataError for whoever asked for any row of its table, in every cycle; a mark of NaN was taken for one."""
    cells = [(field.name, value) for field in contract_of(row_class).fields for value in UNREADABLE.get(field.kind, ())]
    found = {(column, value): fault_of(postgres_schema, row_class, a_row, column, value) for column, value in cells}
    assert {cell: fault for cell, fault in found.items() if fault} == {}


def test_a_row_beside_it_is_read_as_ever(postgres_schema: str, a_row: Callable[..., Any]) -> None:
    store = PostgresResults(postgres_schema)
    rows = [a_row(Watermark, name=name) for name in ("broken", "sound")]
    with engine_of(postgres_schema).begin() as connection:
        connection.execute(sa.text("DELETE FROM watermarks"))
    store.write([Write(Watermark, frame_of(rows, Watermark))])
    with engine_of(postgres_schema).begin() as connection:
        connection.execute(sa.text("UPDATE watermarks SET reached_at = 'infinity' WHERE name = 'broken'"))
    sound, broken = sound_rows(store, Watermark)
    assert (sound, [one.record["name"] for one in broken]) == (rows[1:], ["broken"])


def test_what_the_server_itself_refuses_is_refused_once_and_in_its_own_words(postgres_schema: str) -> None:
    store = PostgresResults(postgres_schema)
    with pytest.raises(psycopg.DataError, match="date/time field value out of range"):
        store.alone([], lambda within: within.records(Watermark, reached_at="2026-13-45"))
