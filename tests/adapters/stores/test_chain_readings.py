"""What became of signatures: the same on ClickHouse and in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.stores.history import History
from data_contracts import ChainReading, ReadAs
from data_contracts.frames import frame_of, rows_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
A, B = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"
READING = ChainReading(
    wallet=A,
    signature="s1",
    source="solana",
    slot=400_000_000,
    happened_at=NOW,
    read_as=ReadAs.GAP,
    why="not found yet",
    trades=0,
    unpriced=0,
    seen_at=NOW,
)


def test_the_last_word_about_a_signature_holds(history: History) -> None:
    """It was a gap when it was first seen, and a trade when its transaction came."""
    history.append(frame_of([READING, replace(READING, signature="s2", happened_at=None)], ChainReading), ChainReading)
    later = replace(READING, read_as=ReadAs.TRADE, why="", trades=1, seen_at=NOW + timedelta(seconds=30))
    history.append(frame_of([later], ChainReading), ChainReading)
    assert rows_of(history.chain_readings([A], ["s1"]), ChainReading) == [later]
    assert history.chain_readings([B], ["s1"]).height == 0
    assert history.chain_readings([A], []).height == 0
    assert history.readings_since(NOW)["read_as"].to_list() == ["TRADE", "GAP"]
    assert history.readings_since(NOW + timedelta(seconds=1))["signature"].to_list() == ["s1"]


def test_a_signature_of_two_wallets_has_a_word_for_each(history: History) -> None:
    rows = [READING, replace(READING, wallet=B, read_as=ReadAs.NOT_A_TRADE)]
    history.append(frame_of(rows, ChainReading), ChainReading)
    assert history.readings_since(NOW)["read_as"].to_list() == ["GAP", "NOT_A_TRADE"]
