"""Every rule of every contract: one good and one bad row for each, made from the contract itself.

A suite has an expectation per distinct rule over all columns that share it, so what could go wrong is telling whose cell was bad. Each
frame here holds one bad cell in each of many rows between good ones, and every breach must be named: this row, this column, this rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from math import inf, nan
from typing import Any

import pandas as pd
import polars as pl
import pytest
from great_expectations.exceptions import MetricResolutionError

from data_contracts import ROW_CLASSES, Fill, Position, Signal, Trade, WalletProfile, Watermark, contract_of
from data_contracts.columns import FILLED, HASH, WALLET
from data_contracts.contract import Field
from data_contracts.frames import empty, schema_of
from tasks.expectations import breaches, rules_of, unexpected

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
BAD_TEXTS = {
    FILLED: [" ", " \n"],
    HASH: ["f" * 31, "f" * 33, "F" * 32, "g" * 32, "f" * 32 + "\n"],
    WALLET: ["", "0x" + "a" * 39, "0x" + "a" * 41, "0x" + "A" * 40, "name:", "name:two words", "0" * 32, "0x" + "a" * 40 + "\n"],
}
GOOD_TEXTS = {FILLED: [" two words "], WALLET: ["So11111111111111111111111111111111111111112", "name:a-name"]}

named = pytest.mark.parametrize("row_class", ROW_CLASSES, ids=lambda row_class: row_class.__name__)


@dataclass(frozen=True)
class Case:
    """A cell, and a part of the rule it breaks; no rule for a cell that is good."""

    column: str
    cell: Any
    rule: str | None


def good_cell(field: Field, number: int) -> Any:
    """A good cell that no other row has, where the kind has more than one."""
    column = field.column
    if issubclass(field.kind, Enum):
        return list(field.kind)[number % len(field.kind)].value
    if field.kind is str:
        return (
            {HASH: f"{number:032x}", WALLET: f"0x{number:040x}", FILLED: f"name {number}"}[column.pattern]
            if column.pattern
            else f"text {number}"
        )
    if field.kind is datetime:
        return AS_OF + timedelta(seconds=number)
    plain: dict[type, Any] = {Decimal: Decimal("0.5"), float: 0.5, int: number + (column.at_least or 0), bool: True}
    return plain[field.kind]


def unit(field: Field) -> Any:
    """The smallest step the column can hold."""
    return {Decimal: Decimal(1).scaleb(-field.column.scale), float: 1e-9, int: 1}[field.kind]


def cases(field: Field) -> Iterator[Case]:
    """Each rule the column carries, a cell on either side of its boundary."""
    name, column = field.name, field.column
    yield Case(name, None, None if field.nullable else "is required")
    if field.kind in (Decimal, float, int):
        kind: Any = field.kind
        if column.at_least is not None:
            yield Case(name, kind(column.at_least), None)
            yield Case(name, kind(column.at_least) - unit(field), f"must be at least {column.at_least}")
        if column.above is not None:
            yield Case(name, kind(column.above) + unit(field), None)
            yield Case(name, kind(column.above), f"must be above {column.above}")
        if column.at_most is not None:
            yield Case(name, kind(column.at_most), None)
            yield Case(name, kind(column.at_most) + unit(field), f"must be at most {column.at_most}")
    if field.kind is float:
        yield Case(name, nan, "must be finite")
        yield Case(name, inf, "must be finite")
        yield Case(name, -inf, "must be finite")
    if field.kind is str and column.pattern:
        for text in GOOD_TEXTS.get(column.pattern, []):
            yield Case(name, text, None)
        for text in BAD_TEXTS[column.pattern]:
            yield Case(name, text, f"must match {column.pattern}")
    if issubclass(field.kind, Enum):
        for member in field.kind:
            yield Case(name, member.value, None)
        yield Case(name, next(iter(field.kind)).value.swapcase(), "must be ")


def frame(row_class: type, *changes: dict[str, Any]) -> pl.DataFrame:
    """A good row for each change, with the change made in it."""
    fields = contract_of(row_class).fields
    rows = [{field.name: good_cell(field, number) for field in fields} | change for number, change in enumerate(changes)]
    return pl.DataFrame(rows, schema=schema_of(row_class))


def found_in(checked: pl.DataFrame, row_class: type) -> list[tuple[int, str, str]]:
    return sorted((breach.row, breach.column, breach.rule) for breach in breaches(checked, row_class))


@named
def test_good_rows_break_nothing(row_class: type) -> None:
    assert found_in(frame(row_class, {}, {}, {}), row_class) == []


@named
def test_each_bad_cell_is_named_with_its_row_its_column_and_its_rule_and_nothing_else_is(row_class: type) -> None:
    tried = [case for field in contract_of(row_class).fields for case in cases(field)]
    checked = frame(row_class, *(change for case in tried for change in ({case.column: case.cell}, {})))
    found = found_in(checked, row_class)
    expected = [(2 * number, case.column, case.rule) for number, case in enumerate(tried) if case.rule]
    assert [breach[:2] for breach in found] == [breach[:2] for breach in expected]
    assert [breach for breach, wanted in zip(found, expected, strict=True) if str(wanted[2]) not in breach[2]] == []
    promised = {(column, text) for rule in rules_of(row_class) for column, text in rule.says.items() if column != "key"}
    assert {(column, text) for _, column, text in found} == promised  # none is untested


@named
def test_two_rows_of_the_same_key_are_both_named_and_the_others_are_not(row_class: type) -> None:
    key = contract_of(row_class).key
    checked = frame(row_class, {}, {}, {}, {})
    same = pl.concat([checked, checked[1].with_columns(checked[1][name] for name in key)])
    rule = f"({', '.join(key)}) must be unique"
    assert found_in(same, row_class) == [(1, "key", rule), (4, "key", rule)]


@named
def test_rows_that_differ_in_one_part_of_the_key_are_different_rows(row_class: type) -> None:
    fields = {field.name: field for field in contract_of(row_class).fields}
    for name in contract_of(row_class).key:
        same = {part: good_cell(fields[part], 7) for part in contract_of(row_class).key if part != name}
        assert found_in(frame(row_class, same, same), row_class) == []


def test_where_the_parts_of_a_key_meet_is_part_of_the_key() -> None:
    """(1, 11) and (11, 1) would be the same text without a separator."""
    one, other = {"strategy_id": "1", "leader": "name:a", "token_id": "1a"}, {"strategy_id": "1", "leader": "name:a1", "token_id": "a"}
    assert found_in(frame(Position, one, other), Position) == []


def test_every_rule_a_row_breaks_is_named() -> None:
    bad = {"price": Decimal("1.5"), "shares": Decimal(0), "side": "LEND", "wallet": "me", "notional": None, "ordinal": -1}
    assert [(row, column) for row, column, _ in found_in(frame(Trade, {}, bad, {}), Trade)] == [(1, column) for column in sorted(bad)]


def test_the_same_rule_in_two_columns_of_one_row_is_named_twice() -> None:
    found = found_in(frame(Fill, {}, {"notional": Decimal(-1), "fee": Decimal(-1)}), Fill)
    assert found == [(1, "fee", "must be at least 0"), (1, "notional", "must be at least 0")]


def test_a_breach_reads_as_a_sentence() -> None:
    (breach,) = breaches(frame(Fill, {"price": None}), Fill)
    assert str(breach) == "price is required"


@pytest.mark.parametrize("column", ["wallet", "side", "price", "ordinal", "traded_at"])
def test_a_column_that_is_all_null_is_all_named(column: str) -> None:
    """A source that lost a column: nothing of it may pass because there is nothing to look at."""
    found = found_in(frame(Trade, *[{column: None}] * 3), Trade)
    assert [(row, name) for row, name, rule in found if rule == "is required"] == [(0, column), (1, column), (2, column)]


def test_nothing_may_stand_where_a_statistic_cannot_be_had_but_not_a_number_that_is_none() -> None:
    """pandas reads NaN as nothing there: an OWRR of NaN once passed as "not asked", and any comparison with it is false."""
    assert found_in(frame(Signal, {"owrr": None}), Signal) == []
    assert found_in(frame(Signal, {"owrr": nan}), Signal) == [(0, "owrr", "must be finite and must be at least 0 and must be at most 1")]
    assert found_in(frame(WalletProfile, {"roi": inf}), WalletProfile) == [(0, "roi", "must be finite")]


@named
def test_no_rows_break_no_rules(row_class: type) -> None:
    assert breaches(empty(row_class), row_class) == []


def test_a_check_does_not_remember_the_frame_before() -> None:
    bad, good = frame(Watermark, {"name": " "}), frame(Watermark, {})
    assert [len(breaches(checked, Watermark)) for checked in (bad, good, bad, good)] == [1, 0, 1, 0]


def test_a_rule_that_could_not_be_asked_is_no_rule_that_was_kept() -> None:
    """Great Expectations catches what goes wrong inside a metric; a result without unexpected cells would then pass as a good one."""
    kinds = [rule.kind for rule in rules_of(Watermark)]
    cells = pd.DataFrame({kind: ["name=a"] for kind in kinds if kind != "worded"})
    with pytest.raises(MetricResolutionError, match="worded"):
        unexpected(cells, Watermark)
