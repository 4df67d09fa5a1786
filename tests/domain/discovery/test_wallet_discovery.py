"""Where candidates come from, and who is none."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import Candidate, FoundIn, HolderPosition, LabelKind, Trade, WalletLabel
from data_contracts.frames import empty, frame_of, rows_of
from domain.discovery.wallet_discovery import FOUND, candidates, eligible, holders, liquid_markets, traders, with_origin

A, B = "0x" + "a" * 40, "0x" + "b" * 40
EXCHANGE = "0xe111180000d2663c0091e4f400237545b87b996b"
Build = Callable[..., Any]


def found(*rows: tuple[str, FoundIn]) -> pl.DataFrame:
    return pl.DataFrame([(wallet, place.value, "seen") for wallet, place in rows], schema=dict(FOUND), orient="row")


def named(frame: pl.DataFrame, before: pl.DataFrame, as_of: datetime) -> list[Candidate]:
    return rows_of(candidates(frame, before, as_of), Candidate)


@pytest.mark.parametrize(("trades", "count"), [(4, 0), (5, 1)])
def test_a_wallet_of_five_trades_is_found_in_them(a_trade: Build, trades: int, count: int) -> None:
    frame = frame_of([a_trade(f"{n}", wallet=A, notional=Decimal("100.40")) for n in range(trades)], Trade)
    assert traders(frame)["detail"].to_list() == ["5 trades, 502 USD"] * count


def test_the_most_liquid_markets_are_those_with_the_most_usd(a_trade: Build) -> None:
    usd = {"small": 10, "large": 30, "middle": 20}
    trades = [a_trade(f"{name}{n}", market_id=name, notional=Decimal(usd[name])) for name in usd for n in range(2)]
    assert liquid_markets(frame_of(trades, Trade), 2) == ["large", "middle"]


def test_a_holder_is_told_by_its_largest_holding(as_of: datetime) -> None:
    def held(wallet: str, token_id: str, cost: int) -> HolderPosition:
        worth = Decimal(cost)
        half = Decimal("0.5")
        return HolderPosition(
            market_id="m", token_id=token_id, wallet=wallet, shares=worth, avg_price=half, cost=worth, current_value=worth, as_of=as_of
        )

    questions = pl.DataFrame({"token_id": ["yes"], "outcome": ["Yes"], "question": ["Will it?"]})
    frame = holders(frame_of([held(A, "no", 5), held(A, "yes", 700), held(B, "no", 6)], HolderPosition), questions)
    assert dict(frame.select("wallet", "detail").iter_rows()) == {A: "700 USD in Yes of Will it?", B: "6 USD in an outcome of a market"}


def test_a_candidate_is_a_row_for_each_place_and_keeps_when_it_was_found_first(as_of: datetime) -> None:
    first = candidates(found((A, FoundIn.TRADES), (A, FoundIn.LEADERBOARD)), empty(Candidate), as_of)
    later = as_of + timedelta(days=1)
    again = named(found((A, FoundIn.TRADES)), first, later)
    assert first.height == 2
    assert [(row.first_seen_at, row.last_seen_at) for row in again] == [(as_of, later)]


def test_who_was_seen_within_the_day_is_not_written_again(as_of: datetime) -> None:
    """Found by every run, written once a day: a house of 100,000 wallets would write them all every hour."""
    first = candidates(found((A, FoundIn.TRADES)), empty(Candidate), as_of)
    assert named(found((A, FoundIn.TRADES)), first, as_of + timedelta(days=1) - timedelta(microseconds=1)) == []


def test_the_venues_own_addresses_are_known_for_what_they_are(as_of: datetime) -> None:
    rows = named(found((EXCHANGE, FoundIn.TRADES), (A, FoundIn.TRADES)), empty(Candidate), as_of)
    assert {row.wallet: row.excluded for row in rows} == {EXCHANGE: "exchange v2", A: None}


def test_a_leader_comes_from_the_candidates_alone(as_of: datetime) -> None:
    """A record without a candidate is none to choose from, and neither is that of an exchange."""
    profiles = pl.DataFrame({"wallet": [A, B, EXCHANGE]})
    known = candidates(found((A, FoundIn.TRADES), (EXCHANGE, FoundIn.HOLDERS)), empty(Candidate), as_of)
    assert eligible(profiles, known)["wallet"].to_list() == [A]


def test_why_says_where_a_leader_was_found_and_an_exchange_is_followed_by_nobody(as_of: datetime) -> None:
    known = candidates(found((A, FoundIn.TRADES), (A, FoundIn.LEADERBOARD)), empty(Candidate), as_of)
    reasons = with_origin({A: "omega 2", B: "named in the policy", EXCHANGE: "named in the policy"}, known)
    assert reasons == {A: "omega 2; found on a leaderboard and in the trades", B: "named in the policy"}


def test_what_a_label_calls_an_exchange_is_nobody_to_follow_from_the_next_look_on(as_of: datetime) -> None:
    """The label came an hour after the wallet was found: that is no reason to wait a day. An owner's name excludes nobody."""
    before = candidates(found((A, FoundIn.TRADES), (B, FoundIn.TRADES)), empty(Candidate), as_of)
    given = [(A, LabelKind.EXCHANGE, "OKX"), (B, LabelKind.OWNER, "Ann")]
    labels = [WalletLabel(wallet=wallet, label=kind, name=name, source="list", loaded_at=as_of) for wallet, kind, name in given]
    later = as_of + timedelta(hours=1)
    rows = rows_of(candidates(found((A, FoundIn.TRADES), (B, FoundIn.TRADES)), before, later, frame_of(labels, WalletLabel)), Candidate)
    assert [(row.wallet, row.excluded) for row in rows] == [(A, "exchange: OKX")]
