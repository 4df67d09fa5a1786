"""When we stop adding risk, and how much room is left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Reason, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.portfolio import Holding, Portfolio
from domain.copying.risk import Standing, assess, denial, resumed, room, stricter

ACTIVE, REDUCING, HALTED = TradingState
POLICY = RiskPolicy()
KEY = ("leader", "token")


def itself(wallet: str) -> str:
    return wallet


def standing(equity: Decimal, wins: Sequence[bool] = ()) -> Standing:
    """Worth this much, half of it in cash."""
    return Standing(equity, equity / 2, wins)


def holding(cost: object = 10) -> Holding:
    return Holding("market", Decimal(100), Decimal(str(cost)))


def portfolio(holdings: dict[tuple[str, str], Holding], balance: int = 10_000) -> Portfolio:
    return Portfolio(Decimal(balance), Decimal(balance), holdings)


# The state.


@pytest.mark.parametrize(
    ("equity", "state", "reason"),
    [
        ("8500.01", ACTIVE, None),
        ("8500", HALTED, Reason.DAILY_LOSS),  # 15 % of 10,000
        ("7000.01", HALTED, Reason.DAILY_LOSS),
        ("7000", HALTED, Reason.DRAWDOWN),  # 30 % of the peak; both hold, and the one that needs an operator is said
    ],
)
def test_a_loss_halts_from_its_limit_on(
    a_risk_state: Any, as_of: datetime, equity: str, state: TradingState, reason: Reason | None
) -> None:
    found = assess(standing(Decimal(equity)), a_risk_state(), "strategy", POLICY, as_of)
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(("equity", "state"), [("7000.01", ACTIVE), ("7000", HALTED)])
def test_a_drawdown_counts_from_the_peak_over_days(a_risk_state: Any, as_of: datetime, equity: str, state: TradingState) -> None:
    before = a_risk_state(day_started_equity=Decimal(7_500))
    assert assess(standing(Decimal(equity)), before, "strategy", POLICY, as_of).state is state


@pytest.mark.parametrize(
    ("wins", "state"),
    [
        ([True] * 20 + [False] * 30, ACTIVE),  # 20 of 50 is 40 %
        ([True] * 19 + [False] * 31, HALTED),
        ([True] * 19 + [False] * 30, ACTIVE),  # 49 say nothing yet
        ([True] * 100 + [True] * 19 + [False] * 31, HALTED),  # older ones do not count
        ([False] * 100 + [True] * 20 + [False] * 30, ACTIVE),
    ],
)
def test_fewer_than_four_wins_in_ten_of_the_last_fifty_halt(
    a_risk_state: Any, as_of: datetime, wins: list[bool], state: TradingState
) -> None:
    found = assess(standing(Decimal(10_000), wins), a_risk_state(), "strategy", POLICY, as_of)
    assert found.state is state
    assert (found.reason is Reason.WIN_RATE_LOW) == (state is HALTED)


def test_a_daily_loss_ends_with_the_day_and_the_new_day_begins_with_its_own_equity(a_risk_state: Any, as_of: datetime) -> None:
    before = a_risk_state(state=HALTED, reason=Reason.DAILY_LOSS)
    stood = standing(Decimal(8_400))
    midnight = as_of.replace(hour=0) + timedelta(days=1)
    last = assess(stood, before, "strategy", POLICY, midnight - timedelta(microseconds=1))
    assert (last.state, last.reason) == (HALTED, Reason.DAILY_LOSS)
    first = assess(stood, last, "strategy", POLICY, midnight)
    assert (first.state, first.reason, first.day_started_equity, first.day_started_at) == (ACTIVE, None, 8_400, midnight)


@pytest.mark.parametrize("reason", [Reason.DRAWDOWN, Reason.WIN_RATE_LOW, Reason.OPERATOR])
def test_every_other_halt_waits_for_an_operator(a_risk_state: Any, as_of: datetime, reason: Reason) -> None:
    before = a_risk_state(state=HALTED, reason=reason)
    found = assess(standing(Decimal(20_000), [True] * 50), before, "strategy", POLICY, as_of + timedelta(days=30))
    assert (found.state, found.reason) == (HALTED, reason)


def test_a_halt_remembers_since_when(a_risk_state: Any, as_of: datetime) -> None:
    stood = standing(Decimal(8_000))
    halted = assess(stood, a_risk_state(), "strategy", POLICY, as_of)
    later = assess(stood, halted, "strategy", POLICY, as_of + timedelta(seconds=30))
    assert (halted.changed_at, later.changed_at) == (as_of, as_of)


def test_a_strategy_begins_active_at_its_first_equity(as_of: datetime) -> None:
    found = assess(standing(Decimal(10_000)), None, "strategy", POLICY, as_of)
    assert (found.state, found.peak_equity, found.day_started_equity, found.drawdown) == (ACTIVE, 10_000, 10_000, 0)
    assert found.day_started_at == as_of.replace(hour=0)


def test_a_strategy_without_money_does_not_trade(as_of: datetime) -> None:
    assert assess(standing(Decimal(0)), None, "strategy", POLICY, as_of).state is HALTED


def test_an_operator_who_resumes_is_not_halted_again_by_the_old_loss(a_risk_state: Any, as_of: datetime) -> None:
    before = a_risk_state(state=HALTED, reason=Reason.DRAWDOWN)
    again = resumed(before, ACTIVE, Decimal(6_000), as_of)
    assert assess(standing(Decimal(6_000)), again, "strategy", POLICY, as_of).state is ACTIVE
    assert assess(standing(Decimal("5100.01")), again, "strategy", POLICY, as_of).state is ACTIVE
    assert assess(standing(Decimal(5_100)), again, "strategy", POLICY, as_of).reason is Reason.DAILY_LOSS  # 15 % of 6,000 is 900


def test_the_operators_word_stays_on_record_while_it_holds(a_risk_state: Any, as_of: datetime) -> None:
    """Closed positions from before it do not count against the win rate; its date is how they are told."""
    again = resumed(a_risk_state(state=HALTED, reason=Reason.WIN_RATE_LOW), ACTIVE, Decimal(10_000), as_of)
    later = assess(standing(Decimal(10_000)), again, "strategy", POLICY, as_of + timedelta(days=2))
    assert (later.reason, later.changed_at) == (Reason.OPERATOR, as_of)


@pytest.mark.parametrize("one", TradingState)
@pytest.mark.parametrize("other", TradingState)
def test_of_two_states_the_one_that_allows_less_holds(one: TradingState, other: TradingState) -> None:
    order = [ACTIVE, REDUCING, HALTED]
    assert stricter(one, other) is order[max(order.index(one), order.index(other))]


@given(st.lists(st.decimals("0.01", 100_000, places=2), min_size=1, max_size=10))
def test_the_peak_is_the_highest_equity_and_the_drawdown_is_from_there(as_of: datetime, equities: list[Decimal]) -> None:
    state = None
    for equity in equities:
        state = assess(standing(equity), state, "strategy", POLICY, as_of)
    assert state is not None
    assert state.peak_equity == max(equities)
    assert state.drawdown == pytest.approx(float((max(equities) - equities[-1]) / max(equities)))
    assert 0 <= state.drawdown <= 1


# What may be opened.


@pytest.mark.parametrize(("held", "expected"), [(9, None), (10, Reason.MAX_POSITIONS_REACHED)])
def test_the_eleventh_position_is_denied(held: int, expected: Reason | None) -> None:
    holdings = {(f"l{number}", f"t{number}"): holding() for number in range(held)}
    assert denial(portfolio(holdings), KEY, itself, POLICY) is expected


@pytest.mark.parametrize(("held", "expected"), [(2, None), (3, Reason.EXPOSURE_REACHED)])
def test_the_fourth_position_behind_one_owner_is_denied(held: int, expected: Reason | None) -> None:
    """The wallets differ; their owner is one."""
    holdings = {(f"wallet{number}", f"t{number}"): holding() for number in range(held)}
    assert denial(portfolio(holdings), KEY, lambda wallet: "owner", POLICY) is expected
    assert denial(portfolio(holdings), KEY, itself, POLICY) is None


def test_a_token_whose_order_has_no_answer_yet_is_not_bought_again() -> None:
    """An order whose answer was lost may be a fill: the position that says so is not there yet, and the leader buys on."""
    unanswered = Portfolio(Decimal(10_000), Decimal(10_000), awaited=frozenset({KEY}))
    assert denial(unanswered, KEY, itself, RiskPolicy(scale_in=True)) is Reason.TOKEN_ALREADY_HELD
    assert denial(unanswered, ("other", "token"), itself, POLICY) is Reason.TOKEN_ALREADY_HELD
    assert denial(unanswered, ("leader", "other"), itself, POLICY) is None


def test_a_token_is_held_once_whoever_we_follow_into_it() -> None:
    assert denial(portfolio({("other", "token"): holding()}), KEY, itself, POLICY) is Reason.TOKEN_ALREADY_HELD
    assert denial(portfolio({("leader", "other"): holding()}), KEY, itself, POLICY) is None


@pytest.mark.parametrize(("scale_in", "expected"), [(False, Reason.TOKEN_ALREADY_HELD), (True, None)])
def test_adding_to_a_position_is_a_choice(scale_in: bool, expected: Reason | None) -> None:
    assert denial(portfolio({KEY: holding()}), KEY, itself, RiskPolicy(scale_in=scale_in)) is expected


def test_scaling_in_does_not_open_a_token_that_another_leader_brought() -> None:
    assert denial(portfolio({("other", "token"): holding()}), KEY, itself, RiskPolicy(scale_in=True)) is Reason.TOKEN_ALREADY_HELD


# How much room.


@pytest.mark.parametrize(
    ("holdings", "changes", "expected"),
    [
        ({}, {}, 2_500),  # a quarter of 10,000 in one token
        ({}, {"max_token_fraction": 1}, 5_000),  # half of it behind one leader
        ({("leader", "other"): 4_000}, {"max_token_fraction": 1}, 1_000),
        ({("leader", "other"): 6_000}, {}, -1_000),  # over the cap already
        ({KEY: 100}, {"max_position_notional": 300}, 200),
        ({("other", "other"): 9_950}, {"max_exposure": 10_000}, 50),
    ],
)
def test_room_is_what_the_tightest_cap_leaves(holdings: dict[tuple[str, str], int], changes: dict[str, object], expected: int) -> None:
    held = {key: holding(cost) for key, cost in holdings.items()}
    assert room(portfolio(held), KEY, itself, RiskPolicy(**changes)) == expected


def test_all_wallets_of_an_owner_share_its_room() -> None:
    held = {("its other wallet", "other"): holding(4_000)}
    shared = RiskPolicy(max_token_fraction=1)
    assert room(portfolio(held), KEY, lambda wallet: "owner", shared) == 1_000
    assert room(portfolio(held), KEY, itself, shared) == 5_000


@given(st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.decimals(0, 5_000, places=2)), st.booleans())
def test_using_the_room_up_reaches_a_cap_and_passes_none(held: dict[tuple[str, str], Decimal], one_owner: bool) -> None:
    def owner(wallet: str) -> str:
        return "owner" if one_owner else wallet

    key = ("a", "x")
    before = portfolio({other: holding(cost) for other, cost in held.items()})
    left = room(before, key, owner, POLICY)
    if left > 0:
        after = before.after_buy(key, "market", left)
        assert room(after, key, owner, POLICY) == 0
        assert after.exposure <= POLICY.max_exposure
        assert after.cost_of(other for other in after.holdings if other[1] == "x") <= 2_500
        assert after.cost_of(other for other in after.holdings if owner(other[0]) == owner("a")) <= 5_000
