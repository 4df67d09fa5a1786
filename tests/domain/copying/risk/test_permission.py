"""What a strategy may do: the strictest of four voices, and which of them keeps us in."""

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from data_contracts import Contradiction, OperatorWord, Reason, RiskState, TradingState
from domain.copying.risk.permission import SEVERITY, Permission, Spoken, halts, permission

ACTIVE, REDUCING, HALTED = TradingState
SAID = "contradiction" + "0" * 19


@pytest.fixture
def spoken(as_of: datetime) -> Any:
    """What an operator said last, and whether the venue contradicted us; `clears` are the names the word clears."""

    def build(state: TradingState | None = None, contradicted: bool = False, clears: tuple[str, ...] = ()) -> Spoken:
        words = (OperatorWord(strategy_id="strategy", ordered_at=as_of, state=state, clears=json.dumps(clears)),) if state else ()
        one = Contradiction(contradiction_id=SAID, strategy_id="strategy", says="it sold more than we hold", seen_at=as_of)
        return Spoken(words, (one,) if contradicted else ())

    return build


def by_rule(a_risk_state: Any, state: TradingState, as_of: datetime) -> RiskState:
    """What the cycle computed: its drawdown says so since `as_of`."""
    since = None if state is ACTIVE else as_of.isoformat()
    reason = None if state is ACTIVE else Reason.DRAWDOWN
    computed: RiskState = a_risk_state(kept={"drawdown": {"state": state.value, "since": since}}, state=state, reason=reason)
    return computed


VOICES = list(itertools.product(TradingState, TradingState, [False, True], TradingState))


@pytest.mark.parametrize(("switch", "word", "contradicted", "rule"), VOICES)
def test_of_all_voices_the_strictest_holds(
    spoken: Any, a_risk_state: Any, as_of: datetime, switch: TradingState, word: TradingState, contradicted: bool, rule: TradingState
) -> None:
    computed = by_rule(a_risk_state, rule, as_of + timedelta(seconds=1))
    found = permission(switch, spoken(word, contradicted), computed)
    voices = [switch, word, HALTED if contradicted else ACTIVE, rule]
    assert found.state is max(voices, key=SEVERITY.index)
    assert found.may_leave == (not contradicted and HALTED not in (switch, word))
    assert (found.reason is None) == (found.state is ACTIVE)


@pytest.mark.parametrize(
    ("reason", "leaves"),
    [
        (Reason.OPERATOR, False),
        (Reason.KILL_SWITCH, False),
        (Reason.VENUE_CONTRADICTS_US, False),
        (Reason.TRADING_HALTED, False),
        (None, False),  # nobody says why: then nobody says that it is safe
        (Reason.DRAWDOWN, True),
        (Reason.DAILY_LOSS, True),
        (Reason.WIN_RATE_LOW, True),
    ],
)
def test_a_halt_by_a_person_or_a_contradiction_holds_exits_back_and_one_by_a_rule_does_not(reason: Reason | None, leaves: bool) -> None:
    """A strategy that had lost 15 % was halted, and its stops with it: it lost the rest (go-trader#1046 skipped the stops likewise)."""
    assert Permission(HALTED, reason).may_leave is leaves
    assert Permission(REDUCING, reason).may_leave
    assert Permission(ACTIVE).may_leave


def test_a_word_clears_the_contradiction_it_names_and_no_other(spoken: Any) -> None:
    assert permission(ACTIVE, spoken(ACTIVE, contradicted=True, clears=(SAID,)), None).state is ACTIVE
    assert permission(ACTIVE, spoken(ACTIVE, contradicted=True, clears=("another",)), None).reason is Reason.VENUE_CONTRADICTS_US


def test_a_halt_that_was_cleared_holds_no_more_before_the_next_cycle_has_looked(spoken: Any, a_risk_state: Any, as_of: datetime) -> None:
    computed = by_rule(a_risk_state, HALTED, as_of - timedelta(hours=1))
    (name,) = halts(Spoken(), computed)
    assert permission(ACTIVE, spoken(ACTIVE, clears=(name,)), computed).state is ACTIVE
    assert permission(ACTIVE, spoken(ACTIVE), computed).reason is Reason.DRAWDOWN  # it was given before the halt was there to be seen


def test_halts_are_named_with_their_reasons(spoken: Any, a_risk_state: Any, as_of: datetime) -> None:
    computed = by_rule(a_risk_state, HALTED, as_of)
    assert halts(spoken(None, contradicted=True), computed) == {
        SAID: Reason.VENUE_CONTRADICTS_US,
        f"drawdown {as_of.isoformat()}": Reason.DRAWDOWN,
    }
