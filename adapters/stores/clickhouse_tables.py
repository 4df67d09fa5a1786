"""The ClickHouse tables, derived from the contracts. ReplacingMergeTree by key: the same row twice is the same row once."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from data_contracts.contract import Contract, Field
from data_contracts.frames import PRECISION

_TYPES = {str: "String", int: "Int64", float: "Float64", bool: "Bool", datetime: "DateTime64(6, 'UTC')"}
_EXTRAS = {"trades": "INDEX by_time traded_at TYPE minmax GRANULARITY 1"}


def columns_of(contract: Contract) -> set[tuple[str, str]]:
    """(name, type) of a table's columns, as ClickHouse describes them."""
    return {(field.name, column_type(field)) for field in contract.fields}


def created(table: str, contract: Contract) -> str:
    """CREATE TABLE statement of a contract's table, under its own name or another."""
    columns = [f"`{field.name}` {column_type(field)} COMMENT '{_quoted(field.column.meaning)}'" for field in contract.fields]
    extra = [_EXTRAS[contract.table]] if contract.table in _EXTRAS else []
    body = ",\n  ".join(columns + extra)
    return f"CREATE TABLE IF NOT EXISTS {table} (\n  {body}\n) ENGINE = ReplacingMergeTree ORDER BY ({', '.join(contract.key)})"


def column_type(field: Field) -> str:
    """The ClickHouse type of a column."""
    if field.kind is Decimal:
        bare = f"Decimal({PRECISION}, {field.column.scale})"
    elif issubclass(field.kind, Enum):
        bare = "LowCardinality(String)"
    else:
        bare = _TYPES[field.kind]
    return f"Nullable({bare})" if field.nullable else bare


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
