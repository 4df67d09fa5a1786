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

import numpy as np
import numpy.typing as npt
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


Cells = Callable[[pl.DataFrame, str], pl.Series]


@dataclass(frozen=True, slots=True)
class Rule:
    """What every cell of these columns must fulfil, and the expectation that says so of the rule's own column.

    A rule on texts looks at each distinct text once: a frame of signals has thousands of rows and a handful of words.
    """

    name: str
    columns: tuple[str, ...]
    cells: Cells
    expectation: Expectation
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """The cells of a rule, column under column. `rows` says which frame row a cell came from."""

    values: "npt.NDArray[Any]"
    columns: list[str]
    rows: "npt.NDArray[np.int64]"


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
    stacks = {rule.name: _stack(frame, rule) for rule in rules}
    cells = pd.DataFrame({name: pd.Series(stack.values) for name, stack in stacks.items()})
    batch = _definition().get_batch(batch_parameters={"dataframe": cells})
    if batch.validate(suite, result_format="BOOLEAN_ONLY").success:
        return []
    report = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    broken = [result for result in report.results if not result.success]
    by_name = {rule.name: rule for rule in rules}
    return [breach for result in broken for breach in _breaches_of(result, by_name, stacks, frame)]


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
        yield Rule(name, fields, _texts, ExpectColumnValuesToMatchRegex(column=name, regex=pattern), distinct=True)


def _vocabularies(contract: Contract) -> Iterable[Rule]:
    for (kind,), fields in _grouped(contract, lambda field: (field.kind if issubclass(field.kind, Enum) else None,)).items():
        words = [member.value for member in kind]
        name = f"must be one of {', '.join(words)}" if len(words) < 10 else f"must be a known {kind.__name__}"
        yield Rule(name, fields, _texts, ExpectColumnValuesToBeInSet(column=name, value_set=words), distinct=True)


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


def _texts(frame: pl.DataFrame, column: str) -> pl.Series:
    return frame[column]


def _stack(frame: pl.DataFrame, rule: Rule) -> Stack:
    values, columns, rows = [], [], []
    for column in rule.columns:
        cells = rule.cells(frame, column)
        places = cells.arg_unique().sort() if rule.distinct else pl.arange(0, len(cells), eager=True)
        values.append(cells.gather(places).to_numpy())
        columns += [column] * len(places)
        rows.append(places.to_numpy())
    return Stack(np.concatenate(values), columns, np.concatenate(rows).astype(np.int64))


def _breaches_of(result: Any, rules: dict[str, Rule], stacks: dict[str, Stack], frame: pl.DataFrame) -> Iterable[Breach]:
    rule = rules[result.expectation_config.kwargs["column"]]
    stack = stacks[rule.name]
    for cell in result.result.get("unexpected_index_list") or []:
        column, row = stack.columns[cell], int(stack.rows[cell])
        alike = frame.select((pl.col(column) == frame[column][row]).arg_true()).to_series() if rule.distinct else [row]
        yield from (Breach(int(one), column, rule.name) for one in alike)


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
