"""What steps write about a strategy: whom it follows, how it stands, what its operator orders, who belongs to whom."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_graph, open_results
from adapters.settings import Settings
from adapters.stores.known_rows import as_known
from data_contracts import (
    Contradiction,
    Equity,
    Kind,
    Leader,
    LeaderStanding,
    LeaderWord,
    Mark,
    OrderStatus,
    Position,
    Reason,
    RiskState,
    Strategy,
    TradingState,
)
from data_contracts.errors import Refused
from domain.copying.policy import FollowPolicy, Policy
from domain.copying.risk.permission import Permission
from tasks.clustering.wallet_clustering import link_wallets
from tasks.copying.marks import read_marked
from tasks.copying.permissions import permissions
from tasks.copying.risk_assessment import assess_risk
from tasks.copying.strategy_rows import read_changed, read_strategies
from tasks.operating.strategies import put_strategy
from tasks.operating.trading_halt import halt_for
from tasks.operating.trading_state import order_state
from tasks.profiling.leaders import choose_leaders
from tests.ledger_rows import a_position, an_order
from tests.markets import an_instrument

ONE, TWO, THREE = ("0x" + letter * 40 for letter in "abc")
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def home(rooms: Any) -> Any:
    return rooms()


def follow(home: Any, at: datetime, *wallets: str, enabled: bool = True) -> None:
    policy = Policy(follow=FollowPolicy(wallets=wallets, top=0))
    put_strategy("mirror", Kind.MIRROR, policy, Decimal(1_000), enabled, home.settings, at)
    choose_leaders(home.settings, at)


def held(at: datetime) -> Position:
    """100 shares that cost 40 USD."""
    return a_position(at, strategy_id="mirror")


def at_price(price: str, at: datetime) -> Mark:
    return Mark(token_id="yes", price=Decimal(price), marked_at=at, doubt=None, doubted_price=None, doubted_at=None)


def test_wallets_named_in_the_policy_are_followed(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE, TWO)
    assert [(row.wallet, row.why) for row in home.rows(Leader)] == [
        (ONE, "named in the policy; never seen trading so far"),
        (TWO, "named in the policy; never seen trading so far"),
    ]


def test_who_is_no_longer_chosen_is_dropped_and_stays_on_record(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE, TWO)
    follow(home, t0 + HOUR, TWO)
    assert {row.wallet: (row.chosen_at, row.dropped_at) for row in home.rows(Leader)} == {ONE: (t0, t0 + HOUR), TWO: (t0, None)}


def test_who_is_chosen_again_is_followed_from_then_on(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    follow(home, t0 + HOUR, TWO)
    follow(home, t0 + 2 * HOUR, ONE, TWO)
    assert {row.wallet: (row.chosen_at, row.dropped_at) for row in home.rows(Leader)}[ONE] == (t0 + 2 * HOUR, None)


def test_a_disabled_strategy_follows_nobody_and_keeps_what_it_holds(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    home.put(held(t0))
    follow(home, t0 + HOUR, ONE, enabled=False)
    book = read_strategies(open_results(home.settings))[0]
    assert (book.leaders, [position.shares for position in book.open_positions]) == (frozenset(), [100])


def test_what_is_read_again_after_exits_is_what_a_first_reading_would_find(home: Any, t0: datetime) -> None:
    """Of the one whose exits ran: a part sold at a gain, an order without an answer; of the other nothing but what was said of it."""
    results = open_results(home.settings)
    for name in ("mirror", "other"):
        put_strategy(name, Kind.MIRROR, Policy(), Decimal(1_000), True, home.settings, t0)
        home.put(a_position(t0, strategy_id=name), a_position(t0, strategy_id=name, token_id="no"))
    home.put(at_price("0.55", t0))
    before = read_strategies(results)
    home.put(a_position(t0, strategy_id="mirror", shares=Decimal(60), cost=Decimal(24), realized_pnl=Decimal(6)))
    home.put(a_position(t0, strategy_id="mirror", token_id="no", shares=Decimal(0), cost=Decimal(0), lots="[]", closed_at=t0))
    home.put(an_order(t0, strategy_id="mirror", status=OrderStatus.UNKNOWN))
    order_state("other", TradingState.HALTED, home.settings, t0)
    assert read_changed(before, {"mirror"}, results) == read_strategies(results) != before


def test_changing_a_strategy_keeps_the_day_it_was_made(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    follow(home, t0 + HOUR, TWO)
    strategy = home.rows(Strategy)[0]
    assert (strategy.created_at, strategy.updated_at) == (t0, t0 + HOUR)


def assess(home: Any, at: datetime) -> None:
    assess_risk(read_marked(open_results(home.settings), home.rows(Position, closed_at=None)), home.settings, at)


def allowed(home: Any) -> Permission:
    return permissions(open_results(home.settings), TradingState.ACTIVE)["mirror"]


@pytest.mark.parametrize(("mark", "equity"), [(None, 1_000), ("0.55", 1_015)])
def test_a_position_counts_at_its_mark_and_without_one_at_cost(home: Any, t0: datetime, mark: str | None, equity: int) -> None:
    """1,000 - 40 + 100 x 0.55 = 1,015."""
    follow(home, t0, ONE)
    home.put(held(t0), *([at_price(mark, t0)] if mark else []))
    assess(home, t0)
    assert (home.rows(RiskState)[0].equity, home.rows(RiskState)[0].cash) == (equity, 960)


@pytest.mark.parametrize(("realized", "won"), [("31", True), ("30", False), ("20", False)])
def test_a_position_opened_again_wins_by_what_it_won_since(home: Any, t0: datetime, realized: str, won: bool) -> None:
    """It had won 30 before it was opened again. Losing 10 of them the second time counted as the win of 20 that was left."""
    put_strategy("mirror", Kind.MIRROR, Policy(), Decimal(1_000), True, home.settings, t0)
    over = {"shares": "0", "cost": "0", "lots": "[]", "closed_at": t0 + HOUR}
    home.put(a_position(t0, strategy_id="mirror", realized_pnl=Decimal(realized), realized_before=Decimal(30), **over))
    assert [is_win for _, is_win, _ in read_strategies(open_results(home.settings))[0].results] == [won]


def test_an_idle_strategy_leaves_one_point_of_its_curve_not_one_a_cycle(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    for minutes in (0, 1, 2):
        assess(home, t0 + timedelta(minutes=minutes))
    assert [row.as_of for row in home.rows(Equity)] == [t0]


def test_a_curve_that_moves_has_a_point_where_it_moved(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    assess(home, t0)
    home.put(held(t0), at_price("0.55", t0))
    assess(home, t0 + HOUR)
    assert [(row.as_of, row.equity) for row in home.rows(Equity)] == [(t0, 1_000), (t0 + HOUR, 1_015)]


def test_an_operator_halts_a_strategy_and_resumes_it(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    assess(home, t0)
    held = order_state("mirror", TradingState.HALTED, home.settings, t0)
    assert (held.now.state, held.now.reason, allowed(home)) == (TradingState.HALTED, Reason.OPERATOR, held.now)
    again = order_state("mirror", TradingState.ACTIVE, home.settings, t0 + HOUR)
    assert (again.now.state, allowed(home)) == (TradingState.ACTIVE, again.now)


def test_an_operator_may_speak_before_the_first_cycle(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    order_state("mirror", TradingState.HALTED, home.settings, t0)
    assess(home, t0 + HOUR)
    assert allowed(home).reason is Reason.OPERATOR


def test_a_resume_says_what_it_cleared_and_what_it_may_not(home: Any, t0: datetime) -> None:
    """A contradiction is cleared by name; the kill switch is stronger than a word for one strategy."""
    follow(home, t0, ONE)
    halt_for("mirror", "it sold 5, the ledger holds 3", home.settings, t0)
    assert allowed(home).reason is Reason.VENUE_CONTRADICTS_US
    switched = home.settings.model_copy(update={"trading_state": "REDUCING"})
    ordered = order_state("mirror", TradingState.ACTIVE, switched, t0 + HOUR)
    (contradiction,) = home.rows(Contradiction)
    assert ordered.cleared == {contradiction.contradiction_id: Reason.VENUE_CONTRADICTS_US}
    assert [tuple(line.values()) for line in ordered.lines()] == [
        ("cleared", "VENUE_CONTRADICTS_US", contradiction.contradiction_id),
        ("holds", "KILL_SWITCH", "REDUCING"),
    ]


def test_what_stands_is_said_once_and_what_comes_back_after_a_resume_halts_again(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    for minutes in (0, 1, 2):
        halt_for("mirror", "it sold 5, the ledger holds 3", home.settings, t0 + timedelta(minutes=minutes))
    assert len(home.rows(Contradiction)) == 1
    order_state("mirror", TradingState.ACTIVE, home.settings, t0 + HOUR)
    halt_for("mirror", "it sold 5, the ledger holds 3", home.settings, t0 + 2 * HOUR)
    assert allowed(home).reason is Reason.VENUE_CONTRADICTS_US


def test_a_halt_outlives_the_cycle_that_assesses_risk_again(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    assess(home, t0)
    order_state("mirror", TradingState.HALTED, home.settings, t0)
    assess(home, t0 + 48 * HOUR)
    assert allowed(home).state is TradingState.HALTED


def test_a_strategy_nobody_knows_is_refused_by_name(home: Any, t0: datetime) -> None:
    with pytest.raises(Refused, match="'missing'"):
        order_state("missing", TradingState.HALTED, home.settings, t0)


def test_wallets_with_one_owner_are_one_cluster_however_they_are_linked(graph: tuple[str, str, str], t0: datetime) -> None:
    url, user, password = graph
    settings = Settings(graph_url=url, graph_user=user, graph_password=password)  # type: ignore[arg-type]
    link_wallets([ONE, TWO], "same funder", settings, t0)
    found = link_wallets([TWO, THREE], "same funder", settings, t0)
    owners = open_graph(settings).owners()
    assert [ONE, TWO, THREE] in found.values()
    assert len({owners[wallet] for wallet in (ONE, TWO, THREE)}) == 1


@pytest.mark.parametrize("policy", ['{"sizing": {"percent": NaN}}', "", '{"firewall": {"markets": null}}'])
def test_a_policy_that_cannot_be_read_keeps_its_strategy_from_entering_and_nobody_from_leaving(
    home: Any, t0: datetime, policy: str
) -> None:
    """One row written by hand stopped every cycle of every strategy, exits too."""
    follow(home, t0, ONE)
    (good,) = home.rows(Strategy)
    home.put(held(t0), replace(good, strategy_id="other"), replace(good, policy=policy))
    found = {one.strategy.strategy_id: one for one in read_strategies(open_results(home.settings))}
    assert {name: len(one.open_positions) for name, one in found.items()} == {"mirror": 1, "other": 0}
    assert {name: one.permission(TradingState.ACTIVE).reason for name, one in found.items()} == {
        "mirror": Reason.STRATEGY_UNREADABLE,
        "other": None,
    }
    assert found["mirror"].permission(TradingState.ACTIVE).may_leave


def test_whom_a_strategy_follows_is_left_alone_while_its_policy_cannot_be_read(home: Any, t0: datetime) -> None:
    """They were dropped once, and their trades left no verdict that said why nothing was copied."""
    follow(home, t0, ONE)
    home.put(replace(home.rows(Strategy)[0], policy="{"))
    choose_leaders(home.settings, t0 + HOUR)
    assert [(row.wallet, row.dropped_at) for row in home.rows(Leader)] == [(ONE, None)]


def a_word(at: datetime, standing: LeaderStanding, whose: str = "*", wallet: str = ONE) -> LeaderWord:
    return LeaderWord(strategy_id=whose, wallet=wallet, ordered_at=at, standing=standing, why="he tips off")


def test_a_blocked_wallet_is_dropped_and_not_chosen_even_by_its_name(home: Any, t0: datetime) -> None:
    """And chosen again once it is free. A pause drops nobody."""
    follow(home, t0, ONE, TWO)
    home.put(a_word(t0, LeaderStanding.BLOCKED), a_word(t0, LeaderStanding.PAUSED, wallet=TWO))
    choose_leaders(home.settings, t0 + HOUR)
    assert [(row.wallet, row.dropped_at) for row in home.rows(Leader)] == [(ONE, t0 + HOUR), (TWO, None)]
    assert home.rows(Leader)[0].why == "blocked by a person: he tips off"
    choose_leaders(home.settings, t0 + 2 * HOUR)
    assert home.rows(Leader)[0].dropped_at == t0 + HOUR
    home.put(a_word(t0 + 3 * HOUR, LeaderStanding.FREE))
    choose_leaders(home.settings, t0 + 3 * HOUR)
    assert [row.dropped_at for row in home.rows(Leader)] == [None, None]


def test_a_word_of_another_strategy_is_not_meant(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    home.put(a_word(t0, LeaderStanding.BLOCKED, "other"))
    choose_leaders(home.settings, t0 + HOUR)
    (own,) = read_strategies(open_results(home.settings))
    assert (own.leaders, own.judge(frozenset(), TradingState.ACTIVE).held_back) == (frozenset({ONE}), {})


def test_a_word_that_cannot_be_read_is_taken_for_a_pause(home: Any, t0: datetime) -> None:
    follow(home, t0, ONE)
    home.put(replace(a_word(t0, LeaderStanding.FREE), standing="MAYBE"))
    (own,) = read_strategies(open_results(home.settings))
    assert own.judge(frozenset(), TradingState.ACTIVE).held_back == {ONE: Reason.LEADER_PAUSED}


def test_a_purchase_without_an_answer_keeps_its_fee_as_well(home: Any, t0: datetime) -> None:
    """100 shares at 0.50 or better and a rate of 4 %: 52 USD may go. With 50 kept the next copy spent what the fee took: -0.74 USD
    (seed 125 of `make simulate`)."""
    follow(home, t0, ONE)
    home.put(an_order(t0, strategy_id="mirror", status=OrderStatus.UNKNOWN))
    results = open_results(home.settings)
    assert read_strategies(results)[0].reserved().cash == 950
    home.put(as_known(an_instrument(fee_rate=Decimal("0.04"))))
    assert read_strategies(results)[0].reserved().cash == 948
