"""Turns a row class into its contract: which table, which store, which columns. Derived forms live beside their technology."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from data_contracts.columns import Column

Store = Literal["postgres", "clickhouse"]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a row class. `kind` is the bare Python type, without Optional and without Annotated."""

    name: str
    kind: type
    nullable: bool
    column: Column


@dataclass(frozen=True, slots=True)
class Contract:
    """What a row class promises. `key` identifies a row: writing the same key again changes nothing or replaces, never doubles."""

    table: str
    store: Store
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]


ROW_CLASSES: list[type] = []
_CONTRACTS: dict[type, Contract] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def row(*, table: str, store: Store, key: tuple[str, ...]) -> Callable[[type[R]], type[R]]:
    """Declares a frozen row class and registers its contract."""

    def declare(cls: type[R]) -> type[R]:
        declared = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        hints = get_type_hints(declared, include_extras=True)
        fields = tuple(_field(item.name, hints[item.name]) for item in dataclass_fields(declared))  # type: ignore[arg-type]
        _CONTRACTS[declared] = Contract(table, store, key, fields)
        ROW_CLASSES.append(declared)
        return declared

    return declare


def contract_of(row_class: type) -> Contract:
    """The contract of a row class. Raises KeyError for a class that is not declared with `@row`."""
    return _CONTRACTS[row_class]


def _field(name: str, hint: Any) -> Field:
    options = [option for option in get_args(hint) if option is not NoneType] if get_origin(hint) in (UnionType, Union) else [hint]
    nullable = options != [hint]
    annotated = options[0]
    if get_origin(annotated) is Annotated:
        kind, column = get_args(annotated)[:2]
        return Field(name, kind, nullable, column)
    return Field(name, annotated, nullable, Column(_meaning(name, annotated)))


def _meaning(name: str, kind: type) -> str:
    """A vocabulary explains itself; a bare bool or int has only its name."""
    return (kind.__doc__ or name).split("\n")[0] if issubclass(kind, Enum) else name.replace("_", " ")
