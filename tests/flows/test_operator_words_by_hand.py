"""What an operator's word does to what is held and to what is under way: small tapes, in memory, every number by hand."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Exit, Position, Reason, Side, Signal, TradingState, Verdict
from data_contracts.errors import Refused
from domain.copying.policy import Policy
from domain.copying.risk.permission import EVERY_STRATEGY
from tasks.operating.trading_state import Hold, order_exit, order_state, who_is_held
from tests.flows.conftest import T0

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
ACTIVE, REDUCING, HALTED = TradingState
pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def bare() -> Any:
    from tasks.steps import bare_steps

    with bare_steps():
        yield


@pytest.fixture
def home(tape: Any, before_tape: Callable[[Any], Any], mirror: Policy) -> Any:
    """LEADER buys 1,000 Yes of `m` at 0.40, we 95.23; at 0:50 he buys Yes of `n`. The book of `m` goes on."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(50, LEADER, "BUY", "1000", "0.40", market="n")
    for at_s in (41, 71, 101, 131):
        tape.trade(at_s, OTHER, "BUY", "500", "0.40")
        tape.trade(at_s + 15, OTHER, "BUY", "500", "0.40", market="n")
    found = before_tape(tape)
    found.follow([LEADER], mirror)
    found.cycle(10)
    return found


def held(home: Any) -> dict[str, Decimal]:
    return {position.token_id: position.shares for position in home.rows(Position)}


def said(home: Any, side: Side) -> list[Reason]:
    return [signal.reason for signal in sorted(home.rows(Signal, side=side.value), key=lambda one: one.judged_at)]


@pytest.mark.parametrize("whom", ["mirror", EVERY_STRATEGY])
def test_exit_everything_sells_what_is_held_in_the_next_cycle_and_enters_nothing(home: Any, whom: str) -> None:
    order_state(whom, REDUCING, home.settings, T0 + timedelta(seconds=42), "moving house", exit_everything=True)
    home.cycle(45)
    assert held(home) == {"m:Yes": 0}
    assert said(home, Side.SELL) == [Reason.OPERATOR_EXIT]
    home.cycle(75)  # the leader's purchase of `n`
    assert said(home, Side.BUY) == [Reason.LEADER_TRADED, Reason.OPERATOR]


def test_a_resume_ends_it(home: Any) -> None:
    order_state("mirror", REDUCING, home.settings, T0 + timedelta(seconds=42), exit_everything=True)
    home.cycle(45)
    order_state("mirror", ACTIVE, home.settings, T0 + timedelta(seconds=60))
    home.cycle(75)
    home.cycle(105)
    assert held(home) == {"m:Yes": 0, "n:Yes": Decimal("95.23")}


def test_while_everything_is_halted_exit_everything_waits_and_leaves_with_the_end_of_the_halt(home: Any) -> None:
    order_state(EVERY_STRATEGY, HALTED, home.settings, T0 + timedelta(seconds=41))
    ordered = order_state("mirror", REDUCING, home.settings, T0 + timedelta(seconds=42), exit_everything=True)
    assert (ordered.now.state, ordered.now.may_leave) == (HALTED, False)
    home.cycle(45)
    assert held(home) == {"m:Yes": Decimal("95.23")}
    order_state(EVERY_STRATEGY, ACTIVE, home.settings, T0 + timedelta(seconds=60))
    home.cycle(75)
    assert held(home)["m:Yes"] == 0


@pytest.mark.parametrize("switch", [REDUCING, HALTED])
def test_the_environment_can_only_be_stricter_than_an_operators_word(home: Any, switch: TradingState) -> None:
    """Resumed by word, held by the environment; and ACTIVE in the environment resumes nobody."""
    strict = home.settings.model_copy(update={"trading_state": switch.value})
    assert order_state("mirror", ACTIVE, strict, T0 + timedelta(seconds=42)).now.state is switch
    assert order_state("mirror", HALTED, home.settings, T0 + timedelta(seconds=43)).now.state is HALTED


def test_a_token_is_left_now_and_the_rest_goes_on(home: Any) -> None:
    home.cycle(65)
    meant = order_exit("mirror", "m:Yes", home.settings, T0 + timedelta(seconds=66), "I know better")
    assert [one.shares for one in meant] == [Decimal("95.23")]
    home.cycle(75)
    assert held(home) == {"m:Yes": 0, "n:Yes": Decimal("95.23")}
    home.cycle(105)
    assert [one.ended_by for one in home.rows(Exit)] == [Reason.EXIT_DONE]
    assert home.rows(Position, token_id="m:Yes")[0].exit_reason is Reason.OPERATOR_EXIT


def test_a_word_about_a_token_resumes_nobody_and_halts_nobody(home: Any) -> None:
    order_state("mirror", HALTED, home.settings, T0 + timedelta(seconds=42), "looking")
    order_exit("mirror", "m:Yes", home.settings, T0 + timedelta(seconds=43))
    home.cycle(45)
    assert held(home) == {"m:Yes": Decimal("95.23")}
    assert [(one.strategy_id, one.state, one.says) for one in who_is_held(home.settings)] == [("mirror", HALTED, "looking")]
    order_state("mirror", REDUCING, home.settings, T0 + timedelta(seconds=60))
    home.cycle(75)
    assert held(home)["m:Yes"] == 0


@pytest.mark.parametrize(("whom", "token"), [("mirror", "n:Yes"), ("nobody", "m:Yes")])
def test_what_is_not_held_and_who_is_not_there_is_said_and_nothing_is_written(home: Any, whom: str, token: str) -> None:
    with pytest.raises(Refused, match=token if whom == "mirror" else whom):
        order_exit(whom, token, home.settings, T0 + timedelta(seconds=42))
    home.cycle(45)
    assert held(home)["m:Yes"] == Decimal("95.23")


def test_a_leaders_exit_that_waits_is_taken_over_and_nothing_is_sold_twice(home: Any, tape: Any) -> None:
    """Halted, the leader's sale waits on record; then the operator wants out: 95.23 are sold once."""
    order_state("mirror", HALTED, home.settings, T0 + timedelta(seconds=42))
    order_exit("mirror", "m:Yes", home.settings, T0 + timedelta(seconds=43))
    order_state("mirror", REDUCING, home.settings, T0 + timedelta(seconds=44), exit_everything=True)
    home.cycle(45)
    home.cycle(75)
    assert held(home) == {"m:Yes": 0}
    assert [one.verdict for one in home.rows(Signal, side="SELL")] == [Verdict.COPY]


def test_who_is_held_says_by_whose_word_and_since_when(home: Any) -> None:
    at = T0 + timedelta(seconds=42)
    order_state(EVERY_STRATEGY, REDUCING, home.settings, at, "  the feed looks odd ")
    assert who_is_held(home.settings) == [Hold(EVERY_STRATEGY, REDUCING, Reason.OPERATOR, at, "the feed looks odd")]
