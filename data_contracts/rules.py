"""The rules of a contract as data, one for each column and promise: the fast check and the readable suites both derive from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Literal

from data_contracts.columns import WRITABLE, Pattern
from data_contracts.contract import Field, contract_of

Promise = Literal["required", "finite", "at_least", "above", "at_most", "matches", "one_of", "unique"]
Bound = int | datetime
NUMBERS = (Decimal, int, float)


@dataclass(frozen=True, slots=True)
class Rule:
    """What every cell of a column keeps, or what all keys keep together. Nothing is said of empty cells but that they are required.

    `value` is the bound, the pattern, the words or the names of the key's columns. With `where`, a column and its word, the rule holds for
    the rows of that word only, and `says` names them.
    """

    column: str
    promise: Promise
    says: str
    value: Bound | Pattern | tuple[str, ...] | None = None
    where: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """What a report calls it; no two rules of a contract have the same."""
        return "_".join([self.column, self.promise, *(self.where or ())])


@cache
def rules_of(row_class: type) -> tuple[Rule, ...]:
    """Every rule of a row class, column by column, the key's last."""
    contract = contract_of(row_class)
    unique = Rule("key", "unique", f"({', '.join(contract.key)}) must be unique", contract.key)
    return (*(rule for field in contract.fields for rule in _rules_of_column(field, "venue" in contract.names)), unique)


def _rules_of_column(field: Field, names_venue: bool) -> Iterator[Rule]:
    if not field.nullable:
        yield Rule(field.name, "required", "is required")
    if field.kind is float:
        yield Rule(field.name, "finite", "must be a finite number")
    if field.kind in NUMBERS or field.kind is datetime:
        yield from _bounds(field, names_venue)
    if issubclass(field.kind, Enum):
        yield _one_of(field.name, field.kind)
    elif field.kind is str:
        pattern = field.column.pattern or WRITABLE
        yield Rule(field.name, "matches", f"must be {pattern.says}", pattern)


def _bounds(field: Field, names_venue: bool) -> Iterator[Rule]:
    column, name = field.column, field.name
    if column.at_least is not None:
        yield Rule(name, "at_least", f"must be at least {_text(column.at_least)}", column.at_least)
    if column.above is not None:
        yield Rule(name, "above", f"must be above {_text(column.above)}", column.above)
    if column.at_most is not None:
        yield Rule(name, "at_most", f"must be at most {_text(column.at_most)}", column.at_most)
    if names_venue:
        yield from _bounds_of_venues(field)


def _bounds_of_venues(field: Field) -> Iterator[Rule]:
    for venue, bound in field.column.at_most_on:
        yield Rule(field.name, "at_most", f"must be at most {bound} on {venue}", bound, ("venue", venue.value))
    for venue, bound in field.column.above_on:
        yield Rule(field.name, "above", f"must be above {bound} on {venue}", bound, ("venue", venue.value))


def _text(bound: Bound) -> str:
    return f"{bound:%Y-%m-%d}" if isinstance(bound, datetime) else str(bound)


def _one_of(name: str, vocabulary: type[Enum]) -> Rule:
    words = tuple(str(member.value) for member in vocabulary)
    says = f"must be one of {', '.join(words)}" if len(words) < 10 else f"must be a known {vocabulary.__name__}"
    return Rule(name, "one_of", says, words)
