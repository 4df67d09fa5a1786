"""What is set aside keeps what its source wrote: a null in its place says nothing to whoever has to mend it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from adapters.feeds.polymarket.data_records import activities_of, trades_of
from adapters.feeds.polymarket.gamma import _rows as market_rows
from adapters.feeds.polymarket.gamma import market_frame
from adapters.feeds.reading import frame_from
from data_contracts import Activity, HolderPosition, Instrument, Quarantined, Trade
from data_contracts.frames import AS_IT_CAME, schema_of
from domain.polymarket.markets import rows_by_class
from tasks.quality import sorted_out
from tests.adapters.feeds.polymarket.test_odd_values import HOLDER, MARKET, TRADE

HOLDINGS = schema_of(HolderPosition)
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
Read = Callable[[list[dict[str, Any]]], pl.DataFrame]
pytestmark = pytest.mark.usefixtures("bare")


def holders_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    named = {"market_id": "m", "token_id": "t", "cost": 4.2, "as_of": AS_OF}
    return frame_from([record | named | {"wallet": record["proxy_wallet"], "shares": record["amount"]} for record in records], HOLDINGS)


def instruments_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    return rows_by_class(market_frame([row for record in records for row in market_rows(record, AS_OF)]))[Instrument]


READERS: dict[type, tuple[Read, dict[str, Any]]] = {
    Trade: (lambda records: trades_of(records, "test"), TRADE),
    Activity: (lambda records: activities_of(records, "test"), TRADE),
    HolderPosition: (holders_of, HOLDER),
    Instrument: (instruments_of, MARKET),
}


@pytest.mark.parametrize(
    ("row_class", "field", "value", "column", "kept"),
    [
        (Trade, "price", "1e400", "price", "1e400"),
        (Trade, "price", "0,57", "price", "0,57"),
        (Trade, "price", float("nan"), "price", "nan"),
        (Trade, "size", 1e30, "shares", "1e+30"),  # a number, but none that fits
        (Trade, "size", {"a": 1}, "size", "{'a': 1}"),
        (Trade, "timestamp", 10**15, "timestamp", "1000000000000000"),
        (Trade, "timestamp", "yesterday", "timestamp", "yesterday"),
        (Trade, "outcome", "a\ud83d", "outcome", "'a\\ud83d'"),
        (Trade, "side", 7, "side", "7"),
        (Trade, "transaction_hash", ["0x"], "transaction_hash", "['0x']"),
        (Activity, "usdc_size", "a lot", "usdc_size", "a lot"),
        (Activity, "type", True, "type", "True"),
        (HolderPosition, "current_value", "x", "current_value", "x"),
        (Instrument, "orderPriceMinTickSize", "1e400", "price_increment", "1e400"),
        (Instrument, "orderPriceMinTickSize", 0, "price_increment", "0"),
        (Instrument, "orderMinSize", "NaN", "min_shares", "NaN"),
        (Instrument, "feeSchedule", {"rate": 0.04, "exponent": 1.5}, "fee_exponent", "1.5"),
        (Instrument, "feeSchedule", {"rate": "x"}, "fee_rate", "{'rate': 'x'}"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_kept_as_it_came(
    rooms: Any, row_class: type, field: str, value: Any, column: str, kept: str
) -> None:
    home, (read, record) = rooms(), READERS[row_class]
    other = {"proxy_wallet": "0x" + "b" * 40, "conditionId": "0x" + "d" * 64, "clobTokenIds": '["81", "82"]'}
    good = sorted_out(read([record, record | other | {field: value}]), row_class, home.settings, AS_OF)
    notes = [json.loads(row.row).get(AS_IT_CAME, {}) for row in home.rows(Quarantined)]
    assert notes, "nothing was set aside"
    assert all(note[column] == kept for note in notes)
    assert AS_IT_CAME not in good.columns


def test_what_can_be_read_has_nothing_beside_it() -> None:
    assert AS_IT_CAME not in trades_of([TRADE], "test").columns


def test_a_text_of_a_hundred_thousand_letters_is_kept_in_its_beginning(rooms: Any) -> None:
    home = rooms()
    sorted_out(trades_of([TRADE | {"price": "9" * 100_000}], "test"), Trade, home.settings, AS_OF)
    (row,) = home.rows(Quarantined)
    assert json.loads(row.row)[AS_IT_CAME]["price"] == f"{'9' * 2000}… (100000 letters)"
