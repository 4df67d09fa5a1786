"""A contract as a Great Expectations suite of four: nothing is missing, numbers lie within their bounds, texts match, keys are unique.

Great Expectations takes about 5 ms an expectation, whatever the number of rows. One expectation per column and rule (38 for signals) took
190 ms of a cycle's second, five times over. So the checked frame has one column per kind of rule, all cells of the contract's columns under
each other, and its index says which column and which row a cell came from. What a cell breaks is told by its column's own declaration.

Most frames are good, and of those only one thing is wanted: the number of unexpected cells of each expectation, which succeeds when there
are none. What must be computed for that depends on the suite alone, so it is worked out once; then a check takes 6 ms, not 28, of which
most went into planning the same metrics anew and hashing the frame. Only a frame with an unexpected cell is validated, cell by cell.
"""

import logging
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, cast

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
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
from great_expectations.expectations.core.expect_column_values_to_match_regex import ExpectColumnValuesToMatchRegex
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.metrics_calculator import MetricsCalculator
from great_expectations.validator.validation_graph import MetricEdge, ValidationGraph

for chatty in ("great_expectations", "great_expectations.data_context.types.base"):
    logging.getLogger(chatty).setLevel(logging.WARNING)
pd.set_option("mode.string_storage", "python")  # Arrow's would parse a rule's expression anew for each frame: up to a third of a check
NUMBERS = (Decimal, int, float)
INSIDE, OUTSIDE = pl.lit(1.0), pl.lit(-1.0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of rule: the columns it is about, how their cells look to its expectation, what it says of each column.

    A rule on texts looks at each distinct text once: a frame of signals has thousands of rows and a handful of words.
    """

    kind: str
    says: dict[str, str]
    cells: Callable[[str], pl.Expr]
    expectation: ColumnMapExpectation
    distinct: bool = False
    stacked: list[pl.Expr] = field(init=False)  # `cells` of each column, written once: forty expressions take 0.4 ms

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacked", [self.cells(column).alias(column) for column in self.says])


@dataclass(frozen=True, slots=True)
class Stack:
    """The cells of a rule, column under column, and of each column the frame rows they came from."""

    values: "npt.NDArray[Any]"
    rows: dict[str, Sequence[int] | pl.Series]

    def place(self, cell: int) -> tuple[str, int]:
        """Column and row."""
        for column, rows in self.rows.items():
            if cell < len(rows):
                return column, int(rows[cell])
            cell -= len(rows)
        raise IndexError("no such cell")


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
    stacks = {rule.kind: _stack(frame, rule) for rule in rules}
    cells = pd.DataFrame({kind: pd.Series(stack.values) for kind, stack in stacks.items()})
    if not any(unexpected(cells, row_class)):
        return []
    report = _definition().get_batch(batch_parameters={"dataframe": cells}).validate(suite, result_format={"result_format": "COMPLETE"})
    broken = [result for result in report.results if not result.success]
    by_kind = {rule.kind: rule for rule in rules}
    return [breach for result in broken for breach in _breaches_of(result, by_kind, stacks, frame)]


def unexpected(cells: pd.DataFrame, row_class: type) -> list[int]:
    """How many cells of each rule are not as expected. A metric that cannot be computed raises: it must not pass as none."""
    edges, counts = _metrics_of(row_class)
    engine = PandasExecutionEngine(batch_data_dict={"cells": cells})
    graph = ValidationGraph(execution_engine=engine, edges=edges)
    found, _ = graph.resolve(runtime_configuration={"catch_exceptions": False}, show_progress_bars=False)
    return [int(cast(int, found[count.id])) for count in counts]


@cache
def _metrics_of(row_class: type) -> tuple[list[MetricEdge], list[MetricConfiguration]]:
    """What depends on what when the unexpected cells of a suite are counted, and the counts themselves."""
    engine = PandasExecutionEngine()
    counts = [_count_of(rule.expectation, engine) for rule in rules_of(row_class)]
    return MetricsCalculator(engine, show_progress_bars=False).build_metric_dependency_graph(counts).edges, counts


def _count_of(expectation: ColumnMapExpectation, engine: PandasExecutionEngine) -> MetricConfiguration:
    """The number an expectation's success is judged by, as the expectation itself asks for it."""
    asked = expectation.get_validation_dependencies(engine, {"result_format": "BOOLEAN_ONLY"}).metric_configurations
    (count,) = [metric for name, metric in asked.items() if name == f"{expectation.map_metric}.unexpected_count"]
    return count


@cache
def rules_of(row_class: type) -> list[Rule]:
    """The rules of a contract, by kind; a kind no column has is left out."""
    contract = contract_of(row_class)
    return [rule for rule in (_required(contract), _bounded(contract), _worded(contract), _unique(contract)) if rule.says]


def _required(contract: Contract) -> Rule:
    def is_missing(column: str) -> pl.Expr:
        return pl.col(column).is_null().cast(pl.Float64)

    says = {field.name: "is required" for field in contract.fields if not field.nullable}
    return Rule("required", says, is_missing, ExpectColumnValuesToBeInSet(column="required", value_set=[0]))


def _bounded(contract: Contract) -> Rule:
    bounded = {field.name: field.column for field in contract.fields if field.kind in NUMBERS and _bounds_text(field)}

    def margin(name: str) -> pl.Expr:
        """How far inside its bounds a value lies; below 0 outside."""
        column, value = bounded[name], pl.col(name).cast(pl.Float64)
        distances = [value - bound for bound in (column.at_least,) if bound is not None]
        distances += [bound - value for bound in (column.at_most,) if bound is not None]
        if column.above is not None:  # on an open bound is outside
            distances.append(pl.when(value > column.above).then(value - column.above).when(value.is_not_null()).then(OUTSIDE))
        inside = pl.min_horizontal(INSIDE, *distances)
        # Great Expectations takes NaN for an empty cell, so none may reach it.
        return pl.when(value.is_finite()).then(inside).when(value.is_not_null()).then(OUTSIDE)

    says = {field.name: _bounds_text(field) for field in contract.fields if field.name in bounded}
    return Rule("bounded", says, margin, ExpectColumnValuesToBeBetween(column="bounded", min_value=0))


def _worded(contract: Contract) -> Rule:
    patterns = {field.name: pattern for field in contract.fields if (pattern := _pattern(field))}
    anywhere = "|".join(f"{re.escape(name)}={pattern}" for name, pattern in patterns.items())

    def named(column: str) -> pl.Expr:
        """Each text behind the name of its column: one expression can then hold every column to its own pattern."""
        return pl.format(f"{column}={{}}", pl.col(column))

    # \Z: $ would let a line break pass at the end.
    says = {field.name: _pattern_text(field) for field in contract.fields if field.name in patterns}
    return Rule("worded", says, named, ExpectColumnValuesToMatchRegex(column="worded", regex=f"^(?:{anywhere})\\Z"), distinct=True)


def _unique(contract: Contract) -> Rule:
    def keys(column: str) -> pl.Expr:
        key = [pl.col(name).cast(pl.String) for name in contract.key]
        return pl.concat_str(key, separator="\x1f")  # null where a part is missing: that is named already, and equals no other key

    return Rule("unique", {"key": f"({', '.join(contract.key)}) must be unique"}, keys, ExpectColumnValuesToBeUnique(column="unique"))


def _bounds_text(field: Field) -> str:
    column = field.column
    finite = ["must be finite"] if field.kind is float else []
    words = [("must be at least", column.at_least), ("must be above", column.above), ("must be at most", column.at_most)]
    return " and ".join([*finite, *(f"{word} {bound}" for word, bound in words if bound is not None)])


def _pattern(field: Field) -> str | None:
    """The whole text, without anchors."""
    if issubclass(field.kind, Enum):
        return f"(?:{'|'.join(re.escape(member.value) for member in field.kind)})"
    return field.column.pattern


def _pattern_text(field: Field) -> str:
    if not issubclass(field.kind, Enum):
        return f"must match {field.column.pattern}"
    words = [member.value for member in field.kind]
    return f"must be one of {', '.join(words)}" if len(words) < 10 else f"must be a known {field.kind.__name__}"


def _stack(frame: pl.DataFrame, rule: Rule) -> Stack:
    cells = frame.select(rule.stacked)
    if not rule.distinct:
        every = range(frame.height)
        return Stack(cells.to_numpy(order="fortran").ravel(order="F"), dict.fromkeys(cells.columns, every))
    rows = {column: cells[column].arg_unique() for column in cells.columns}
    return Stack(np.concatenate([cells[column].gather(places).to_numpy() for column, places in rows.items()]), dict(rows))


def _breaches_of(result: Any, rules: dict[str, Rule], stacks: dict[str, Stack], frame: pl.DataFrame) -> Iterable[Breach]:
    rule = rules[result.expectation_config.kwargs["column"]]
    stack = stacks[rule.kind]
    for cell in result.result.get("unexpected_index_list") or []:
        column, row = stack.place(cell)
        alike = frame.select((pl.col(column) == frame[column][row]).arg_true()).to_series() if rule.distinct else [row]
        yield from (Breach(int(one), column, rule.says[column]) for one in alike)


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
