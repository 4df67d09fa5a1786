"""When the account stops entries: look by look, over strategies of two currencies, in USD."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import AccountLimits, AccountState, Currency, OperatorWord, Reason, TradingState
from domain.copying.account import USD_ONLY, Rates
from domain.copying.risk.account_assessment import Stakes, assess_account
from domain.copying.risk.permission import EVERY_STRATEGY, Spoken, halts

ACTIVE, REDUCING, HALTED = TradingState
AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
CYCLE = timedelta(seconds=30)
NOTHING = Decimal(0)


def limits(**caps: str) -> AccountLimits:
    known: dict[str, Any] = dict.fromkeys(("max_open_usd", "max_cluster_usd", "max_daily_loss_usd", "max_drawdown"))
    return AccountLimits(set_at=AT, **(known | {name: Decimal(cap) for name, cap in caps.items()}))


LOSS, FALL = limits(max_daily_loss_usd="300"), limits(max_drawdown="0.2")


def dollars(equity: object, balance: int = 10_000) -> Stakes:
    return Stakes(Currency.USD, Decimal(balance), Decimal(str(equity)), NOTHING)


def sols(equity: object, balance: int = 100, exposure: str = "0") -> Stakes:
    return Stakes(Currency.SOL, Decimal(balance), Decimal(str(equity)), Decimal(exposure))


def at_rate(usd: object) -> Rates:
    return {**USD_ONLY, Currency.SOL: Decimal(str(usd))}


def looks(
    stakes: Sequence[Sequence[Stakes]],
    caps: AccountLimits,
    before: AccountState | None = None,
    at: datetime = AT,
    rates: Rates | None = None,
    words: Sequence[OperatorWord] = (),
) -> AccountState:
    """Cycle by cycle, thirty seconds apart."""
    for place, each in enumerate(stakes):
        before = assess_account(each, rates or at_rate(100), caps, before, words, at + place * CYCLE)
    assert before is not None
    return before


def says(state: AccountState) -> tuple[TradingState, Reason | None]:
    return state.state, state.reason


@pytest.mark.parametrize(
    ("equities", "state", "reason"),
    [
        ([("9700.01", 100)] * 3, ACTIVE, None),
        ([("9700", 100)] * 3, HALTED, Reason.ACCOUNT_DAILY_LOSS),
        ([("9700", 100)] * 2, REDUCING, Reason.ACCOUNT_DAILY_LOSS),  # two looks of five may be wrong: nothing is entered meanwhile
        ([(10_000, "97.0001")] * 3, ACTIVE, None),
        ([(10_000, "97")] * 3, HALTED, Reason.ACCOUNT_DAILY_LOSS),  # 3 SOL at 100 USD
        ([(9_850, "98.5")] * 3, HALTED, Reason.ACCOUNT_DAILY_LOSS),  # half of it in each
        ([(9_600, 101)] * 3, HALTED, Reason.ACCOUNT_DAILY_LOSS),  # 400 lost, 100 won
        ([(9_600, "101.01")] * 3, ACTIVE, None),
    ],
)
def test_three_hundred_usd_lost_in_a_day_over_both_venues_halt_the_account(
    equities: Sequence[tuple[Any, Any]], state: TradingState, reason: Reason | None
) -> None:
    begun = looks([[dollars(10_000), sols(100)]] * 2, LOSS)
    found = looks([[dollars(usd), sols(sol)] for usd, sol in equities], LOSS, begun, AT + 2 * CYCLE)
    assert says(found) == (state, reason)


@pytest.mark.parametrize(("equity", "state"), [("8000.01", ACTIVE), ("8000", HALTED)])
def test_a_fifth_below_the_peak_halts_the_account(equity: str, state: TradingState) -> None:
    found = looks([[dollars(10_000)]] * 2 + [[dollars(equity)]] * 3, FALL)
    assert found.state is state
    assert found.drawdown == pytest.approx(0.2, abs=1e-4)


def test_a_currency_that_falls_is_a_loss_of_the_account() -> None:
    """100 SOL fall from 100 to 97 USD each: 300 USD."""
    begun = looks([[sols(100)]] * 2, LOSS)
    assert says(looks([[sols(100)]] * 3, LOSS, begun, AT + 2 * CYCLE, at_rate(97))) == (HALTED, Reason.ACCOUNT_DAILY_LOSS)
    assert looks([[sols(100)]] * 3, LOSS, begun, AT + 2 * CYCLE, at_rate("97.001")).state is ACTIVE


def test_a_loss_of_the_day_ends_at_midnight_utc_and_a_drawdown_does_not() -> None:
    late = AT.replace(hour=23, minute=57)
    for caps, state in ((LOSS, ACTIVE), (FALL, HALTED)):
        halted = looks([[dollars(10_000)]] * 2 + [[dollars(8_000)]] * 3, caps, at=late)
        assert looks([[dollars(8_000)]], caps, halted, AT.replace(hour=23, minute=59, second=59)).state is HALTED
        assert looks([[dollars(8_000)]], caps, halted, AT.replace(hour=0) + timedelta(days=1)).state is state


@pytest.mark.parametrize("caps", [LOSS, FALL])
@pytest.mark.parametrize(("before", "after"), [(10_000, 5_000), (10_000, 20_000), (5_000, 10_000)])
def test_capital_that_is_added_or_taken_is_no_gain_and_no_loss(caps: AccountLimits, before: int, after: int) -> None:
    """An operator halves a strategy's balance: its equity falls by 5,000 USD, and nobody lost them. What is lost then still counts."""
    begun = looks([[dollars(before, before)]] * 4, caps)
    changed = looks([[dollars(after, after)]] * 5, caps, begun, AT + 4 * CYCLE)
    assert says(changed) == (ACTIVE, None)
    lost = [[dollars(after - 299, after)]] * 3
    assert looks(lost, LOSS, changed, AT + 9 * CYCLE).state is ACTIVE
    assert looks([[dollars(after - 300, after)]] * 3, LOSS, changed, AT + 9 * CYCLE).state is HALTED


@pytest.mark.parametrize("caps", [LOSS, FALL])
def test_a_strategy_that_begins_at_another_venue_is_no_gain_to_fall_from(caps: AccountLimits) -> None:
    """100 SOL come at 100 USD and go again."""
    begun = looks([[dollars(10_000)]] * 3, caps)
    more = looks([[dollars(10_000), sols(100)]] * 3, caps, begun, AT + 3 * CYCLE)
    assert (more.equity_usd, more.state) == (20_000, ACTIVE)
    assert looks([[dollars(10_000)]] * 3, caps, more, AT + 6 * CYCLE).state is ACTIVE


def test_without_a_rate_nothing_is_entered_until_there_is_one_and_what_was_kept_stays() -> None:
    begun = looks([[dollars(10_000), sols(100)]] * 3, LOSS)
    blind = looks([[dollars(9_000), sols(100)]], LOSS, begun, AT + 3 * CYCLE, USD_ONLY)
    assert (says(blind), blind.equity_usd, blind.rules) == ((REDUCING, Reason.RATE_MISSING), None, begun.rules)
    assert looks([[dollars(10_000), sols(100)]], LOSS, blind, AT + 4 * CYCLE).state is ACTIVE
    assert looks([[dollars(9_000), sols(100)]] * 3, LOSS, blind, AT + 4 * CYCLE).reason is Reason.ACCOUNT_DAILY_LOSS
    assert looks([[dollars(9_000), sols(100)]], limits(), begun, AT + 3 * CYCLE, USD_ONLY).state is ACTIVE  # nothing is limited


def test_a_halt_that_stands_is_said_before_a_rate_that_is_missing() -> None:
    halted = looks([[dollars(10_000), sols(100)]] * 2 + [[dollars(5_000), sols(100)]] * 3, FALL)
    assert says(looks([[dollars(5_000), sols(100)]], FALL, halted, AT + 5 * CYCLE, USD_ONLY)) == (HALTED, Reason.ACCOUNT_DRAWDOWN)


def test_what_is_open_is_the_sum_of_all_in_usd() -> None:
    """2.5 SOL at 100 USD."""
    assert looks([[dollars(1), sols(1, exposure="2.5")]], LOSS).open_usd == 250


def test_an_operator_resumes_the_account_and_its_old_loss_does_not_halt_it_again() -> None:
    halted = looks([[dollars(10_000)]] * 2 + [[dollars(8_000)]] * 3, FALL)
    at = AT + 5 * CYCLE
    word = OperatorWord(strategy_id=EVERY_STRATEGY, ordered_at=at, state=ACTIVE, clears=json.dumps([*halts(Spoken(), halted)]))
    resumed = looks([[dollars(8_000)]] * 4, FALL, halted, at + CYCLE, words=[word])
    assert says(resumed) == (ACTIVE, None)
    assert looks([[dollars(6_400)]] * 3, FALL, resumed, at + 5 * CYCLE, words=[word]).state is HALTED  # a fifth of 8,000 more
    assert looks([[dollars("6400.01")]] * 3, FALL, resumed, at + 5 * CYCLE, words=[word]).state is ACTIVE


def test_a_limit_that_is_lifted_halts_nothing_any_more() -> None:
    for caps in (LOSS, FALL):
        halted = looks([[dollars(10_000)]] * 2 + [[dollars(8_000)]] * 3, caps)
        assert says(looks([[dollars(8_000)]], limits(), halted, AT + 5 * CYCLE)) == (ACTIVE, None)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=6))
def test_whatever_is_added_or_taken_nothing_is_lost_by_it(steps: list[tuple[int, int]]) -> None:
    """Two strategies of two currencies, each exactly where it began."""
    state = looks([[dollars(usd, usd), sols(sol, sol)] for usd, sol in steps for _ in range(3)], LOSS)
    assert says(state) == (ACTIVE, None)
    assert state.drawdown == 0
