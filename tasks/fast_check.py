"""The check between two steps of a cycle: which cells break a rule of their contract. Polars only: a good frame takes a millisecond.

What the rules are stands in `data_contracts/rules.py`. `tasks/contract_suites.py` asks the same of Great Expectations, for people to
read, and a test shows that both name the same rows.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from data_contracts.columns import Pattern
from data_contracts.rules import Rule, rules_of


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
    if not frame.height:
        return []
    broken = frame.select(_any_of_each(row_class)).row(0)  # a lazy query would take three times as long to plan
    named = zip(rules_of(row_class), broken, strict=True)
    return [Breach(row, rule.column, rule.says) for rule, any_broken in named if any_broken for row in _rows(frame, rule)]


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
