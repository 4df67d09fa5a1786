"""Rows about the tokens we hold, kept with the ledger as JSON whatever their class: what it takes to sell is where the positions are."""

from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import TypeAdapter

from adapters.stores.results import Results, Write
from data_contracts import KnownRow

R = TypeVar("R")
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def keep(rows: Collection[Any], results: Results) -> None:
    """Of each token and class the last. `rows` say of which token, and when they were true, in `updated_at`."""
    if rows:
        results.write([Write(KnownRow, [as_known(row) for row in rows], "put")])


def read_known(results: Results, row_class: type[R], token_ids: Collection[str]) -> dict[str, R]:
    """By token."""
    rows = results.rows(KnownRow, token_id=sorted(token_ids), record=row_class.__name__)
    return {known.token_id: _adapter(row_class).validate_json(known.row) for known in rows}


def as_known(row: Any) -> KnownRow:
    text = _adapter(type(row)).dump_json(row).decode()
    return KnownRow(token_id=row.token_id, record=type(row).__name__, row=text, updated_at=row.updated_at)


def _adapter(row_class: type) -> TypeAdapter[Any]:
    if row_class not in _ADAPTERS:
        _ADAPTERS[row_class] = TypeAdapter(row_class)
    return _ADAPTERS[row_class]
