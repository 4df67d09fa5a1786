"""Candidates before a sandbox world over HTTP: found in three places, idempotent, and the only ones that are followed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_history
from data_contracts import Candidate, FoundIn, Leader, ReportedPosition, ReportedProfile, Trade, Venue
from data_contracts.frames import frame_of
from domain.copying.policy import FollowPolicy, Policy
from flows.wallet_discovery import wallet_discovery
from flows.wallet_profiling import backfill, wallet_profiling
from tasks.steps import bare_steps

EXCHANGE = "0xe111180000d2663c0091e4f400237545b87b996b"
pytestmark = pytest.mark.usefixtures("prefect_harness")


@contextmanager
def environment_of(home: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment().items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def found(stack_settings: Any, sandbox_world: Any, prefect_harness: None, new_house: Callable[..., Any]) -> Any:
    """A house that read one day of trades, discovered wallets twice and profiled them. An exchange's address has traded as well."""
    sandbox_world.door.reset()
    home, now = new_house(stack_settings, sandbox_world), sandbox_world.world.origin
    sandbox_world.set(now)
    follow = FollowPolicy(top=20, min_closed_positions=3, wallets=(EXCHANGE,), choose_by="omega")
    home.put(home.strategy("mirror", "mirror", Policy(follow=follow)))
    with environment_of(home):
        with bare_steps():
            backfill(home.settings, now, days=1)
        trades = open_history(home.settings).trades(now - timedelta(days=2), now).head(5)
        exchange = [Trade(**(row | {"wallet": EXCHANGE, "trade_id": f"{n:032x}"})) for n, row in enumerate(trades.to_dicts())]
        open_history(home.settings).append(frame_of(exchange, Trade), Trade)
        open_history(home.settings).append(frame_of([reported(sandbox_world, now)], ReportedPosition), ReportedPosition)
        wallet_discovery(now)
        first = home.rows(Candidate)
        wallet_discovery(now)
        assert home.rows(Candidate) == first
        wallet_profiling(now + timedelta(seconds=1), days=1)
    return home


def reported(sandbox_world: Any, now: datetime) -> ReportedPosition:
    """A position of a wallet of the world, as somebody's file has it."""
    return ReportedPosition(
        source="a friend",
        venue=Venue.POLYMARKET,
        wallet=sorted(sandbox_world.world.wallets)[0],
        market_id=None,
        token_id="t",
        shares=Decimal(1),
        avg_price=Decimal("0.5"),
        bought_shares=None,
        realized_pnl=None,
        payout=None,
        as_of=now,
        loaded_at=now,
    )


def places(home: Any, wallet: str) -> set[str]:
    return {row.found_in for row in home.rows(Candidate, wallet=wallet)}


def test_candidates_come_from_boards_holders_files_and_trades(found: Any, sandbox_world: Any) -> None:
    assert {row.found_in for row in found.rows(Candidate)} == set(FoundIn) - {FoundIn.EARLY_BUYERS}
    assert {row.wallet for row in found.rows(Candidate)} - sandbox_world.world.wallets.keys() == {EXCHANGE}


def test_a_candidate_says_what_it_was_found_for(found: Any) -> None:
    details = {row.found_in: row.detail for row in found.rows(Candidate) if row.excluded is None}
    assert details[FoundIn.LEADERBOARD].startswith("rank ")
    assert " USD in " in details[FoundIn.HOLDERS]
    assert details[FoundIn.LOADED] == "1 positions in a friend"
    assert " trades, " in details[FoundIn.TRADES]


def test_a_reported_wallet_has_a_record_beside_the_profiles(found: Any) -> None:
    (row,) = open_history(found.settings).of_wallets(ReportedProfile).to_dicts()
    assert (row["source"], row["positions"], row["open_positions"]) == ("a friend", 1, 1)


def test_an_exchange_is_known_for_what_it_is_and_followed_by_nobody_although_the_policy_names_it(found: Any) -> None:
    assert {row.excluded for row in found.rows(Candidate, wallet=EXCHANGE)} == {"exchange v2"}
    assert EXCHANGE not in {row.wallet for row in found.rows(Leader)}


def test_every_leader_is_a_candidate_and_its_why_says_where_it_was_found(found: Any) -> None:
    leaders = found.rows(Leader, dropped_at=None)
    assert leaders
    for leader in leaders:
        assert "; found " in leader.why
        assert ("on a leaderboard" in leader.why) == (FoundIn.LEADERBOARD in places(found, leader.wallet))


def test_what_a_candidate_did_before_we_came_is_read_once_it_is_found_on_a_board(found: Any, sandbox_world: Any) -> None:
    """The profiling read one day; the best of the boards is known for all four."""
    ranked = next(row.wallet for row in found.rows(Candidate, found_in=FoundIn.LEADERBOARD) if row.excluded is None)
    wallet = sandbox_world.world.wallets[ranked]
    true = sandbox_world.world.at(sandbox_world.world.origin.timestamp() - 3).wallet_trades(wallet)
    seen = open_history(found.settings).trades(sandbox_world.world.origin - timedelta(days=30), sandbox_world.world.origin, [ranked])
    assert seen.height == len(true)
