"""Bad rows are set aside as they came, with every rule they break; too many stop the copying."""

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from prefect import flow

from adapters.settings import Settings
from data_contracts import Quarantined, Trade
from data_contracts.errors import Unsafe
from data_contracts.frames import empty
from tasks.quality import check, check_all, insist
from tasks.steps import bare_steps

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("prefect_harness")


@flow
def checking(frame: pl.DataFrame, settings: Settings, at: datetime = AT) -> pl.DataFrame:
    return check(frame, Trade, settings, at)


def trades(*prices: str | None) -> pl.DataFrame:
    rows = [
        {
            "trade_id": f"{number:032x}",
            "source": "test",
            "venue": "polymarket",
            "wallet": "0x" + "a" * 40,
            "market_id": "m",
            "token_id": "yes",
            "outcome": "Yes",
            "side": "BUY",
            "price": price,
            "shares": "10",
            "notional": "4",
            "traded_at": AT,
            "seen_at": AT,
            "sequence": 0,
            "pool": "",
            "tx_hash": "",
            "ordinal": 0,
        }
        for number, price in enumerate(prices)
    ]
    frame = pl.DataFrame(rows, schema_overrides={"price": pl.String})
    return frame.with_columns(pl.col(name).cast(dtype) for name, dtype in empty(Trade).schema.items())


@pytest.fixture
def settings(rooms: Any) -> Settings:
    found: Settings = rooms().settings
    return found


def test_good_rows_go_on_in_their_order(settings: Settings) -> None:
    frame = trades("0.4", "1.5", "0.6", None, "0.2")
    assert checking(frame, settings)["trade_id"].to_list() == [frame["trade_id"][place] for place in (0, 2, 4)]


def test_a_bad_row_is_kept_as_it_came_with_all_the_rules_it_breaks(settings: Settings) -> None:
    frame = trades("0.4", "1.5").with_columns(pl.when(pl.col("price") > 1).then(pl.lit("HOLD")).otherwise("side").alias("side"))
    checking(frame, settings)
    row = quarantined(settings)[0]
    assert row.rules == "price must be at most 1 on polymarket; side must be one of BUY, SELL"
    assert json.loads(row.row)["price"] == "1.500000000000000000"
    assert (row.table, row.source, row.seen_at) == ("trades", "test", AT)


def test_a_row_that_is_seen_again_is_in_quarantine_once_and_keeps_its_first_time(settings: Settings) -> None:
    frame = trades("1.5")
    checking(frame, settings)
    checking(frame, settings, AT.replace(hour=13))
    assert [row.seen_at for row in quarantined(settings)] == [AT]


def quarantined(settings: Settings) -> list[Any]:
    from adapters.connect import open_results

    return open_results(settings).rows(Quarantined)


@flow
def insisting(good: int, of: int) -> None:
    frame = trades(*["0.4"] * max(of, 1)).head(of)
    insist(frame.head(good), of=frame)


@pytest.mark.parametrize(("good", "of"), [(95, 100), (19, 20), (0, 0)])
def test_one_bad_row_in_twenty_is_borne(good: int, of: int) -> None:
    insisting(good, of)


@pytest.mark.parametrize(("good", "of"), [(94, 100), (18, 19), (0, 1)])
def test_more_than_one_in_twenty_is_unsafe(good: int, of: int) -> None:
    with pytest.raises(Unsafe, match=f"{of - good} of {of} rows broke their contract"):
        insisting(good, of)


@flow
def checking_all(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    return check_all(frame, Trade, settings, AT)


def test_of_a_conclusion_every_row_must_hold(settings: Settings) -> None:
    """300 good grades beside a broken one are not the truth either: the flow fails, and says where to look."""
    good = trades("0.4", "0.5")
    assert checking_all(good, settings).equals(good)
    with pytest.raises(Unsafe, match="1 of 2 rows of trades broke their contract"):
        checking_all(trades("0.4", "1.5"), settings)
    assert len(quarantined(settings)) == 1


def test_nor_does_a_replay_conclude_anything_from_a_broken_row(settings: Settings) -> None:
    with bare_steps(), pytest.raises(Unsafe, match="nothing is concluded from them"):
        check_all(trades("0.4", "1.5"), Trade, settings, AT)
