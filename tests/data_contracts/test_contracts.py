"""What every row class promises: one table, one store, a key, and columns that say what they hold."""

import dataclasses
from decimal import Decimal
from enum import Enum

import pytest

from adapters.stores import clickhouse_tables, postgres_tables
from data_contracts import ROW_CLASSES, Trade, contract_of
from data_contracts.columns import Column
from data_contracts.contract import row
from data_contracts.frames import PRECISION
from data_contracts.words import Side

named = pytest.mark.parametrize("row_class", ROW_CLASSES, ids=lambda row_class: row_class.__name__)


def test_no_two_row_classes_share_a_table() -> None:
    tables = [contract_of(row_class).table for row_class in ROW_CLASSES]
    assert len(set(tables)) == len(tables) > 0


@named
def test_a_row_class_says_what_one_row_is(row_class: type) -> None:
    """ "One row per …": without it nobody knows what a count of rows counts."""
    assert (row_class.__doc__ or "").startswith("One row per ")


@named
def test_a_key_is_made_of_columns_that_are_always_there(row_class: type) -> None:
    contract = contract_of(row_class)
    required = {field.name for field in contract.fields if not field.nullable}
    assert contract.key
    assert set(contract.key) <= required
    assert len(set(contract.key)) == len(contract.key)


@named
def test_a_row_is_frozen_and_built_by_name(row_class: type) -> None:
    assert row_class.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(row_class))


@named
def test_every_column_has_a_meaning_and_bounds_that_leave_room(row_class: type) -> None:
    for field in contract_of(row_class).fields:
        assert field.column.meaning
        low = field.column.at_least if field.column.above is None else field.column.above
        assert low is None or field.column.at_most is None or low < field.column.at_most  # type: ignore[operator]
        assert field.column.at_least is None or field.column.above is None
        assert field.kind is not Decimal or 0 < field.column.scale < PRECISION


@named
def test_a_number_or_text_of_a_row_class_names_its_column(row_class: type) -> None:
    """A bare str or float would have no unit. Words explain themselves, and a bool is a question with its name."""
    bare = {field.name for field in contract_of(row_class).fields if field.column == Column(field.name.replace("_", " "))}
    kinds = {field.name: field.kind for field in contract_of(row_class).fields}
    assert all(kinds[name] is bool or issubclass(kinds[name], Enum) for name in bare)


@named
def test_time_is_named_by_its_unit(row_class: type) -> None:
    for field in contract_of(row_class).fields:
        assert field.name.endswith(("_at", "as_of")) == (field.column.meaning == "a UTC instant"), field.name
        assert field.name.endswith("_s") == (field.column.meaning == "seconds"), field.name


@named
def test_a_row_class_has_a_table_in_postgres_if_that_is_its_store(row_class: type) -> None:
    contract = contract_of(row_class)
    assert (row_class in postgres_tables.TABLES) == (contract.store == "postgres")


@named
def test_a_table_has_the_columns_of_its_row_class_in_their_order(row_class: type) -> None:
    contract = contract_of(row_class)
    if contract.store == "postgres":
        table = postgres_tables.TABLES[row_class]
        assert [column.name for column in table.columns] == contract.names
        assert {column.name for column in table.primary_key} == set(contract.key)
        assert {column.name for column in table.columns if column.nullable} == {f.name for f in contract.fields if f.nullable}
        assert (table.comment or "").startswith("One row per ")
    else:
        statement = clickhouse_tables.created(contract.table, contract)
        listed = [line.split("`")[1] for line in statement.splitlines() if line.startswith("  `")]
        assert listed == contract.names
        assert "ENGINE = ReplacingMergeTree(written_at, is_removed) " in statement
        assert statement.endswith(f"ORDER BY ({', '.join(contract.key)})")


@named
def test_an_index_names_columns_there_are(row_class: type) -> None:
    indexed = postgres_tables._INDEXES.get(contract_of(row_class).table, [])
    assert {name for names in indexed for name in names} <= set(contract_of(row_class).names)


def test_every_named_index_belongs_to_a_table_in_postgres() -> None:
    assert set(postgres_tables._INDEXES) <= {table.name for table in postgres_tables.TABLES.values()}


def test_what_no_row_class_declares_has_no_contract() -> None:
    with pytest.raises(KeyError):
        contract_of(Side)


def test_optional_and_annotated_are_taken_off_a_columns_kind() -> None:
    known = {field.name: field for field in contract_of(Trade).fields}
    assert (known["price"].kind, known["price"].nullable, known["price"].column.at_least) == (Decimal, False, 0)
    assert (known["side"].kind, known["side"].column.meaning) == (Side, "BUY or SELL, seen from the wallet.")


def test_a_declared_class_is_registered_once_and_a_forgotten_column_is_an_error() -> None:
    before = list(ROW_CLASSES)
    try:

        @row(table="test_only", store="postgres", key=("side",))
        class Tested:
            """One row per test."""

            side: Side | None

        assert ROW_CLASSES[len(before) :] == [Tested]
        assert contract_of(Tested).fields[0].nullable
        with pytest.raises(TypeError):
            Tested()  # type: ignore[call-arg]
    finally:
        ROW_CLASSES[:] = before
