"""From trades in store to grades, states and leaders: the steps that profiling and watching take."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_history, open_results
from data_contracts import Bet, EdgeState, Form, Instrument, Kind, Leader, Side, Trade, Venue, WalletProfile, WalletSkill
from data_contracts.frames import frame_of, rows_of
from domain.copying.policy import Policy
from domain.ids import row_id
from domain.profiling.wallet_profiling import closed_positions, profiles
from tasks.decay.decay_detection import keep_edges, newest_states, watch_edges
from tasks.discovery.wallet_discovery import find_traders, keep_candidates, name_candidates
from tasks.operating.strategies import put_strategy
from tasks.profiling.leaders import choose_leaders
from tasks.profiling.skill import keep_skill, tell_skill
from tests.markets import an_instrument

ALICE, BOB = ("0x" + letter * 40 for letter in "ab")
DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("bare")


def game(number: int, at: datetime, alice_is_right: bool) -> Iterator[Any]:
    """Both bet at 0.50 on either side of one market, an hour before its end. Bob flips a coin: heads for odd numbers."""
    bob_is_right = number % 2 == 1
    for wallet, right in ((ALICE, alice_is_right), (BOB, bob_is_right)):
        token = f"{'won' if right else 'lost'}{number}"
        yield Trade(
            trade_id=row_id(wallet, number), source="test", venue=Venue.POLYMARKET, wallet=wallet,
            market_id=f"game{number}", token_id=token, outcome=token,
            side=Side.BUY, price=Decimal("0.5"), shares=Decimal(100), notional=Decimal(50), traded_at=at, seen_at=at,
            tx_hash="", ordinal=0,
        )  # fmt: skip
    for place, payout in enumerate((1, 0)):
        token = f"{('won', 'lost')[place]}{number}"
        yield an_instrument(
            token_id=token, market_id=f"game{number}", category="sports", ended_at=at + timedelta(hours=1), payout=Decimal(payout),
            updated_at=at,
        )  # fmt: skip


@pytest.fixture
def home(rooms: Any, as_of: datetime) -> Any:
    """80 games, one a day: Alice has 60 right, then none. One strategy follows whom it thinks skilled."""
    home = rooms()
    rows = [row for number in range(80) for row in game(number, as_of + number * DAY, number < 60)]
    for kind in (Trade, Instrument):
        open_history(home.settings).append(frame_of([row for row in rows if isinstance(row, kind)], kind), kind)
    put_strategy("mirror", Kind.MIRROR, Policy(), Decimal(1_000), True, home.settings, as_of)
    return home


@pytest.fixture
def as_of() -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def profiled(home: Any, as_of: datetime) -> Callable[[int], datetime]:
    """What a profiling run does, after so many days."""

    def profile(days: int) -> datetime:
        now, history = as_of + days * DAY, open_history(home.settings)
        trades, markets = history.trades(as_of - DAY, now), history.markets()
        history.append(profiles(trades, markets, closed_positions(trades, markets, now), now), WalletProfile)
        keep_skill(*tell_skill(home.settings, now), home.settings)
        keep_edges(watch_edges(home.settings, now), home.settings)
        keep_candidates(name_candidates([find_traders(home.settings, now)], home.settings, now), home.settings)
        choose_leaders(home.settings, now)
        return now

    return profile


def test_who_knows_is_followed_and_dropped_when_the_edge_is_gone(home: Any, profiled: Any) -> None:
    profiled(60)
    grades = {row.wallet: row.grade for row in rows_of(open_history(home.settings).skills(), WalletSkill)}
    assert (grades[ALICE], grades[BOB]) == ("A", "F")
    (leader,) = home.rows(Leader)
    assert (leader.wallet, leader.dropped_at) == (ALICE, None)
    assert "grade A" in leader.why
    now = profiled(80)
    (leader,) = home.rows(Leader)
    assert leader.dropped_at == now
    assert "the edge is gone" in leader.why
    assert [row.form for row in home.rows(EdgeState)] == [Form.IN_FORM, Form.FADED]
    assert newest_states(open_results(home.settings))[ALICE].form is Form.FADED


def test_profiling_again_at_the_same_time_changes_nothing(home: Any, profiled: Any) -> None:
    profiled(60)
    before = [home.rows(Leader), home.rows(EdgeState), open_history(home.settings).bets().rows()]
    profiled(60)
    assert [home.rows(Leader), home.rows(EdgeState), open_history(home.settings).bets().rows()] == before


def test_bets_come_in_the_order_of_their_results(home: Any, profiled: Any) -> None:
    profiled(60)
    bets = rows_of(open_history(home.settings).bets([ALICE]), Bet)
    assert [bet.market_id for bet in bets] == [f"game{number}" for number in range(60)]
