"""Rows become a frame and come back the same: words as members, nothing as None, every digit and every microsecond."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from enum import Enum
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts import ROW_CLASSES, Fill, OrderStatus, Peak, Reason, Side, Venue, contract_of
from data_contracts.contract import Field
from data_contracts.frames import MANY, PRECISION, as_kept, empty, fitted, frame_of, has_repeats, rows_of, schema_of, with_instant
from data_contracts.operating import Watermark
from data_contracts.trading import Order
from tasks.fast_check import breaches

named = pytest.mark.parametrize("row_class", ROW_CLASSES, ids=lambda row_class: row_class.__name__)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(days=-30_000), timedelta(days=50_000)).map(lambda since: EPOCH + since)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Any value of the column's kind: a frame must carry the bad ones too, so that they can be named and kept."""
    limit = 10 ** (PRECISION - field.column.scale) - 1
    kinds: dict[type, st.SearchStrategy[Any]] = {
        str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        int: st.integers(-(2**63), 2**63 - 1),
        float: st.floats(allow_nan=False),
        bool: st.booleans(),
        datetime: INSTANTS,
        Decimal: st.decimals(-limit, limit, places=field.column.scale),
    }
    strategy = st.sampled_from(list(field.kind)) if issubclass(field.kind, Enum) else kinds[field.kind]
    return st.none() | strategy if field.nullable else strategy


def rows(row_class: type) -> st.SearchStrategy[list[Any]]:
    fields = {field.name: values_of(field) for field in contract_of(row_class).fields}
    return st.lists(st.fixed_dictionaries(fields).map(lambda values: row_class(**values)), max_size=4)


@named
@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_rows_come_back_from_a_frame_as_they_went_in_and_kept_without_one_they_are_the_same_digit_by_digit(
    row_class: type, data: st.DataObject
) -> None:
    """A store in memory keeps rows: 0.5 becomes 0.500000 there as well, and -0 becomes 0, or an id made of it would be another one.

    Two claims of one draw: to draw rows of thirty columns takes far longer than to look at them.
    """
    before = data.draw(rows(row_class))
    frame = frame_of(before, row_class)
    after = rows_of(frame.clone(), row_class)  # another frame: of the very one that was made, its rows are remembered
    assert frame.schema == schema_of(row_class)
    assert after == before
    names = contract_of(row_class).names
    for one, other in zip(before, after, strict=True):
        for name in names:
            assert type(getattr(other, name)) is type(getattr(one, name)), name  # "BUY" == Side.BUY, and is not Side.BUY
    for kept in (as_kept(before, row_class), rows_of(frame, row_class)):
        assert kept == after
        for one, other in zip(kept, after, strict=True):
            for name in names:
                assert str(getattr(one, name)) == str(getattr(other, name)), name


@pytest.mark.parametrize("price", ["0.1234567890123456789", "NaN", "Infinity", "-0", "1e30"])
def test_a_number_that_does_not_fit_its_column_becomes_what_a_frame_makes_of_it(price: str) -> None:
    odd = Peak(strategy_id="one", leader="name:a", token_id="yes", opened_at=EPOCH, price=Decimal(price))
    (kept,), (through,) = as_kept([odd], Peak), rows_of(frame_of([odd], Peak).clone(), Peak)
    assert (kept, str(kept.price)) == (through, str(through.price))


def test_an_instant_stands_in_every_row_of_its_column_and_the_frame_before_is_as_it_was() -> None:
    before = frame_of([Watermark(name=name, reached_at=EPOCH) for name in "ab"], Watermark)
    later = EPOCH + timedelta(microseconds=1)
    assert with_instant(before, "reached_at", later).rows() == [("a", later), ("b", later)]
    assert before.rows() == [("a", EPOCH), ("b", EPOCH)]


@named
def test_no_rows_are_a_frame_of_the_same_columns(row_class: type) -> None:
    assert frame_of([], row_class).schema == empty(row_class).schema == schema_of(row_class)
    assert rows_of(empty(row_class), row_class) == []


@named
def test_a_schema_holds_every_column_in_order_by_its_kind(row_class: type) -> None:
    contract, schema = contract_of(row_class), schema_of(row_class)
    assert list(schema) == contract.names
    for field in contract.fields:
        if field.kind is Decimal:
            assert schema[field.name] == pl.Decimal(PRECISION, field.column.scale)
        elif field.kind is datetime:
            assert schema[field.name] == pl.Datetime("us", "UTC")
        elif issubclass(field.kind, Enum):
            assert schema[field.name] == pl.String()


def an_order(**changes: Any) -> Order:
    fields: dict[str, Any] = {
        "order_id": "o",
        "signal_id": "s",
        "strategy_id": "strategy",
        "venue": Venue.POLYMARKET,
        "leader": "0x" + "a" * 40,
        "market_id": "market",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.BUY,
        "shares": Decimal(100),
        "limit_price": Decimal("0.42"),
        "observed_price": Decimal("0.40"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": True,
        "order_hash": "",
        "created_at": datetime(2026, 11, 3, tzinfo=UTC),
        "updated_at": datetime(2026, 11, 3, tzinfo=UTC),
    }
    return Order(**(fields | changes))


def test_a_side_comes_back_as_a_member() -> None:
    """A side read back as text once matched every BUY against the bids: `side is Side.BUY` was false for "BUY"."""
    frame = frame_of([an_order()], Order)
    assert frame["side"].dtype == pl.String()
    (order,) = rows_of(frame, Order)
    assert order.side is Side.BUY
    assert order.status is OrderStatus.PENDING


def test_no_reason_stays_none_and_a_reason_becomes_a_member() -> None:
    without, with_one = rows_of(frame_of([an_order(), an_order(reason=Reason.BOOK_MISSING)], Order), Order)
    assert without.reason is None
    assert with_one.reason is Reason.BOOK_MISSING


def test_a_word_that_is_in_no_vocabulary_is_an_error_and_not_a_guess() -> None:
    frame = frame_of([an_order()], Order).with_columns(pl.lit("buy").alias("side"))
    with pytest.raises(ValueError, match="buy"):
        rows_of(frame, Order)


LAMPORTS = Decimal(2**64 - 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_price": Decimal("172.5"), "observed_price": Decimal("1.23456e-9")},
        {"limit_price": Decimal("1e-18"), "observed_price": Decimal("0.123456789012345678")},
        {"shares": Decimal("5e12") + Decimal("0.123456789")},  # of a mint with nine decimals
        {"shares": LAMPORTS},  # of a mint without decimals: the largest raw amount there is
        {"shares": LAMPORTS.scaleb(-9)},
        {"shares": LAMPORTS.scaleb(-18)},
    ],
)
def test_the_amounts_of_both_venues_keep_every_digit(changes: dict[str, Decimal]) -> None:
    with localcontext(prec=50):
        assert rows_of(frame_of([an_order(**changes)], Order), Order) == [an_order(**changes)]


@pytest.mark.parametrize("lamports", [1, 2**64 - 1])
def test_a_stake_is_exact_to_the_lamport(lamports: int) -> None:
    stake = Decimal(lamports).scaleb(-9)
    fill = Fill(
        fill_id="f", order_id="o", strategy_id="s", venue=Venue.SOLANA, leader="l", market_id="m", token_id="m", outcome="m", side=Side.BUY,
        price=Decimal(1), shares=Decimal(1), notional=stake, fee=stake, filled_at=EPOCH, sent_at=EPOCH,
    )  # fmt: skip
    assert rows_of(frame_of([fill], Fill), Fill) == [fill]


@pytest.mark.parametrize(("shares", "fits"), [(10**20 - 1, True), (10**20, False)])
def test_a_number_too_large_for_its_column_is_no_other_number_and_costs_no_other_row(shares: int, fits: bool) -> None:
    """38 digits, eighteen of them after the point. It was an error for the whole frame; now the check finds the cell missing."""
    frame = frame_of([an_order(), an_order(shares=Decimal(shares))], Order)
    assert frame["shares"].to_list() == [an_order().shares, shares if fits else None]
    assert [(breach.row, breach.column) for breach in breaches(frame, Order) if breach.column == "shares"] == (
        [] if fits else [(1, "shares")]
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [(0.57, "0.57"), (1.23456e-9, "0.00000000123456"), (172.5, "172.5"), (1e30, None), (float("nan"), None), (float("-inf"), None)],
)
def test_a_float_becomes_the_decimal_of_its_shortest_digits_or_nothing(given: float, kept: str | None) -> None:
    """polars makes 0.569999999999999951 of 0.57 when it has eighteen decimals to fill, and raises for the whole frame at 1e30."""
    price = schema_of(Order)["limit_price"]
    found = pl.DataFrame({"price": [0.5, given]}).select(fitted("price", pl.Float64(), price))["price"].to_list()
    assert found == [Decimal("0.5"), None if kept is None else Decimal(kept)]


@pytest.mark.parametrize(("venue", "named"), [(Venue.POLYMARKET, ["limit_price"]), (Venue.SOLANA, [])])
def test_a_bound_of_one_venue_holds_for_its_rows_only(venue: Venue, named: list[str]) -> None:
    """An outcome is never worth more than 1 USD; a token may cost 172.5 SOL. Both stand in one frame."""
    frame = frame_of([an_order(), an_order(venue=venue, limit_price=Decimal("172.5"))], Order)
    assert [breach.column for breach in breaches(frame, Order) if breach.row == 1 and breach.column == "limit_price"] == named


def test_an_instant_of_any_zone_is_the_same_instant_in_utc() -> None:
    tokyo = datetime(2026, 11, 3, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=9)))
    (mark,) = rows_of(frame_of([Watermark(name="trades", reached_at=tokyo)], Watermark), Watermark)
    assert mark.reached_at == tokyo
    assert mark.reached_at.utcoffset() == timedelta(0)
    assert mark.reached_at.microsecond == 1


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(TypeError):
        frame_of([Watermark(name="trades", reached_at=datetime(2026, 11, 3))], Watermark)  # noqa: DTZ001


def test_more_columns_than_the_contract_has_are_left_behind() -> None:
    frame = frame_of([an_order()], Order).with_columns(pl.lit(1).alias("extra"))
    assert rows_of(frame, Order) == [an_order()]


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        rows_of(frame_of([an_order()], Order).drop("side"), Order)


def test_rows_may_come_as_a_generator() -> None:
    assert frame_of((an_order() for _ in range(3)), Order).height == 3


@pytest.mark.parametrize("rows", [2, 3, MANY, MANY + 1])
def test_a_key_that_is_there_twice_is_found_in_few_rows_and_in_many(rows: int) -> None:
    """By Python up to so many, by polars above: one key of two columns repeats, or each part of it does and the key does not."""
    once = pl.DataFrame({"wallet": [f"{row // 2}" for row in range(rows)], "side": [row % 2 for row in range(rows)]})
    assert not has_repeats(once, ["wallet", "side"])
    assert has_repeats(once.vstack(once.tail(1)), ["wallet", "side"])


def test_a_frame_without_a_row_repeats_none() -> None:
    assert not has_repeats(pl.DataFrame({"wallet": []}), ["wallet"])
