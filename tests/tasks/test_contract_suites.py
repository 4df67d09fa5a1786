"""The suites people read say the same as the fast check of a cycle: of any frame, both name the same rows by the same rules."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from math import inf, nan
from random import Random
from typing import Any

import pandas as pd
import polars as pl
import pytest

from data_contracts import ROW_CLASSES, Watermark, contract_of
from data_contracts.contract import Field
from data_contracts.errors import Unsafe
from data_contracts.frames import schema_of
from data_contracts.rules import Rule, rules_of
from tasks.contract_suites import Suites, expectation_of, gx, suite_of
from tasks.fast_check import breaches

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
ODD_TEXTS = [
    "",
    " ",
    "\n",
    "\x1f",
    "\u2003",
    "\u200b",
    "a\0b",
    "\0",
    "name:",
    "name:a b",
    "name:a\x1f",
    "f" * 32,
    "F" * 32,
    "f" * 32 + "\n",
]
ODD_TEXTS += [
    "0x" + "a" * 40,
    "0x" + "A" * 40,
    "0x" + "a" * 41,
    "So11111111111111111111111111111111111111112",
    "0" * 32,
    "BUY",
    "buy",
    "BUY ",
]
CHARACTERS = [*range(0xD800), *range(0xE000, 0x110000)]  # all but halves of a surrogate pair
ROWS = 60  # of a few values each, so that keys repeat

named = pytest.mark.parametrize("row_class", ROW_CLASSES, ids=lambda row_class: row_class.__name__)


def cells(field: Field, texts: list[str]) -> list[Any]:
    """Good and odd ones of the column's type, on its bounds and beside them."""
    bounds = [bound for bound in (field.column.at_least, field.column.above, field.column.at_most) if bound is not None]
    if field.kind is datetime:
        step = [timedelta(microseconds=change) for change in (-1, 0, 1)]
        return [None, AS_OF, *(bound + change for bound in bounds for change in step if isinstance(bound, datetime))]
    if field.kind is Decimal:
        unit = Decimal(1).scaleb(-field.column.scale)
        return [
            None,
            Decimal("0.5"),
            Decimal("99999"),
            *(Decimal(str(bound)) + change for bound in bounds for change in (-unit, Decimal(0), unit)),
        ]
    if field.kind is float:
        return [None, 0.5, nan, inf, -inf, 1e308, *(float(str(bound)) + change for bound in bounds for change in (-1e-12, 0.0, 1e-12))]
    if field.kind is int:
        return [None, 3, 2**62, *(int(str(bound)) + change for bound in bounds for change in (-1, 0, 1))]
    if field.kind is bool:
        return [None, True, False]
    words = [member.value for member in field.kind] if issubclass(field.kind, Enum) else []
    return [None, *words, *texts]


def frame(row_class: type, chance: Random, texts: list[str]) -> pl.DataFrame:
    pools = {field.name: cells(field, texts) for field in contract_of(row_class).fields}
    rows = [{name: chance.choice(pool) for name, pool in pools.items()} for _ in range(ROWS)]
    return pl.DataFrame(rows, schema=schema_of(row_class), orient="row")


@pytest.fixture(autouse=True, scope="module")
def _shallow() -> Iterator[None]:
    """For each Decimal it shows, Great Expectations walks the stack up; pytest's is deep, and that took nine tenths of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("great_expectations.util.convert_decimal_to_float", lambda d: float(d))
        yield


@named
def test_a_suite_breaks_the_rows_that_the_fast_check_breaks(row_class: type) -> None:
    """One frame for each class: a suite's work is its rules, whatever the number of rows."""
    chance = Random(row_class.__name__)
    texts = ["".join(map(chr, chance.choices(CHARACTERS, k=chance.randrange(6)))) for _ in range(10)]
    odd = frame(row_class, chance, [*ODD_TEXTS, *texts, *(f"name:{text}" for text in texts)])
    by_suite = {(row, result.rule.column, result.rule.says) for result in suites().validate(odd, row_class) for row in result.rows}
    assert by_suite == {(breach.row, breach.column, breach.rule) for breach in breaches(odd, row_class)}


@cache
def suites() -> Suites:
    return Suites(ROW_CLASSES)


@named
def test_a_suite_has_one_named_expectation_for_each_rule_and_says_it_in_words(row_class: type) -> None:
    suite = suite_of(row_class)
    assert [expectation.meta and expectation.meta["name"] for expectation in suite.expectations] == [r.name for r in rules_of(row_class)]
    assert len({rule.name for rule in rules_of(row_class)}) == len(rules_of(row_class))
    assert all(expectation.description for expectation in suite.expectations)


def test_a_rule_of_one_venue_is_asked_of_its_rows_only() -> None:
    """The suite of a venue's own bound: a price of 2 is one too many on polymarket, and none elsewhere."""
    rule = Rule("price", "at_most", "must be at most 1", 1, ("venue", "polymarket"))
    found = gx.ExpectationSuite(name="prices", expectations=[expectation_of(rule)])
    prices = pd.DataFrame({"venue": ["polymarket", "polymarket", "other", None], "price": [Decimal(1), Decimal(2), Decimal(2), Decimal(2)]})
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("prices").add_dataframe_asset("prices")
    batch = source.add_batch_definition_whole_dataframe("rows").get_batch(batch_parameters={"dataframe": prices})
    report = batch.validate(found, result_format={"result_format": "COMPLETE"})
    assert [result.result["unexpected_index_list"] for result in report.results] == [[1]]


def test_an_expectation_that_could_not_be_asked_has_not_passed() -> None:
    with pytest.raises(Unsafe, match="name_required"):
        Suites([Watermark]).validate(frame(Watermark, Random(1), ODD_TEXTS).drop("name"), Watermark)
