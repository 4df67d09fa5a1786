"""What a store of results promises. Postgres and memory take the same tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores.postgres import PostgresResults
from adapters.stores.results import Results, Write
from data_contracts import (
    ROW_CLASSES,
    Confidence,
    Consensus,
    Equity,
    Leader,
    Order,
    OrderStatus,
    Position,
    Reason,
    Strategy,
    Watermark,
    contract_of,
)
from data_contracts.errors import Unavailable
from data_contracts.frames import empty, frame_of, rows_of, schema_of
from tests.ledger_rows import a_point

Build = Callable[..., Any]
RESULTS = [row_class for row_class in ROW_CLASSES if contract_of(row_class).store == "postgres"]


def write(store: Results, rows: list[Any], how: Any = "add") -> None:
    store.write([Write(type(rows[0]), frame_of(rows, type(rows[0])), how)])


def mark(name: str, at: datetime) -> Watermark:
    return Watermark(name=name, reached_at=at)


@pytest.mark.parametrize("row_class", RESULTS, ids=lambda row_class: row_class.__name__)
@given(data=st.data(), how=st.sampled_from(["add", "put"]))
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_rows_come_back_as_they_went_in_and_in_the_order_of_the_key(
    row_class: type, how: Any, open_results: Any, any_rows: Any, data: st.DataObject
) -> None:
    """Every digit and microsecond, empty text apart from none, and text with whatever CSV finds special. Twice is once, frame or rows."""
    rows, store = data.draw(any_rows(row_class)), open_results()
    given = [rows, frame_of(rows, row_class)]
    for form in data.draw(st.permutations(given)):
        store.write([Write(row_class, form, how)])
    frame = store.read(row_class)
    assert frame.schema == schema_of(row_class)
    assert rows_of(frame, row_class) == store.rows(row_class) == rows


def test_add_leaves_a_row_that_is_there_as_it_is(results: Results, as_of: datetime) -> None:
    write(results, [mark("trades", as_of)])
    write(results, [mark("trades", as_of + timedelta(hours=1)), mark("holders", as_of)])
    assert dict(results.read(Watermark).iter_rows()) == {"trades": as_of, "holders": as_of}


def test_put_replaces_a_row_that_is_there(results: Results, as_of: datetime) -> None:
    write(results, [mark("trades", as_of), mark("holders", as_of)])
    write(results, [mark("trades", as_of + timedelta(hours=1))], "put")
    assert dict(results.read(Watermark).iter_rows()) == {"trades": as_of + timedelta(hours=1), "holders": as_of}


@pytest.mark.parametrize(("how", "kept"), [("add", 0), ("put", 1)])
def test_of_two_rows_with_one_key_in_one_write_add_keeps_the_first_and_put_the_last(
    results: Results, as_of: datetime, how: Any, kept: int
) -> None:
    rows = [mark("trades", as_of), mark("trades", as_of + timedelta(seconds=1))]
    write(results, rows, how)
    assert results.rows(Watermark) == [rows[kept]]


def test_a_write_is_all_or_nothing(results: Results, as_of: datetime, a_row: Build) -> None:
    """The second frame lacks a column: the first is not written either."""
    broken = frame_of([a_row(Strategy)], Strategy).drop("policy")
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        results.write([Write(Watermark, frame_of([mark("trades", as_of)], Watermark)), Write(Strategy, broken)])
    assert results.read(Watermark).is_empty()
    assert results.read(Strategy).is_empty()


def test_several_tables_go_in_one_write(results: Results, as_of: datetime, a_row: Build) -> None:
    strategy = a_row(Strategy)
    results.write([Write(Watermark, frame_of([mark("trades", as_of)], Watermark)), Write(Strategy, frame_of([strategy], Strategy), "put")])
    assert results.rows(Watermark) == [mark("trades", as_of)]
    assert results.rows(Strategy) == [strategy]


def test_one_table_may_stand_twice_in_one_write_and_the_later_wins(results: Results, as_of: datetime) -> None:
    first, second = ([mark("trades", as_of + timedelta(seconds=later))] for later in (0, 1))
    results.write([Write(Watermark, frame_of(rows, Watermark), "put") for rows in (first, second)])
    assert results.rows(Watermark) == second


@pytest.mark.parametrize(("how", "kept"), [("add", 0), ("put", 4)])
def test_more_rows_than_a_statement_takes_arrive_and_a_key_that_comes_again_keeps_its_rule(
    results: Results, as_of: datetime, monkeypatch: pytest.MonkeyPatch, how: Any, kept: int
) -> None:
    """Two rows a statement: a is in the first and in the third."""
    monkeypatch.setattr("adapters.stores.postgres.ROWS_A_STATEMENT", 2)
    rows = [mark(name, as_of + timedelta(seconds=place)) for place, name in enumerate("abcda")]
    write(results, rows, how)
    assert results.rows(Watermark) == [rows[kept], *rows[1:4]]


def test_nothing_written_is_nothing_there(results: Results) -> None:
    results.write([])
    results.write([Write(Watermark, empty(Watermark))])
    assert results.read(Watermark).schema == schema_of(Watermark)
    assert results.read(Watermark).is_empty()


def test_columns_may_come_in_any_order_and_further_ones_stay_out(results: Results, as_of: datetime) -> None:
    frame = frame_of([mark("trades", as_of)], Watermark).select("reached_at", "name", pl.lit(1).alias("extra"))
    results.write([Write(Watermark, frame)])
    assert results.rows(Watermark) == [mark("trades", as_of)]


@pytest.fixture
def orders(results: Results, a_row: Build) -> list[Order]:
    """a is pending, b filled, c refused by the venue with a reason."""
    rows = [
        a_row(Order, order_id="a", status=OrderStatus.PENDING, shares=Decimal(1)),
        a_row(Order, order_id="b", status=OrderStatus.FILLED, shares=Decimal(2)),
        a_row(Order, order_id="c", status=OrderStatus.REFUSED, shares=Decimal(4), reason=Reason.VENUE_REFUSED),
    ]
    write(results, rows)
    return rows


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, "abc"),
        ({"order_id": "b"}, "b"),
        ({"order_id": "none of them"}, ""),
        ({"status": OrderStatus.PENDING}, "a"),
        ({"status": "PENDING"}, "a"),
        ({"status": (OrderStatus.PENDING, OrderStatus.FILLED)}, "ab"),
        ({"order_id": ["c", "a"]}, "ac"),
        ({"order_id": {"c", "a"}}, "ac"),
        ({"order_id": []}, ""),
        ({"reason": None}, "ab"),
        ({"reason": Reason.VENUE_REFUSED}, "c"),
        ({"reason": None, "status": OrderStatus.FILLED}, "b"),
        ({"shares": Decimal(4)}, "c"),
        ({"shares": Decimal("4.000000")}, "c"),
    ],
)
def test_rows_are_found_by_equal_values_by_any_of_a_list_and_by_none(
    results: Results, orders: list[Order], where: dict[str, object], found: str
) -> None:
    assert "".join(results.read(Order, **where)["order_id"]) == found


def test_a_word_is_found_by_its_value_and_not_by_its_name(results: Results, a_row: Build) -> None:
    """Confidence.HIGH is stored as `high`."""
    write(results, [a_row(Consensus, token_id="a", confidence=Confidence.HIGH), a_row(Consensus, token_id="b", confidence=Confidence.LOW)])
    assert results.read(Consensus, confidence=Confidence.HIGH)["token_id"].to_list() == ["a"]


def test_an_instant_is_found_to_the_microsecond(results: Results, as_of: datetime) -> None:
    write(results, [mark("trades", as_of)])
    assert results.read(Watermark, reached_at=as_of).height == 1
    assert results.read(Watermark, reached_at=as_of + timedelta(microseconds=1)).height == 0


def test_a_value_is_bound_and_never_pasted(results: Results, orders: list[Order], as_of: datetime) -> None:
    name = "' OR 1=1 --"
    assert results.read(Order, order_id=name).is_empty()
    assert results.read(Order, order_id=[name]).is_empty()
    write(results, [mark(name, as_of)])
    assert results.read(Watermark, name=name)["name"].to_list() == [name]


def test_only_some_columns_are_read_in_the_order_they_are_asked_for(results: Results, orders: list[Order]) -> None:
    frame = results.read(Order, only=["shares", "order_id"], status=[OrderStatus.PENDING, OrderStatus.FILLED])
    assert frame.rows() == [(Decimal(1), "a"), (Decimal(2), "b")]
    assert frame.schema == pl.Schema({name: schema_of(Order)[name] for name in ("shares", "order_id")})
    assert results.read(Order, only=["shares"], order_id="none").schema == pl.Schema({"shares": schema_of(Order)["shares"]})


def test_the_order_of_the_key_is_that_of_code_points(results: Results, as_of: datetime) -> None:
    """Whatever language a server sorts by: a replay in memory and a cycle on Postgres meet the same rows in the same order."""
    names = ["b", "B", "a_b", "a-b", "ab", "A", "é", "_", "10", "9"]
    write(results, [mark(name, as_of) for name in names])
    assert results.read(Watermark)["name"].to_list() == sorted(names) == ["10", "9", "A", "B", "_", "a-b", "a_b", "ab", "b", "é"]


def test_a_key_of_several_columns_sorts_by_each_in_turn(results: Results, as_of: datetime, a_row: Build) -> None:
    keys = [("b", as_of), ("a", as_of + timedelta(microseconds=1)), ("a", as_of.replace(microsecond=0)), ("a", as_of)]
    write(results, [a_row(Equity, strategy_id=strategy_id, as_of=at) for strategy_id, at in keys])
    assert results.read(Equity, only=["strategy_id", "as_of"]).rows() == sorted(keys)


def test_since_begins_at_its_own_instant_and_leaves_out_what_has_none(results: Results, as_of: datetime, a_row: Build) -> None:
    microsecond = timedelta(microseconds=1)
    closed = {"a": as_of - microsecond, "b": as_of, "c": as_of + microsecond, "d": None}
    write(results, [a_row(Position, token_id=token_id, closed_at=at) for token_id, at in closed.items()])
    assert results.since(Position, "closed_at", as_of)["token_id"].to_list() == ["b", "c"]
    assert results.since(Position, "closed_at", as_of, only=["closed_at"]).rows() == [(as_of,), (as_of + microsecond,)]
    assert results.since(Position, "closed_at", as_of + 2 * microsecond).schema == schema_of(Position)
    assert results.since(Position, "closed_at", as_of, token_id=["a", "c"])["token_id"].to_list() == ["c"]
    assert results.since(Position, "closed_at", as_of, only=["token_id"], closed_at=as_of).rows() == [("b",)]


def test_an_id_is_found_by_how_it_begins(results: Results, a_row: Build) -> None:
    ids = ["ab" + "0" * 30, "ab" + "f" * 30, "ac" + "0" * 30, "aa" + "f" * 30]
    write(results, [a_row(Order, order_id=one) for one in ids])
    assert results.beginning(Order, "order_id", "ab", 5) == ["ab" + "0" * 30, "ab" + "f" * 30]
    assert results.beginning(Order, "order_id", "ab", 1) == ["ab" + "0" * 30]
    assert results.beginning(Order, "order_id", "ad", 5) == []


def test_totals_are_exact_sums_by_group(results: Results, a_row: Build) -> None:
    gains = [("one", "a", "0.1"), ("one", "b", "0.2"), ("one", "c", "-1.000001"), ("two", "a", "5")]
    write(results, [a_row(Position, strategy_id=s, token_id=t, realized_pnl=Decimal(gain)) for s, t, gain in gains])
    # 0.1 + 0.2 - 1.000001 = -0.700001
    assert results.totals(Position, "strategy_id", "realized_pnl") == {"one": Decimal("-0.700001"), "two": Decimal(5)}


def test_totals_of_nothing_are_none_at_all(results: Results) -> None:
    assert results.totals(Position, "strategy_id", "realized_pnl") == {}


def test_texts_are_grouped(results: Results, as_of: datetime, a_row: Build) -> None:
    followed = [("one", "b", None), ("one", "B", None), ("one", "a", as_of), ("two", "c", None), ("three", "d", as_of)]
    write(results, [a_row(Leader, strategy_id=s, wallet=wallet, dropped_at=at) for s, wallet, at in followed])
    assert results.grouped(Leader, "strategy_id", "wallet", dropped_at=None) == {"one": {"B", "b"}, "two": {"c"}}
    assert results.grouped(Leader, "strategy_id", "wallet", dropped_at=as_of, strategy_id=["two"]) == {}
    assert results.grouped(Leader, "strategy_id", "wallet", since=("dropped_at", as_of)) == {"one": {"a"}, "three": {"d"}}
    assert results.grouped(Leader, "strategy_id", "wallet", since=("dropped_at", as_of), strategy_id="one") == {"one": {"a"}}
    assert results.grouped(Leader, "strategy_id", "wallet", since=("dropped_at", as_of + timedelta(microseconds=1))) == {}


def test_the_newest_are_the_last_of_each_group_oldest_first(results: Results, as_of: datetime, a_row: Build) -> None:
    closed = [("one", 1), ("one", 4), ("one", 2), ("one", 3), ("two", 9), ("two", None)]
    rows = [
        a_row(Position, strategy_id=s, token_id=f"{place}", closed_at=None if day is None else as_of + timedelta(days=day))
        for place, (s, day) in enumerate(closed)
    ]
    write(results, rows)
    newest = results.newest(Position, "strategy_id", "closed_at", 3, only=["strategy_id", "closed_at"])
    assert [(s, (at - as_of).days) for s, at in newest.iter_rows()] == [("one", 2), ("one", 3), ("one", 4), ("two", 9)]


@pytest.mark.parametrize("among", [None, ["s"], ["s", "nobody", "s"]])
def test_of_equally_new_rows_the_smaller_key_is_the_newer(results: Results, as_of: datetime, a_row: Build, among: Any) -> None:
    """Four positions close in one cycle. Which count is a rule, or a replay would differ from the day it replays."""
    write(results, [a_row(Position, strategy_id="s", token_id=token_id, closed_at=as_of) for token_id in "dBca"])
    newest = results.newest(Position, "strategy_id", "closed_at", 2, only=["token_id"], among=among)
    assert newest["token_id"].to_list() == ["a", "B"]


@given(closed=st.lists(st.tuples(st.sampled_from("abB"), st.integers(0, 3) | st.none()), max_size=12), count=st.integers(1, 3))
@settings(max_examples=15)
def test_the_newest_of_some_groups_are_those_rows_of_the_newest_of_all(
    open_results: Any, as_of: datetime, a_row: Build, closed: list[tuple[str, int | None]], count: int
) -> None:
    store, only = open_results(), ["strategy_id", "closed_at", "token_id"]
    days = [None if day is None else as_of + timedelta(days=day) for _, day in closed]
    rows = [a_row(Position, strategy_id=s, token_id=f"{n}", closed_at=at) for n, ((s, _), at) in enumerate(zip(closed, days, strict=True))]
    store.write([Write(Position, rows)])
    everything = store.newest(Position, "strategy_id", "closed_at", count, only=only)
    for among in (["a"], ["B", "b"], []):
        wanted = everything.filter(pl.col("strategy_id").is_in(among))
        assert store.newest(Position, "strategy_id", "closed_at", count, only=only, among=among).rows() == wanted.rows()


def test_the_newest_of_nothing_are_no_rows(results: Results) -> None:
    assert results.newest(Position, "strategy_id", "closed_at", 2, only=["token_id"]).schema == pl.Schema({"token_id": pl.String()})


def test_what_was_read_can_be_written_again(results: Results, orders: list[Order]) -> None:
    results.write([Write(Order, results.read(Order), "put")])
    assert results.rows(Order) == orders
    write(results, [replace(orders[0], status=OrderStatus.UNKNOWN)], "put")
    assert results.rows(Order, order_id="a")[0].status is OrderStatus.UNKNOWN


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, row: store.read(Watermark),
        lambda store, row: store.write([Write(Watermark, row)]),
        lambda store, row: store.totals(Position, "strategy_id", "realized_pnl"),
    ],
    ids=["read", "write", "totals"],
)
def test_a_postgres_that_is_down_is_unavailable_and_named(ask: Build, as_of: datetime) -> None:
    store = PostgresResults("postgresql+psycopg://nobody:hidden-word@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="postgres: ") as caught:
        ask(store, frame_of([mark("trades", as_of)], Watermark))
    assert "hidden-word" not in str(caught.value)


def test_a_null_where_a_value_is_promised_leaves_postgres_as_it_was(postgres_schema: str, as_of: datetime) -> None:
    store = PostgresResults(postgres_schema)
    broken = frame_of([mark("never", as_of)], Watermark).with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("reached_at"))
    with pytest.raises(Exception, match="null value in column"):
        store.write([Write(Watermark, frame_of([mark("before", as_of)], Watermark)), Write(Watermark, broken)])
    assert store.read(Watermark, name=["never", "before"]).is_empty()


def equity(name: str, at: datetime, amount: int) -> Equity:
    return a_point(at, str(amount), balance=None, strategy_id=name)


def test_the_latest_rows_come_last_first_and_no_more_than_asked_for(results: Results, as_of: datetime) -> None:
    """Of one instant in the order of the key; rows without an instant are none of them."""
    write(results, [equity(name, as_of + timedelta(minutes=minute), minute) for name in ("b", "a") for minute in range(3)])
    latest = results.latest(Equity, "as_of", 3, only=["strategy_id", "cash"])
    assert [(name, int(cash)) for name, cash in latest.iter_rows()] == [("a", 2), ("b", 2), ("a", 1)]
    assert results.latest(Equity, "as_of", 9, strategy_id="a").height == 3
    assert results.latest(Equity, "as_of", 9, since=as_of + timedelta(minutes=2), strategy_id=["a", "b"]).height == 2
    assert results.latest(Equity, "as_of", 9, strategy_id=[]).height == 0
    write(results, [Leader(strategy_id="a", wallet="0x" + "a" * 40, why="", chosen_at=as_of, dropped_at=None)])
    assert results.latest(Leader, "dropped_at", 9).height == 0


def test_sums_add_up_by_all_columns_asked_for_together(results: Results, as_of: datetime) -> None:
    """1 + 2 of the last two minutes; without columns to add, rows are counted."""
    write(results, [equity(name, as_of + timedelta(minutes=minute), minute) for name in ("b", "a") for minute in range(3)])
    summed = results.sums(Equity, ["strategy_id"], ["cash", "open_positions"], since=("as_of", as_of + timedelta(minutes=1)))
    assert [(name, int(cash), number, rows) for name, cash, number, rows in summed.iter_rows()] == [("a", 3, 0, 2), ("b", 3, 0, 2)]
    assert summed.schema["cash"] == schema_of(Equity)["cash"]
    counted = results.sums(Equity, ["strategy_id", "open_positions"], strategy_id="b")
    assert counted.rows() == [("b", 0, 3)]
    assert results.sums(Equity, ["strategy_id"], ["cash"], strategy_id="nobody").height == 0


def test_a_thinned_column_keeps_the_last_row_of_each_slot(results: Results, as_of: datetime) -> None:
    begun = as_of.replace(minute=0, second=0, microsecond=0)
    write(results, [equity(name, begun + timedelta(seconds=second), second) for name in ("b", "a") for second in (0, 10, 59, 60, 61, 200)])
    thin = results.thinned(Equity, "strategy_id", "as_of", 60, begun + timedelta(seconds=10), ["strategy_id", "cash"])
    assert [(name, int(cash)) for name, cash in thin.iter_rows()] == [(name, cash) for name in ("a", "b") for cash in (59, 61, 200)]
