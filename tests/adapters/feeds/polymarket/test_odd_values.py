"""One odd number or letter in one field of one record of an answer: its row is set aside by name, and every other row stands.

Found by trying (polars#6717, #5607, PyO3#3918): NaN, Infinity, 1e400 or half an emoji in one market of an answer lost all of them, by a
panic that is no Exception and ended the warm process; an exponent of 1.5 silently became 1.
"""

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.feeds.json_api import JsonApi
from adapters.feeds.polymarket.clob import ClobBooks
from adapters.feeds.polymarket.data_api import DataApi
from adapters.feeds.polymarket.gamma import Gamma
from adapters.feeds.polymarket.leaderboard import Leaderboard
from data_contracts import Activity, HolderPosition, Instrument, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import rows_of
from domain.polymarket.markets import rows_by_class
from tasks.fast_check import Breach, breaches
from tests.adapters.feeds.conftest import Unpaced

AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = datetime(2001, 1, 1, tzinfo=UTC)
PAGE = {"limit": 1000, "offset": 0, "has_more": False, "next_cursor": None}
AT = 1_763_000_000
WORDS = ["NaN", "1e400", "x"]  # no numbers, but names like any other
UNREADABLE = [*WORDS, float("nan"), float("inf"), -float("inf"), 10**400, "a\ud83d", "\0", {}, [], [[1]], True, {"a": {"b": None}}]
NAMES = ("outcome", "type", "version", "conditionId", "condition_id", "token_id")
TRADE = {
    "proxy_wallet": "0x" + "a" * 40,
    "side": "BUY",
    "token_id": "7" * 77,
    "condition_id": "0x" + "c" * 64,
    "size": 10.5,
    "price": 0.4,
    "timestamp": AT,
    "outcome": "Yes",
    "outcome_index": 0,
    "transaction_hash": "0x" + "d" * 64,
    "usdc_size": 4.2,
    "type": "TRADE",
}
HOLDER = {"proxy_wallet": "0x" + "a" * 40, "amount": 10.5, "avg_price": 0.4, "entry_cost_usdc": 4.2, "current_value": 5.0}
MARKET = {
    "conditionId": "0x" + "c" * 64,
    "outcomes": '["Yes", "No"]',
    "clobTokenIds": '["71", "72"]',
    "question": "Will it?",
    "orderPriceMinTickSize": 0.01,
    "orderMinSize": 5,
    "feeSchedule": {"rate": 0.04, "exponent": 1},
    "feesEnabled": True,
    "negRisk": False,
    "version": "v1",
    "endDate": "2026-12-01T00:00:00Z",
    "closed": False,
    "closedTime": None,
    "umaResolutionStatus": None,
    "outcomePrices": '["0.4", "0.6"]',
    "events": [{"slug": "e"}],
    "tags": [{"slug": "politics"}],
    "feeType": None,
}
NEEDED = {
    Trade: ["proxy_wallet", "side", "token_id", "condition_id", "size", "price", "timestamp", "outcome"],
    Activity: ["proxy_wallet", "size", "usdc_size", "timestamp", "type"],
    HolderPosition: ["proxy_wallet", "amount", "avg_price", "entry_cost_usdc", "current_value"],
    Instrument: ["conditionId", "outcomes", "clobTokenIds", "orderPriceMinTickSize", "orderMinSize", "version"],
}
RECORDS: dict[type, dict[str, Any]] = {Trade: TRADE, Activity: TRADE, HolderPosition: HOLDER, Instrument: MARKET}
ODD = st.one_of(
    st.sampled_from(UNREADABLE),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=4,
    ),
)


@pytest.fixture(scope="module")
def stage(serve: Any) -> Iterator[tuple[str, list[Any]]]:
    """One server for all: its address, and the body it answers with."""
    body: list[Any] = [None]
    with serve(lambda path, asked: (200, {}, json.dumps(body[0]).encode())) as (url, _):
        yield url, body


def three(row_class: type, odd: dict[str, Any]) -> list[dict[str, Any]]:
    """A good record, an odd one and a good one, told apart by their wallets or tokens."""
    records = [RECORDS[row_class] | own_names(row_class, number) for number in range(3)]
    records[1] |= odd
    return records


def own_names(row_class: type, number: int) -> dict[str, Any]:
    if row_class is Instrument:
        return {"conditionId": f"0x{number:064x}", "clobTokenIds": f'["{number}1", "{number}2"]'}
    return {"proxy_wallet": f"0x{number:040x}", "timestamp": AT + number}


def answer(row_class: type, records: list[dict[str, Any]]) -> Any:
    if row_class is Instrument:
        return {"markets": records}
    return {"data": [{"token_id": "7" * 77, "holders": records}] if row_class is HolderPosition else records, "pagination": PAGE}


def read(stage: tuple[str, list[Any]], row_class: type, records: list[dict[str, Any]]) -> pl.DataFrame:
    url, body = stage
    body[0] = answer(row_class, records)
    if row_class is Trade:
        return DataApi(url, Unpaced()).walk(EVER, AS_OF, 1).trades
    if row_class is Activity:
        return DataApi(url, Unpaced()).activities(["0x" + "a" * 40], EVER, AS_OF)
    if row_class is HolderPosition:
        return DataApi(url, Unpaced()).holders(["0xc"], AS_OF)
    return Gamma(url, Unpaced()).markets(["1"], AS_OF)


def named(frame: pl.DataFrame, row_class: type) -> list[Breach]:
    """What is wrong with which row; a market's is a row of two tables."""
    if row_class is not Instrument:
        return breaches(frame, row_class)
    return [breach for one, part in rows_by_class(frame).items() for breach in breaches(part, one)]


def neighbours(frame: pl.DataFrame, row_class: type) -> list[Any]:
    """The good rows of the first and the last record."""
    bad = {breach.row for breach in named(frame, row_class)}
    good = frame[[row for row in range(frame.height) if row not in bad]]
    if row_class is Instrument:
        return [row for row in rows_of(rows_by_class(good)[Instrument], Instrument) if row.token_id in {"01", "02", "21", "22"}]
    return [row for row in rows_of(good, row_class) if row.wallet in {f"0x{number:040x}" for number in (0, 2)}]


classes = pytest.mark.parametrize("row_class", RECORDS, ids=lambda row_class: row_class.__name__)


@classes
def test_a_value_that_cannot_be_read_is_named_wherever_it_is_needed_and_its_neighbours_stand(stage: Any, row_class: type) -> None:
    expected = neighbours(read(stage, row_class, three(row_class, {})), row_class)
    assert len(expected) == (4 if row_class is Instrument else 2)
    for field in NEEDED[row_class]:
        for value in UNREADABLE:
            if value in WORDS and field in NAMES:
                continue
            frame = read(stage, row_class, three(row_class, {field: value}))
            assert neighbours(frame, row_class) == expected, (field, value)
            assert len(expected) < frame.height, (field, value)
            assert named(frame, row_class), (field, value)


@classes
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_any_field_no_reader_fails_and_the_neighbours_stand(stage: Any, row_class: type, data: st.DataObject) -> None:
    odd = {data.draw(st.sampled_from(sorted(RECORDS[row_class]))): data.draw(ODD)}
    expected = neighbours(read(stage, row_class, three(row_class, {})), row_class)
    assert neighbours(read(stage, row_class, three(row_class, odd)), row_class) == expected


@pytest.mark.parametrize("exponent", [1.5, "1.5", float("nan"), "x", True, 2**70])
def test_an_exponent_that_is_no_whole_number_is_none(stage: Any, exponent: Any) -> None:
    """1.5 became 1: a fee of another formula, and nobody was told."""
    frame = read(stage, Instrument, three(Instrument, {"feeSchedule": {"rate": 0.04, "exponent": exponent}}))
    assert {(frame["token_id"][breach.row], breach.column) for breach in named(frame, Instrument)} == {
        (token, "fee_exponent") for token in ("11", "12")
    }


@pytest.mark.parametrize("row_class", [Trade, Activity])
@pytest.mark.parametrize("large", [1e8, 1e12, 1e30, 1e300])
def test_a_number_that_is_too_large_for_its_column_costs_its_own_row(stage: Any, row_class: type, large: float) -> None:
    """polars raises for a Decimal that does not fit, though its cast is told not to: one price of 1e8 lost the frame."""
    frame = read(stage, row_class, three(row_class, {"price": large, "size": large, "usdc_size": large}))
    assert len(neighbours(frame, row_class)) == 2
    assert {breach.row for breach in named(frame, row_class)} == {1}


def test_an_exponent_of_two_is_two(stage: Any) -> None:
    frame = read(stage, Instrument, three(Instrument, {"feeSchedule": {"rate": 0.04, "exponent": 2.0}}))
    assert frame.filter(pl.col("token_id") == "11")["fee_exponent"].to_list() == [2]


def test_a_number_of_thousands_of_digits_costs_its_own_row_only(serve: Any) -> None:
    """Python reads no whole number of more than 4,300 digits: the whole answer was no JSON."""
    body = json.dumps(answer(Trade, three(Trade, {"price": "HERE"}))).replace('"HERE"', "1" * 5000).encode()
    with serve(lambda path, asked: (200, {}, body)) as (url, _):
        frame = DataApi(url, Unpaced()).walk(EVER, AS_OF, 1).trades
    assert (1, "price is required") in [(breach.row, str(breach)) for breach in breaches(frame, Trade)]
    assert len(neighbours(frame, Trade)) == 2


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=ODD)
@example(value=[])
def test_books_boards_and_lags_answer_or_say_no(stage: Any, value: Any) -> None:
    url, body = stage
    level = {"price": "0.4", "size": "10"}
    for field in ("price", "size"):
        body[0] = [{"asset_id": "1", "bids": [level, level | {field: value}], "asks": [level]}]
        book = ClobBooks(url).books(["1"])["1"]
        assert len(book.asks) == 1
        assert all(0 < bid.price < 1 and bid.shares > 0 for bid in book.bids)
    records = [{"user_id": "0x1", "rank": 1, "pnl": 1.0, "volume": 2.0}, {"user_id": value, "rank": value, "pnl": value}, value]
    body[0] = {"data": records, "pagination": PAGE}
    assert Leaderboard(JsonApi(url, pace=Unpaced())).best("day", 10)["wallet"][0] == "0x1"
    for status in ({"age_seconds": value, "serving": {"lag_seconds": 1}}, {"age_seconds": 1, "serving": value}):
        body[0] = {"data": status}
        with suppress(Unavailable, Refused):
            assert math.isfinite(DataApi(url, Unpaced()).lag_s())
        with suppress(Unavailable, Refused):
            DataApi(url, Unpaced()).confirmed_until(AS_OF)


@pytest.mark.parametrize("seconds", [1e300, 1e18, 1e12, -1e300])
def test_a_lag_from_before_all_time_is_one_that_nobody_can_say(stage: Any, seconds: float) -> None:
    """It was finite, and no date: OverflowError ended the cycle."""
    url, body = stage
    body[0] = {"data": {"age_seconds": 1, "serving": {"lag_seconds": seconds}}}
    assert DataApi(url, Unpaced()).confirmed_until(AS_OF) is None


HOLDING = {"token_id": "71", "condition_id": "0xc", "current_size": 100.0, "last_event_at": AS_OF.timestamp() - 30}


@pytest.mark.parametrize("size", [*UNREADABLE, None, -1, -1e9, 1e32, 1e300])
def test_a_holding_that_cannot_be_is_not_known_and_ends_nothing(stage: Any, size: Any) -> None:
    """1e22 shares could not be rounded to the sixth decimal, which ended the cycle; minus one was none, and we sold all of ours."""
    url, body = stage
    body[0] = {"data": [HOLDING | {"current_size": size}], "pagination": PAGE}
    assert DataApi(url, Unpaced()).holding("0x" + "a" * 40, "0xc", "71", AS_OF) is None


@pytest.mark.parametrize(("size", "held"), [(1e22, Decimal(10**22)), ("100.5", Decimal("100.5")), (0, Decimal(0)), (1e-9, Decimal(0))])
def test_a_holding_of_any_size_is_read(stage: Any, size: Any, held: Decimal) -> None:
    url, body = stage
    body[0] = {"data": [HOLDING | {"current_size": size}], "pagination": PAGE}
    found = DataApi(url, Unpaced()).holding("0x" + "a" * 40, "0xc", "71", AS_OF)
    assert found is not None
    assert found.shares == held
