"""A contract as a Great Expectations suite: one expectation per distinct rule, over all columns that share it.

Great Expectations takes about 5 ms an expectation, whatever the number of rows. A suite of one expectation per column and rule (38 for
signals) took 190 ms of a cycle; laid out by rule it is a quarter of that. So the checked frame has one column per rule, and its index says
which row and which column a cell came from.
"""

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import pandas as pd
import polars as pl

from data_contracts import contract_of
from data_contracts.contract import Contract, Field

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
import great_expectations as gx
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
from great_expectations.expectations.core.expect_column_values_to_match_regex import ExpectColumnValuesToMatchRegex
from great_expectations.expectations.expectation import Expectation

logging.getLogger("great_expectations").setLevel(logging.WARNING)
NUMBERS = (Decimal, int, float)


@dataclass(frozen=True, slots=True)
class Rule:
    """What every cell of these columns must fulfil, and the expectation that says so of the rule's own column."""

    name: str
    columns: tuple[str, ...]
    cells: Callable[[pl.DataFrame, str], pl.Series]
    expectation: Expectation


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
    suite, rules = _suite_of(row_class)
    cells = _cells(frame, rules)
    batch = _definition().get_batch(batch_parameters={"dataframe": cells})
    if batch.validate(suite, result_format="BOOLEAN_ONLY").success:
        return []
    report = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    return [breach for result in report.results if not result.success for breach in _breaches_of(result, rules, frame.height)]


@cache
def rules_of(row_class: type) -> list[Rule]:
    """The distinct rules of a contract."""
    contract = contract_of(row_class)
    found = [_required(contract), *_bounds(contract), *_patterns(contract), *_vocabularies(contract), _unique(contract)]
    return [rule for rule in found if rule.columns]


def _required(contract: Contract) -> Rule:
    columns = tuple(field.name for field in contract.fields if not field.nullable)
    name = "is required"
    return Rule(name, columns, _is_missing, ExpectColumnValuesToBeInSet(column=name, value_set=[0]))


def _bounds(contract: Contract) -> Iterable[Rule]:
    for (at_least, above, at_most), fields in _grouped(contract, lambda field: _range(field)).items():
        words = [("must be at least", at_least), ("must be above", above), ("must be at most", at_most)]
        name = " and ".join(f"{word} {bound}" for word, bound in words if bound is not None)
        low = at_least if above is None else above
        expectation = ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=at_most, strict_min=above is not None)
        yield Rule(name, fields, lambda frame, column: frame[column].cast(pl.Float64), expectation)


def _patterns(contract: Contract) -> Iterable[Rule]:
    for (pattern,), fields in _grouped(contract, lambda field: (field.column.pattern,)).items():
        name = f"must match {pattern}"
        yield Rule(name, fields, lambda frame, column: frame[column], ExpectColumnValuesToMatchRegex(column=name, regex=pattern))


def _vocabularies(contract: Contract) -> Iterable[Rule]:
    for (kind,), fields in _grouped(contract, lambda field: (field.kind if issubclass(field.kind, Enum) else None,)).items():
        words = [member.value for member in kind]
        name = f"must be one of {', '.join(words)}" if len(words) < 10 else f"must be a known {kind.__name__}"
        yield Rule(name, fields, lambda frame, column: frame[column], ExpectColumnValuesToBeInSet(column=name, value_set=words))


def _unique(contract: Contract) -> Rule:
    name = f"({', '.join(contract.key)}) must be unique"
    key = contract.key

    def cells(frame: pl.DataFrame, column: str) -> pl.Series:
        return frame.select(pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator="\x1f", ignore_nulls=True)).to_series()

    return Rule(name, ("key",), cells, ExpectColumnValuesToBeUnique(column=name))


def _range(field: Field) -> tuple[int | None, int | None, int | None]:
    column = field.column
    return (column.at_least, column.above, column.at_most) if field.kind in NUMBERS else (None, None, None)


def _grouped(contract: Contract, trait: Callable[[Field], tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[str, ...]]:
    """Column names by a trait they share, without those that do not have it."""
    groups: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for field in contract.fields:
        value = trait(field)
        if any(part is not None for part in value):
            groups[value] = (*groups.get(value, ()), field.name)
    return groups


def _is_missing(frame: pl.DataFrame, column: str) -> pl.Series:
    values = frame[column]
    missing = values.is_null() | values.is_nan() if values.dtype == pl.Float64 else values.is_null()
    return missing.cast(pl.Float64)


def _cells(frame: pl.DataFrame, rules: list[Rule]) -> pd.DataFrame:
    """One column per rule: the cells of its columns, one column after the other. Great Expectations ignores the empty rest."""
    stacked = {rule.name: [value for column in rule.columns for value in rule.cells(frame, column).to_list()] for rule in rules}
    return pd.DataFrame({name: pd.Series(cells, dtype=_pandas_type(cells)) for name, cells in stacked.items()})


def _pandas_type(cells: list[Any]) -> Any:
    return object if any(isinstance(cell, str) for cell in cells) else "float64"


def _breaches_of(result: Any, rules: list[Rule], height: int) -> list[Breach]:
    rule = next(rule for rule in rules if rule.name == result.expectation_config.kwargs["column"])
    cells = result.result.get("unexpected_index_list") or []
    return [Breach(cell % height, rule.columns[cell // height], rule.name) for cell in cells]


@cache
def _suite_of(row_class: type) -> tuple[gx.ExpectationSuite, list[Rule]]:
    rules = rules_of(row_class)
    suite = _context().suites.add(gx.ExpectationSuite(name=contract_of(row_class).table))
    for rule in rules:
        suite.add_expectation(rule.expectation)
    return suite, rules


@cache
def _context() -> Any:
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


@cache
def _definition() -> BatchDefinition[Any]:
    """Kept: making one for each check takes longer than the check."""
    asset = _context().data_sources.add_pandas("rules").add_dataframe_asset("cells")
    definition: BatchDefinition[Any] = asset.add_batch_definition_whole_dataframe("all")
    return definition
