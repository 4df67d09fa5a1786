"""What of the past a cycle reads to know whether a feed shows what somebody had posted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.stores.memory import MemoryResults
from adapters.stores.results import Write
from data_contracts import Reason, Side, TakenIntent, Venue
from domain.copying.posted import SOURCE, trade_of
from domain.ids import row_id
from tasks.copying.posted_trades import claims_of

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40


def taken(name: str, before: timedelta = timedelta(0), **changes: Any) -> TakenIntent:
    fields: dict[str, Any] = {
        "intent_id": name, "trade_id": row_id(SOURCE, name), "reason": None, "venue": Venue.POLYMARKET, "leader": LEADER,
        "market_id": "m", "token_id": "yes", "outcome": "Yes", "side": Side.BUY, "price": Decimal("0.5"), "shares": Decimal(10),
        "notional": Decimal(5), "limit_price": None, "held_before": None, "tx_hash": "", "traded_at": AT - before, "seen_at": AT - before,
    }  # fmt: skip
    return TakenIntent(**(fields | changes))


@pytest.mark.parametrize(("minutes", "is_read"), [(0, True), (10, True), (10.01, False), (60 * 24 * 300, False)])
def test_a_cycle_looks_at_what_was_posted_around_the_new_trades_and_not_at_all_there_ever_was(minutes: float, is_read: bool) -> None:
    """Of a leader that somebody had posted for a year, each cycle in which it traded read every intent."""
    results = MemoryResults()
    results.write([Write(TakenIntent, [taken("near"), taken("far", timedelta(minutes=minutes))])])
    shown = trade_of(taken("shown"))
    assert shown is not None
    late = replace(shown, traded_at=AT + timedelta(hours=1))
    names = {claim.trade_id for claim in claims_of([late, shown], results)}
    assert names == {row_id(SOURCE, "near"), *({row_id(SOURCE, "far")} if is_read else ())}


def test_claims_are_of_those_who_traded_and_can_be_judged() -> None:
    """Another leader's is not asked for, what was refused is none, and without a trade there is no question."""
    results = MemoryResults()
    results.write([Write(TakenIntent, [taken("a", leader=OTHER), taken("b", reason=Reason.BOOK_MISSING, price=None), taken("c")])])
    shown = trade_of(taken("shown"))
    assert shown is not None
    assert [claim.trade_id for claim in claims_of([shown], results)] == [row_id(SOURCE, "c")]
    assert claims_of([], results) == []
