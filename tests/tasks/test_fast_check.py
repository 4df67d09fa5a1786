"""Every rule of every contract: one good and one bad row for each, made from the contract itself.

Each frame here holds one bad cell in each of many rows between good ones, and every breach must be named: this row, this column, this rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from math import inf, nan
from typing import Any

import polars as pl
import pytest

from data_contracts import ROW_CLASSES, Fill, Position, Signal, Trade, Venue, WalletProfile, Watermark, contract_of
from data_contracts.columns import BASE64, FILLED, HASH, WALLET, WRITABLE, Pattern
from data_contracts.contract import Field
from data_contracts.frames import empty, schema_of
from data_contracts.rules import Promise, Rule, rules_of
from tasks import fast_check
from tasks.fast_check import breaches

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
BAD_TEXTS: dict[Pattern, list[str]] = {
    BASE64: ["a", "abc", "ab==c", "a b=", "abcd\n"],
    WRITABLE: ["\0", "a\0b"],
    FILLED: ["", " ", " \n", "\u2003\x1f", "a\0"],
    HASH: ["f" * 31, "f" * 33, "F" * 32, "g" * 32, "f" * 32 + "\n"],
    WALLET: ["", "0x" + "a" * 39, "0x" + "a" * 41, "0x" + "A" * 40, "name:", "name:two words", "0" * 32, "0x" + "a" * 40 + "\n"],
}
GOOD_TEXTS: dict[Pattern, list[str]] = {
    BASE64: ["", "AQ==", "AQI="],
    WRITABLE: ["", "\n", "\x1f"],
    FILLED: [" two words ", "two\nlines", "\u200b"],
    WALLET: ["So11111111111111111111111111111111111111112", "name:a-name"],
}

named = pytest.mark.parametrize("row_class", ROW_CLASSES, ids=lambda row_class: row_class.__name__)


@dataclass(frozen=True)
class Case:
    """A cell and the promises it breaks; none for a cell that is good. At Polymarket, unless it says otherwise."""

    column: str
    cell: Any
    promises: tuple[Promise, ...] = ()
    venue: Venue | None = None

    @property
    def change(self) -> dict[str, Any]:
        """What it makes another of a good row."""
        return {self.column: self.cell} | ({"venue": self.venue.value} if self.venue else {})


def good_cell(field: Field, number: int) -> Any:
    """A good cell that no other row has, where the kind has more than one."""
    column = field.column
    if field.kind is Venue:
        return Venue.POLYMARKET.value
    if issubclass(field.kind, Enum):
        return list(field.kind)[number % len(field.kind)].value
    if field.kind is str:
        texts = {HASH: f"{number:032x}", WALLET: f"0x{number:040x}", FILLED: f"name {number}", WRITABLE: f"text {number}", BASE64: "AQI="}
        return texts[column.pattern or WRITABLE]
    if field.kind is datetime:
        return AS_OF + timedelta(seconds=number)
    plain: dict[type, Any] = {Decimal: Decimal("0.5"), float: 0.5, int: number + (column.at_least or 0), bool: True}
    return plain[field.kind]


def unit(field: Field) -> Any:
    """The smallest step the column can hold."""
    return {Decimal: Decimal(1).scaleb(-field.column.scale), float: 1e-9, int: 1, datetime: timedelta(microseconds=1)}[field.kind]


def cases(field: Field) -> Iterator[Case]:
    """Each promise the column makes, a cell on either side of its boundary."""
    name, pattern = field.name, field.column.pattern or WRITABLE
    yield Case(name, None, () if field.nullable else ("required",))
    yield from bounds(field)
    if field.kind is float:
        yield from infinities(field)
    if field.kind is str:
        yield from (Case(name, text) for text in GOOD_TEXTS.get(pattern, []))
        yield from (Case(name, text, ("matches",)) for text in BAD_TEXTS[pattern])
    if issubclass(field.kind, Enum):
        yield from (Case(name, member.value) for member in field.kind)
        yield Case(name, next(iter(field.kind)).value.swapcase(), ("one_of",))


def bounds(field: Field) -> Iterator[Case]:
    low, above, high = field.column.at_least, field.column.above, field.column.at_most
    typed: Any = (lambda bound: bound) if field.kind is datetime else field.kind
    if low is not None:
        yield from (Case(field.name, typed(low)), Case(field.name, typed(low) - unit(field), ("at_least",)))
    if above is not None:
        yield from (Case(field.name, typed(above) + unit(field)), Case(field.name, typed(above), ("above",)))
    if high is not None:
        yield from (Case(field.name, typed(high)), Case(field.name, typed(high) + unit(field), ("at_most",)))


def infinities(field: Field) -> Iterator[Case]:
    """NaN compares with nothing, and an OWRR of NaN once passed as "not asked": here it lies above every bound."""
    low, high = field.column.at_least is not None, field.column.at_most is not None
    yield Case(field.name, -inf, ("finite", "at_least") if low else ("finite",))
    yield Case(field.name, inf, ("finite", "at_most") if high else ("finite",))
    yield Case(field.name, nan, ("finite", "at_most") if high else ("finite",))


def bounds_of_a_venue(field: Field) -> Iterator[Case]:
    """Of Polymarket, where every good row is traded, and of what is said to be traded elsewhere."""
    for venue, bound in field.column.at_most_on:
        assert venue is Venue.POLYMARKET
        yield from (Case(field.name, Decimal(bound)), Case(field.name, bound + unit(field), ("at_most",)))
    for venue, bound in field.column.above_on:
        yield from (Case(field.name, bound + unit(field), venue=venue), Case(field.name, Decimal(bound), ("above",), venue))


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
    contract = contract_of(row_class)
    tried = [case for field in contract.fields for case in cases(field)]
    if "venue" in contract.names:
        tried += [case for field in contract.fields for case in bounds_of_a_venue(field)]
    checked = frame(row_class, *(change for case in tried for change in (case.change, {})))
    says = {(rule.column, rule.promise): rule.says for rule in rules_of(row_class)}
    expected = [(2 * row, case.column, says[case.column, promise]) for row, case in enumerate(tried) for promise in case.promises]
    assert found_in(checked, row_class) == sorted(expected)
    promised = {(column, text) for (column, _), text in says.items() if column != "key"}
    assert {(column, text) for _, column, text in expected} == promised  # none is untested


@named
def test_a_few_rows_are_held_against_the_same_rules_as_many(row_class: type) -> None:
    """A cycle has one row or two of most tables: they are asked about in Python first, and only where that has a doubt in polars."""
    contract = contract_of(row_class)
    tried = [
        case for field in contract.fields for case in (*cases(field), *(bounds_of_a_venue(field) if "venue" in contract.names else ()))
    ]
    says = {(rule.column, rule.promise): rule.says for rule in rules_of(row_class)}
    for case in tried:
        expected = sorted((0, case.column, says[case.column, promise]) for promise in case.promises)
        assert found_in(frame(row_class, case.change, {}), row_class) == expected, case


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
        other = {name: Venue.SOLANA.value} if fields[name].kind is Venue else {}  # good rows are all of one venue
        assert found_in(frame(row_class, same, same | other), row_class) == []


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
    assert found_in(frame(Signal, {"owrr": None}), Signal) == []
    assert found_in(frame(Signal, {"owrr": nan}), Signal) == [(0, "owrr", "must be a finite number"), (0, "owrr", "must be at most 1")]
    assert found_in(frame(WalletProfile, {"roi": inf}), WalletProfile) == [(0, "roi", "must be a finite number")]


def test_a_bound_is_held_to_its_last_digit() -> None:
    """As floats 1 and 1.0000000001 are told apart, but 123456789012.000001 and its neighbour would not be."""
    assert found_in(frame(Trade, {"price": Decimal("1.0000000001")}), Trade) == [(0, "price", "must be at most 1 on polymarket")]
    assert found_in(frame(Trade, {"shares": Decimal("0.000001")}), Trade) == []


@named
def test_no_rows_break_no_rules(row_class: type) -> None:
    assert breaches(empty(row_class), row_class) == []


def test_a_check_does_not_remember_the_frame_before() -> None:
    bad, good = frame(Watermark, {"name": " "}), frame(Watermark, {})
    assert [len(breaches(checked, Watermark)) for checked in (bad, good, bad, good)] == [1, 0, 1, 0]


def test_a_rule_that_could_not_be_asked_is_no_rule_that_was_kept() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="name"):
        breaches(frame(Watermark, {}).drop("name"), Watermark)


def test_a_rule_of_one_venue_is_held_against_its_own_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A price of 172.5 is none on Polymarket, and an ordinary one elsewhere."""
    rule = Rule("shares", "at_most", "must be at most 1", 1, ("source", "polymarket"))
    monkeypatch.setattr(fast_check, "rules_of", lambda _: (rule,))
    for written in (fast_check._any_of_each, fast_check._kept_by):
        written.cache_clear()
    checked = frame(Trade, *({"source": source, "shares": Decimal(shares)} for source in ("polymarket", "other") for shares in (1, 2)))
    assert found_in(checked, Trade) == [(1, "shares", "must be at most 1")]
    for written in (fast_check._any_of_each, fast_check._kept_by):
        written.cache_clear()


def test_a_text_that_a_store_cannot_hold_is_set_aside() -> None:
    """PostgreSQL takes no NUL: one outcome with it in its name lost all rows that were written with it."""
    assert found_in(frame(Signal, {}, {"category": "a\0b"}), Signal) == [(1, "category", "must be text without a NUL character")]
