"""Each contract as an ordinary Great Expectations suite: one named expectation per column and rule, for people to read and for reports.

A cycle uses `tasks/fast_check.py`, which names the same rows within a millisecond; this takes about 10 ms an expectation.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
import great_expectations as gx
import great_expectations.expectations
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.row_conditions import Column

from data_contracts import contract_of
from data_contracts.columns import Pattern
from data_contracts.errors import Unsafe
from data_contracts.rules import Promise, Rule, rules_of

for chatty in ("great_expectations", "great_expectations.data_context.types.base"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

gxe: Any = great_expectations.expectations  # it exports its classes by name only
LARGEST = 1.7976931348623157e308  # of all finite numbers


def suite_of(row_class: type) -> gx.ExpectationSuite:
    """The suite of a contract, under its table's name."""
    return gx.ExpectationSuite(name=contract_of(row_class).table, expectations=[expectation_of(rule) for rule in rules_of(row_class)])


def expectation_of(rule: Rule) -> Any:
    """An expectation that carries its rule's name and words."""
    options: dict[str, Any] = {"description": f"{rule.name}: {rule.says}", "meta": {"name": rule.name}}
    if rule.where is not None:
        options["row_condition"] = Column(rule.where[0]) == rule.where[1]
    return EXPECTATIONS[rule.promise](rule, options)


def _unique(rule: Rule, options: dict[str, Any]) -> Any:
    names = list(_columns(rule))
    if len(names) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=names[0], **options)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=names, ignore_row_if="any_value_is_missing", **options)


def _matches(rule: Rule, options: dict[str, Any]) -> Any:
    assert isinstance(rule.value, Pattern)  # noqa: S101 (a rule that matches has a pattern)
    return gxe.ExpectColumnValuesToMatchRegex(column=rule.column, regex=rf"\A(?:{rule.value.regex})\Z", **options)


def _between(**bounds: str) -> Callable[[Rule, dict[str, Any]], Any]:
    def expect(rule: Rule, options: dict[str, Any]) -> Any:
        value = rule.value.isoformat() if isinstance(rule.value, datetime) else rule.value
        given = {name: value if bound == "value" else True for name, bound in bounds.items()}
        return gxe.ExpectColumnValuesToBeBetween(column=rule.column, **given, **options)

    return expect


EXPECTATIONS: dict[Promise, Callable[[Rule, dict[str, Any]], Any]] = {
    "required": lambda rule, options: gxe.ExpectColumnValuesToNotBeNull(column=rule.column, **options),
    "finite": lambda rule, options: gxe.ExpectColumnValuesToBeBetween(column=rule.column, min_value=-LARGEST, max_value=LARGEST, **options),
    "at_least": _between(min_value="value"),
    "above": _between(min_value="value", strict_min="true"),
    "at_most": _between(max_value="value"),
    "matches": _matches,
    "one_of": lambda rule, options: gxe.ExpectColumnValuesToBeInSet(column=rule.column, value_set=list(_columns(rule)), **options),
    "unique": _unique,
}


def _columns(rule: Rule) -> tuple[str, ...]:
    assert isinstance(rule.value, tuple)  # noqa: S101 (words, or the names of columns)
    return rule.value


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a frame that break one rule."""

    rule: Rule
    rows: tuple[int, ...]


class Suites:
    """Great Expectations with the suite of each of these contracts; what is validated is remembered for the pages."""

    def __init__(self, row_classes: Sequence[type]) -> None:
        self._context: Any = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._definitions: dict[str, Any] = {}
        self._source = self._context.data_sources.add_pandas("walletflow")
        for row_class in row_classes:
            self._context.suites.add(suite_of(row_class))

    def validate(self, frame: pl.DataFrame, row_class: type) -> list[Result]:
        """Rule by rule. Raises Unsafe where an expectation could not be asked: what was not looked at has not passed."""
        report = self._definition(contract_of(row_class).table).run(
            batch_parameters={"dataframe": as_pandas(frame)}, result_format={"result_format": "COMPLETE"}
        )
        found = {str(one.expectation_config.meta["name"]): one for one in report.results}
        return [Result(rule, _rows(found[rule.name])) for rule in rules_of(row_class)]

    def write_pages(self, directory: Path) -> None:
        """Great Expectations' own pages of all suites, and of what was validated with them."""
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(directory)}
        index = {"class_name": "DefaultSiteIndexBuilder"}
        site = {"class_name": "SiteBuilder", "show_how_to_buttons": False, "site_index_builder": index, "store_backend": store}
        self._context.add_data_docs_site(site_name="contracts", site_config=site)
        self._context.build_data_docs(site_names=["contracts"])

    def _definition(self, table: str) -> Any:
        """What is validated by what, made at its first use."""
        if table not in self._definitions:
            batch = self._source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("rows")
            definition = gx.ValidationDefinition(name=table, data=batch, suite=self._context.suites.get(table))
            self._definitions[table] = self._context.validation_definitions.add(definition)
        return self._definitions[table]


def _rows(result: Any) -> tuple[int, ...]:
    if result.exception_info.get("raised_exception") or "raised_exception" not in result.exception_info:
        raise Unsafe(f"great expectations could not ask {result.expectation_config.meta['name']}: {result.exception_info}")
    return tuple(int(row) for row in result.result.get("unexpected_index_list") or ())


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """Python's own values: a Decimal stays exact. pandas takes NaN for an empty cell, so it comes as the infinity it counts as."""
    finite = frame.with_columns(pl.col(pl.Float64).fill_nan(float("inf")))
    return pd.DataFrame({column.name: pd.Series(column.to_list(), dtype=_pandas_type(column.dtype)) for column in finite})


def _pandas_type(dtype: pl.DataType) -> str:
    return "datetime64[us, UTC]" if isinstance(dtype, pl.Datetime) else "object"
