"""The check between two steps of a cycle: which cells break a rule of their contract. Polars only: a good frame takes a millisecond.

What the rules are stands in `data_contracts/rules.py`. `tasks/contract_suites.py` asks the same of Great Expectations, for people to
read, and a test shows that both name the same rows.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

import polars as pl

from data_contracts import contract_of
from data_contracts.columns import Pattern
from data_contracts.rules import Rule, rules_of

FEW = 8  # rows
MANY = 5_000


@dataclass(frozen=True, slots=True)
class Breach:
    """A cell that breaks a rule."""

    row: int
    column: str
    rule: str

    def __str__(self) -> str:
        return f"{self.column} {self.rule}"


def breaches(frame: pl.DataFrame, row_class: type) -> list[Breach]:
    """Every rule every row breaks; empty for a frame that keeps its contract."""
    if not frame.height or (frame.height <= MANY and _is_surely_sound(frame, row_class)):
        return []
    broken = frame.select(_any_of_each(row_class)).row(0)  # a lazy query would take three times as long to plan
    named = zip(rules_of(row_class), broken, strict=True)
    return [Breach(row, rule.column, rule.says) for rule, any_broken in named if any_broken for row in _rows(frame, rule)]


def _is_surely_sound(frame: pl.DataFrame, row_class: type) -> bool:
    return are_surely_sound({name: frame[name] for name in contract_of(row_class).names}, row_class)


def are_surely_sound(columns: Mapping[str, pl.Series | Sequence[Any]], row_class: type) -> bool:
    """Whether no cell breaks a rule, asked in Python: a quarter of the time. In doubt False, and the other way decides."""
    try:
        kept = all(keeps(cell) for name, keeps in _kept_by(row_class) for cell in _telling(columns[name]))
        return kept and _are_unique(columns, row_class)
    except (ArithmeticError, TypeError):  # what cannot be compared
        return False


def _are_unique(columns: Mapping[str, pl.Series | Sequence[Any]], row_class: type) -> bool:
    parts = [columns[name] for name in contract_of(row_class).key]
    keys = list(zip(*(part.to_list() if isinstance(part, pl.Series) else part for part in parts), strict=True))
    return len(set(keys)) == len(keys)


def _telling(cells: pl.Series | Sequence[Any]) -> Collection[Any]:
    """The cells that say it for all: of numbers and instants the ends, and their sum, which is none where one of them is none."""
    if not isinstance(cells, pl.Series):
        return _ends(cells) if isinstance(cells[0], Decimal | datetime) and len(cells) > FEW else cells
    if cells.len() <= FEW or not (cells.dtype.is_numeric() or cells.dtype.is_temporal()):
        return set(cells.to_list())
    known = [] if cells.null_count() == cells.len() else [cells.min(), cells.max()]
    sums = [cells.sum()] if known and cells.dtype.is_float() else []
    return [*known, *sums, *([None] if cells.null_count() else [])]


def _ends(cells: Sequence[Any]) -> Collection[Any]:
    known = [cell for cell in cells if cell is not None]
    return [min(known), max(known), *([None] if len(known) < len(cells) else [])]


@cache
def _kept_by(row_class: type) -> list[tuple[str, Callable[[Any], bool]]]:
    """By column, what each of its cells keeps."""
    promises: dict[str, list[Callable[[Any], bool]]] = defaultdict(list)
    fields = contract_of(row_class).fields
    nullable = {field.name for field in fields if field.nullable}
    for field in fields:
        if field.kind is Decimal:
            promises[field.name].append(Decimal.is_finite)  # a frame cannot hold another
    for rule in rules_of(row_class):
        if rule.promise not in ("required", "unique"):
            promises[rule.column].append(_promise(rule, rule.value))
    return [(name, partial(_keeps_all, promises[name], name in nullable)) for name in contract_of(row_class).names]


def _keeps_all(promises: Sequence[Callable[[Any], bool]], nullable: bool, cell: Any) -> bool:
    return nullable if cell is None else all(keeps(cell) for keeps in promises)


def _promise(rule: Rule, value: Any) -> Callable[[Any], bool]:
    """A bound that holds for one venue is asked of all: of another's rows that is doubt. NaN keeps no bound."""
    match rule.promise:
        case "finite":
            return math.isfinite
        case "at_least":
            return lambda cell: bool(cell >= value)
        case "above":
            return lambda cell: bool(cell > value)
        case "at_most":
            return lambda cell: bool(cell <= value)
        case "matches":
            whole = re.compile(value.regex).fullmatch
            return lambda cell: whole(cell) is not None
        case _:
            return frozenset(value).__contains__


def _rows(frame: pl.DataFrame, rule: Rule) -> list[int]:
    rows: list[int] = frame.select(_is_broken(rule).arg_true()).to_series().to_list()
    return rows


@cache
def _any_of_each(row_class: type) -> list[pl.Expr]:
    """Written once: eighty expressions take longer to write than to compute."""
    return [_is_broken(rule).any().alias(rule.name) for rule in rules_of(row_class)]


def _is_broken(rule: Rule) -> pl.Expr:
    """Null or false where the rule is kept. An empty cell breaks no rule but the one that requires it."""
    broken: pl.Expr = _breaks(rule, rule.value)
    return broken if rule.where is None else broken & (pl.col(rule.where[0]) == rule.where[1])


def _breaks(rule: Rule, value: Any) -> Any:
    cell = pl.col(rule.column)
    match rule.promise:
        case "required":
            return cell.is_null()
        case "finite":
            return ~cell.is_finite()
        case "at_least":
            return cell < value
        case "above":
            return cell <= value
        case "at_most":
            return cell > value  # NaN is above every number: that is polars' order
        case "matches":
            return ~cell.str.contains(anchored(value))
        case "one_of":
            return ~cell.is_in(value)
        case "unique":
            present = pl.all_horizontal(pl.col(name).is_not_null() for name in value)  # a part that is missing is named already
            return pl.struct(value).is_duplicated() & present


def anchored(pattern: Pattern) -> str:
    """The expression in polars' spelling; there, `$` is the very end."""
    return f"^(?:{pattern.regex})$"
