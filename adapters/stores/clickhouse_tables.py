"""The ClickHouse tables, derived from the contracts. ReplacingMergeTree by key: the same row twice is the same row once."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum

from data_contracts import ROW_CLASSES, contract_of
from data_contracts.contract import Field
from data_contracts.frames import PRECISION

_TYPES = {str: "String", int: "Int64", float: "Float64", bool: "Bool", datetime: "DateTime64(6, 'UTC')"}
_EXTRAS = {"trades": "INDEX by_time traded_at TYPE minmax GRANULARITY 1"}


def definitions() -> Iterable[tuple[str, str]]:
    """(table, CREATE TABLE statement) of every row class that lives in ClickHouse."""
    for row_class in ROW_CLASSES:
        contract = contract_of(row_class)
        if contract.store == "clickhouse":
            yield contract.table, _create(row_class)


def columns_of(table: str) -> set[tuple[str, str]]:
    """(name, type) of a table's columns, as ClickHouse describes them."""
    contract = next(contract for contract in map(contract_of, ROW_CLASSES) if contract.table == table)
    return {(field.name, column_type(field)) for field in contract.fields}


def additions(table: str) -> str:
    """ALTER TABLE statement that adds what a table lacks and leaves what it has."""
    return f"ALTER TABLE {table} " + ", ".join(f"ADD COLUMN IF NOT EXISTS `{name}` {kind}" for name, kind in sorted(columns_of(table)))


def column_type(field: Field) -> str:
    """The ClickHouse type of a column."""
    if field.kind is Decimal:
        bare = f"Decimal({PRECISION}, {field.column.scale})"
    elif issubclass(field.kind, Enum):
        bare = "LowCardinality(String)"
    else:
        bare = _TYPES[field.kind]
    return f"Nullable({bare})" if field.nullable else bare


def _create(row_class: type) -> str:
    contract = contract_of(row_class)
    columns = [f"`{field.name}` {column_type(field)} COMMENT '{_quoted(field.column.meaning)}'" for field in contract.fields]
    extra = [_EXTRAS[contract.table]] if contract.table in _EXTRAS else []
    body = ",\n  ".join(columns + extra)
    return f"CREATE TABLE IF NOT EXISTS {contract.table} (\n  {body}\n) ENGINE = ReplacingMergeTree ORDER BY ({', '.join(contract.key)})"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
