"""A consensus is asked for every five minutes at most; what cannot be asked for keeps its age."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.connect import open_feed
from adapters.feeds.json_api import JsonApi
from data_contracts import Confidence, Consensus, Instrument, Quarantined, Reason, WalletProfile
from data_contracts.frames import rows_of
from domain.copying.kinds.owrr import consensus_denial
from domain.copying.policy import OwrrPolicy
from tasks.copying.consensus import consensus_of

SKILLED, OTHERS = ([f"0x{letter * 39}{number}" for number in range(3)] for letter in "ab")
KEY = ("m:Yes", "wallet")


def record(wallet: str, omega: float, at: datetime) -> WalletProfile:
    return WalletProfile(
        wallet=wallet,
        category="politics",
        window_days=0,
        trades=10,
        closed_positions=10,
        oversold_positions=0,
        wins=5,
        win_rate=0.5,
        gains=omega,
        losses=1.0,
        omega=omega,
        realized_pnl=0.0,
        invested=1.0,
        roi=0.0,
        max_drawdown=0.0,
        median_hold_s=0.0,
        median_notional=1.0,
        last_trade_at=at,
        as_of=at,
    )


@pytest.fixture
def asked(rooms: Any, t0: datetime) -> Any:
    """Asks for the consensus on Yes at so many seconds after T0: three with omega 2 hold Yes, three with omega 1 hold No, 50 USD each.

    One of the skilled sells at 200 s, which leaves two: too few.
    """
    bought = [(0.0, wallet, "m", side, "BUY", 100.0, 0.5) for wallets, side in ((SKILLED, "Yes"), (OTHERS, "No")) for wallet in wallets]
    home = rooms(*bought, (200.0, SKILLED[0], "m", "Yes", "SELL", 100.0, 0.5))
    home.put(*[record(wallet, 2.0, t0) for wallet in SKILLED], *[record(wallet, 1.0, t0) for wallet in OTHERS])
    known = open_feed(home.settings).instruments(["m:Yes"], t0)
    market = next(row for row in rows_of(known[Instrument], Instrument) if row.token_id == "m:Yes")

    def ask(at_s: float, **changed: str) -> dict[tuple[str, str], Consensus]:
        settings = home.settings.model_copy(update=changed)
        return consensus_of([market], {}, {"wallet"}, settings, t0 + timedelta(seconds=at_s))

    ask.home = home  # type: ignore[attr-defined]
    return ask


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Addresses nobody listens on, and no patience with them."""
    monkeypatch.setattr(JsonApi.get.retry, "sleep", lambda seconds: None)
    return dict.fromkeys(("data_api_url", "gamma_url", "clob_url"), "http://127.0.0.1:9")


def test_the_skilled_outvote_the_others(asked: Any) -> None:
    """3 x 2 x sqrt(50) against 3 x 1 x sqrt(50): 6 / 9."""
    assert asked(100)[KEY].owrr == pytest.approx(6 / 9)


@pytest.mark.parametrize(("at_s", "votes"), [(399, 3), (400, 2)])
def test_it_is_kept_for_five_minutes_and_then_asked_for_again(asked: Any, at_s: int, votes: int) -> None:
    """Computed at 100 s, so old at 400 s."""
    asked(100)
    assert asked(at_s)[KEY].qualified_for == votes


def test_when_the_holders_cannot_be_had_the_last_value_stays_and_its_age_shows(asked: Any, nobody: dict[str, str]) -> None:
    known = asked(100)[KEY]
    assert asked(1000, **nobody)[KEY] == known


def test_an_old_cycle_reads_no_consensus_of_later_and_leaves_it_where_it_is(asked: Any) -> None:
    """At 400 s one of the skilled had left. The cycle of 100 s, run again after it, once judged by what was not known then."""
    later = asked(400)[KEY]
    assert (later.qualified_for, asked(100)[KEY].qualified_for) == (2, 3)
    assert asked(401)[KEY] == later


def test_when_holders_cannot_be_had_and_nothing_is_known_it_is_half_and_nothing_is_copied(
    asked: Any, nobody: dict[str, str], rooms: Any
) -> None:
    found = asked(100, **nobody)
    assert {(one.owrr, one.confidence) for one in found.values()} == {(0.5, Confidence.INSUFFICIENT)}
    feed = open_feed(rooms((0.0, SKILLED[0], "m", "Yes", "BUY", 1.0, 0.5)).settings)
    market = rows_of(feed.instruments(["m:Yes"], T1)[Instrument], Instrument)[0]
    assert consensus_denial("Yes", market, found.get(KEY), OwrrPolicy(), T1) is Reason.CONSENSUS_INSUFFICIENT


@pytest.mark.parametrize("change", [{"owrr": float("nan")}, {"computed_at": None}, {"confidence": "SURE"}], ids=str)
def test_one_that_cannot_be_read_is_asked_for_anew_and_kept_as_it_was(asked: Any, change: dict[str, Any]) -> None:
    """One such row of one market ended every cycle that asked about it."""
    before = asked(100)[KEY]
    asked.home.put(replace(before, **change))
    assert asked(110)[KEY] == replace(before, computed_at=before.computed_at + timedelta(seconds=10))
    assert [row.table for row in asked.home.rows(Quarantined)] == ["consensus"]


T1 = datetime.fromisoformat("2026-11-03T13:00:00+00:00")
