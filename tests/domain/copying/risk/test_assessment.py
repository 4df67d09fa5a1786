"""When our rules stop entries: look by look, from money alone."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import OperatorWord, Reason, RiskState, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.risk.assessment import assess
from domain.copying.risk.drawdown import Drawdown
from domain.copying.risk.permission import Spoken, halts
from domain.copying.risk.rules import rules_of

ACTIVE, REDUCING, HALTED = TradingState
POLICY = RiskPolicy()
CYCLE = timedelta(seconds=30)
Look = Callable[..., RiskState]


def look(equity: object, before: RiskState | None, at: datetime, won: Sequence[bool] = (), words: Sequence[OperatorWord] = ()) -> RiskState:
    """One cycle's assessment; what was won or lost was closed in the days before."""
    results = [(at - timedelta(hours=len(won) - number), one, False) for number, one in enumerate(won)]
    money = Decimal(str(equity))
    return assess("strategy", (money, money / 2), results, before, words, POLICY, at)


def looks(equities: Sequence[object], before: RiskState | None, at: datetime, **more: Any) -> RiskState:
    """Cycle by cycle, thirty seconds apart."""
    for equity in equities:
        before = look(equity, before, at, **more)
        at += CYCLE
    assert before is not None
    return before


def word(state: TradingState, at: datetime, clears: Sequence[str] = ()) -> OperatorWord:
    return OperatorWord(strategy_id="strategy", ordered_at=at, state=state, clears=json.dumps(list(clears)))


def resumed(before: RiskState, at: datetime) -> list[OperatorWord]:
    """As flow `trading-state` writes it: with the names of the halts that are on record."""
    return [word(ACTIVE, at, [*halts(Spoken(), before)])]


def peak_of(state: RiskState) -> Decimal:
    rule = rules_of(state.rules)["drawdown"]
    assert isinstance(rule, Drawdown)
    return rule.peak_equity


@pytest.mark.parametrize(
    ("equity", "state", "reason"),
    [
        ("8500.01", ACTIVE, None),
        ("8500", HALTED, Reason.DAILY_LOSS),  # 15 % of 10,000
        ("7000.01", HALTED, Reason.DAILY_LOSS),
        ("7000", HALTED, Reason.DRAWDOWN),  # 30 % of the peak; both hold, and the one that needs an operator is said
    ],
)
def test_a_loss_that_lasts_halts_from_its_limit_on(
    a_risk_state: Any, as_of: datetime, equity: str, state: TradingState, reason: Reason | None
) -> None:
    found = looks([10_000, 10_000, equity, equity, equity], a_risk_state(), as_of)
    assert (found.state, found.reason) == (state, reason)


def test_a_book_that_is_gone_for_a_moment_halts_nothing_and_nothing_is_entered_meanwhile(a_risk_state: Any, as_of: datetime) -> None:
    """Eight copies of 500 USD; one snapshot of every book was 0.01 to 0.99, the next as before. Equity 6,266, then 9,923 again.

    It was HALTED by DRAWDOWN at the first look, and waited for an operator although nothing had been lost.
    """
    calm = looks([10_000, 9_950, 9_930], a_risk_state(), as_of)
    ghost = look(6_266, calm, as_of + 3 * CYCLE)
    assert (calm.state, ghost.state, ghost.reason) == (ACTIVE, REDUCING, Reason.DRAWDOWN)
    back = look(9_923, ghost, as_of + 4 * CYCLE)
    assert (back.state, back.reason) == (ACTIVE, None)


@pytest.mark.parametrize(("ghosts", "state"), [(1, REDUCING), (2, REDUCING), (3, HALTED)])
def test_two_looks_of_five_may_be_wrong_and_the_third_is_believed(
    a_risk_state: Any, as_of: datetime, ghosts: int, state: TradingState
) -> None:
    assert looks([10_000] * 3 + [6_000] * ghosts, a_risk_state(), as_of).state is state


def test_a_ghost_that_comes_and_goes_is_believed_when_it_is_there_more_often_than_not(a_risk_state: Any, as_of: datetime) -> None:
    assert looks([10_000, 6_000, 10_000, 6_000, 10_000], a_risk_state(), as_of).state is ACTIVE
    assert looks([10_000, 6_000, 10_000, 6_000, 6_000], a_risk_state(), as_of).state is HALTED


def test_a_lone_high_look_is_no_peak_to_fall_from(a_risk_state: Any, as_of: datetime) -> None:
    """A level of no shares at 0.97 was a best bid once: equity +4,470, and from there the truth looks like a fall of 31 %."""
    after = looks([10_000, 10_000, 14_470, 10_000, 10_000, 10_000], a_risk_state(), as_of)
    assert (peak_of(after), after.state) == (10_000, ACTIVE)


def test_a_lone_look_at_midnight_is_no_day_to_start_with(a_risk_state: Any, as_of: datetime) -> None:
    """The day's first look shows 12,000 that nobody has: 15 % below that is 10,200, and the true 10,000 would halt the whole day."""
    midnight = as_of.replace(hour=0) + timedelta(days=1)
    evening = looks([10_000] * 4, a_risk_state(), midnight - 4 * CYCLE)
    assert looks([12_000, 10_000, 10_000, 10_000], evening, midnight).state is ACTIVE


def test_cycles_that_hints_started_early_are_one_look(a_risk_state: Any, as_of: datetime) -> None:
    """Five cycles within twenty seconds see the same five books."""
    state = looks([10_000] * 3, a_risk_state(), as_of)
    for second in range(60, 80, 4):
        state = look(6_000, state, as_of + timedelta(seconds=30 + second))
    assert state.state is REDUCING


def test_the_same_cycle_again_is_the_same_look(a_risk_state: Any, as_of: datetime) -> None:
    calm = looks([10_000] * 3, a_risk_state(), as_of)
    once = look(6_000, calm, as_of + 3 * CYCLE)
    assert look(6_000, look(6_000, once, as_of + 3 * CYCLE), as_of + 3 * CYCLE) == once


@pytest.mark.parametrize(("equity", "state"), [("7000.01", ACTIVE), ("7000", HALTED)])
def test_a_drawdown_counts_from_the_peak_over_days(a_risk_state: Any, as_of: datetime, equity: str, state: TradingState) -> None:
    before = a_risk_state(kept={"daily_loss": {"day_started_equity": "7500"}})
    assert looks([equity] * 3, before, as_of).state is state


@pytest.mark.parametrize(
    ("wins", "state"),
    [
        ([True] * 20 + [False] * 30, ACTIVE),  # 20 of 50 is 40 %
        ([True] * 19 + [False] * 31, HALTED),  # at the first look: closed positions are no marks
        ([True] * 19 + [False] * 30, ACTIVE),  # 49 say nothing yet
        ([True] * 100 + [True] * 19 + [False] * 31, HALTED),  # older ones do not count
        ([False] * 100 + [True] * 20 + [False] * 30, ACTIVE),
    ],
)
def test_fewer_than_four_wins_in_ten_of_the_last_fifty_halt(
    a_risk_state: Any, as_of: datetime, wins: list[bool], state: TradingState
) -> None:
    found = look(10_000, a_risk_state(), as_of, wins)
    assert found.state is state
    assert (found.reason is Reason.WIN_RATE_LOW) == (state is HALTED)


def test_a_daily_loss_ends_with_the_day_and_the_new_day_begins_with_its_own_equity(a_risk_state: Any, as_of: datetime) -> None:
    midnight = as_of.replace(hour=0) + timedelta(days=1)
    last = looks([8_400] * 3, a_risk_state(), midnight - 3 * CYCLE)
    assert (last.state, last.reason) == (HALTED, Reason.DAILY_LOSS)
    first = look(8_400, last, midnight)
    assert (first.state, first.reason, json.loads(first.rules)["daily_loss"]["day_started_equity"]) == (ACTIVE, None, "8400")


def test_a_halt_by_drawdown_waits_for_an_operator_however_well_it_goes(a_risk_state: Any, as_of: datetime) -> None:
    halted = looks([6_000] * 3, a_risk_state(), as_of)
    later = looks([20_000] * 9, halted, as_of + timedelta(days=30), won=[True] * 50)
    assert (later.state, later.reason) == (HALTED, Reason.DRAWDOWN)


def test_a_halt_remembers_since_when(a_risk_state: Any, as_of: datetime) -> None:
    halted = looks([8_000] * 3, a_risk_state(), as_of)
    assert (halted.changed_at, look(8_000, halted, as_of + 9 * CYCLE).changed_at) == (as_of, as_of)


def test_a_strategy_begins_active_at_its_first_equity(as_of: datetime) -> None:
    found = look(10_000, None, as_of)
    assert (found.state, peak_of(found), found.drawdown) == (ACTIVE, 10_000, 0)


def test_a_strategy_without_money_does_not_trade(as_of: datetime) -> None:
    assert look(0, None, as_of).state is HALTED


def test_an_operator_who_resumes_is_not_halted_again_by_the_old_loss(a_risk_state: Any, as_of: datetime) -> None:
    halted = looks([6_000] * 3, a_risk_state(), as_of)
    words = resumed(halted, as_of + timedelta(minutes=5))
    again = looks([6_000, "5100.01", "5100.01", "5100.01"], halted, as_of + timedelta(minutes=6), words=words)
    assert (again.state, peak_of(again)) == (ACTIVE, 6_000)
    assert looks([5_100] * 3, again, as_of + timedelta(minutes=9), words=words).reason is Reason.DAILY_LOSS  # 15 % of 6,000 is 900


def test_a_resume_clears_the_halts_it_saw_and_no_later_one(a_risk_state: Any, as_of: datetime) -> None:
    """The operator cleared a low win rate; the cycle that ran meanwhile had just halted it for its drawdown."""
    losing = look(10_000, a_risk_state(), as_of, [False] * 50)
    words = resumed(losing, as_of + timedelta(minutes=1))
    meanwhile = looks([6_000] * 3, losing, as_of + CYCLE)
    after = look(6_000, meanwhile, as_of + timedelta(minutes=3), words=words)
    assert (after.state, after.reason) == (HALTED, Reason.DRAWDOWN)


def test_what_closed_before_a_resume_does_not_count_against_the_win_rate(a_risk_state: Any, as_of: datetime) -> None:
    losing = look(10_000, a_risk_state(), as_of, [False] * 50)
    words = resumed(losing, as_of + timedelta(minutes=1))
    old = [(as_of - timedelta(hours=50 - number), False, False) for number in range(50)]
    after = assess("strategy", (Decimal(10_000), Decimal(10_000)), old, losing, words, POLICY, as_of + timedelta(minutes=2))
    assert after.state is ACTIVE


def test_a_halt_by_an_operator_changes_nothing_that_is_computed(a_risk_state: Any, as_of: datetime) -> None:
    before = looks([10_000] * 3, a_risk_state(), as_of)
    assert look(10_000, before, as_of + 4 * CYCLE, words=[word(HALTED, as_of)]).state is ACTIVE


@given(st.lists(st.decimals("0.01", 100_000, places=2), min_size=1, max_size=12))
def test_the_peak_is_the_highest_equity_that_three_of_five_looks_reached(as_of: datetime, equities: list[Decimal]) -> None:
    """The first looks of a life are fewer than five: then the higher of the middle ones."""
    state, steady = None, []
    for number, equity in enumerate(equities):
        state = look(equity, state, as_of + number * CYCLE)
        last = sorted(equities[max(0, number - 4) : number + 1])
        steady.append(last[len(last) // 2])
    assert state is not None
    assert peak_of(state) == max(steady)
    assert 0 <= state.drawdown <= 1


@given(st.lists(st.decimals(6_000, 14_000, places=2), min_size=5, max_size=30), st.data())
def test_no_two_wrong_looks_of_five_ever_halt(as_of: datetime, ghosts: list[Decimal], data: st.DataObject) -> None:
    """The truth stands at 10,000; at most two looks in any five in a row see something else."""
    before, seen = looks([10_000] * 5, None, as_of), [False] * 4
    for number, ghost in enumerate(ghosts):
        wrong = sum(seen[-4:]) < 2 and data.draw(st.booleans())
        seen.append(wrong)
        before = look(ghost if wrong else 10_000, before, as_of + (5 + number) * CYCLE)
        assert before.state is not HALTED


@pytest.mark.parametrize(("before", "after"), [(10_000, 5_000), (10_000, 20_000)])
def test_a_balance_that_is_changed_is_no_gain_and_no_loss(as_of: datetime, before: int, after: int) -> None:
    """An operator halved it: the strategy was HALTED by DRAWDOWN, and nothing had been lost. What is lost then still counts."""
    state = None
    for number, (balance, equity) in enumerate([(before, before)] * 4 + [(after, after)] * 5):
        money = (Decimal(equity), Decimal(equity))
        state = assess("strategy", money, [], state, [], POLICY, as_of + number * CYCLE, Decimal(balance))
    assert state is not None
    assert (state.state, state.drawdown) == (ACTIVE, 0.0)
    lost = Decimal(after) * Decimal("0.85")  # 15 % of the day's first equity
    for number in range(9, 12):
        state = assess("strategy", (lost, lost), [], state, [], POLICY, as_of + number * CYCLE, Decimal(after))
    assert (state.state, state.reason) == (HALTED, Reason.DAILY_LOSS)
