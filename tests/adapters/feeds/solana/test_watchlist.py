"""Whose transactions are read: whoever matters most first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.feeds.solana.watchlist import OnRecord
from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.results import Write
from data_contracts import Candidate, Currency, FoundIn, Kind, Leader, Strategy, Venue

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
FOLLOWED, FORMER, FOUND, LATER = (letter * 43 for letter in "ABCD")
ELSEWHERE = "0x" + "b" * 40
STRATEGY = Strategy(
    strategy_id="sols",
    venue=Venue.SOLANA,
    stake_currency=Currency.SOL,
    kind=Kind.MIRROR,
    policy="{}",
    balance=Decimal(1),
    enabled=True,
    created_at=NOW,
    updated_at=NOW,
)


@pytest.fixture
def results() -> MemoryResults:
    return MemoryResults()


def put(results: MemoryResults, *rows: Any) -> None:
    results.write([Write(type(row), [row], "put") for row in rows])


def leader(wallet: str, strategy_id: str = "sols", dropped: bool = False) -> Leader:
    return Leader(strategy_id=strategy_id, wallet=wallet, why="", chosen_at=NOW, dropped_at=NOW if dropped else None)


def candidate(wallet: str, seen_ago_s: float = 0, excluded: str | None = None) -> Candidate:
    seen = NOW - timedelta(seconds=seen_ago_s)
    return Candidate(wallet=wallet, found_in=FoundIn.TRADES, detail="", excluded=excluded, first_seen_at=seen, last_seen_at=seen)


def test_leaders_come_first_then_candidates_those_seen_last_first(results: MemoryResults) -> None:
    put(results, STRATEGY, replace(STRATEGY, strategy_id="dollars", venue=Venue.POLYMARKET))
    put(results, leader(FOLLOWED), leader(FORMER, dropped=True), leader(ELSEWHERE, "dollars"))
    put(results, candidate(FOUND, 60), candidate(LATER), candidate(ELSEWHERE), candidate(FORMER, 0, "an exchange"))
    assert OnRecord(lambda: results, MemoryHistory).wallets() == [FOLLOWED, LATER, FOUND]


def test_a_leader_that_is_chosen_now_is_read_at_the_next_look_and_candidates_within_five_minutes(results: MemoryResults) -> None:
    """All candidates of both venues would be read in each cycle: a hundred thousand rows for a few that are new."""
    known = OnRecord(lambda: results, MemoryHistory)
    assert known.wallets() == []
    put(results, STRATEGY, leader(FOLLOWED), candidate(FOUND))
    assert known.wallets() == [FOLLOWED]
    known._read_s -= 300.0
    assert known.wallets() == [FOLLOWED, FOUND]
