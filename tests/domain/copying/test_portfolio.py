"""What a strategy has left while a cycle judges."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.copying.portfolio import Holding, Portfolio, portfolio_of

KEY = ("0xleader", "yes")
USD = st.decimals(0, 100_000, places=6)


def test_cash_is_the_balance_plus_what_was_realized_minus_what_is_bound(a_marked_position: Any, as_of: Any) -> None:
    """10,000 + 18 realized - 40 in the open one = 9,978."""
    closed = a_marked_position(token_id="closed", shares=Decimal(0), cost=Decimal(0), lots="[]")
    portfolio = portfolio_of([a_marked_position(), closed], Decimal(10_000), Decimal(18))
    assert portfolio.cash == 9_978
    assert list(portfolio.holdings.values()) == [Holding("market", Decimal(100), Decimal(40), as_of)]
    assert portfolio.exposure == 40


def test_positions_may_come_as_a_generator(a_marked_position: Any) -> None:
    portfolio = portfolio_of((position for position in [a_marked_position()]), Decimal(100), Decimal(0))
    assert (portfolio.cash, len(portfolio.holdings)) == (60, 1)


def test_the_same_token_after_two_leaders_is_two_holdings(a_marked_position: Any) -> None:
    portfolio = portfolio_of([a_marked_position(), a_marked_position(leader="0x" + "b" * 40)], Decimal(100), Decimal(0))
    assert len(portfolio.holdings) == 2
    assert portfolio.exposure == 80


def test_a_copy_takes_its_money_at_once_and_its_shares_are_awaited() -> None:
    before = Portfolio(Decimal(100), Decimal(100))
    after = before.after_buy(KEY, "market", Decimal(30))
    assert (after.cash, after.exposure, after.awaited) == (70, 30, {KEY})
    assert after.holdings[KEY].shares == 0
    assert (before.cash, dict(before.holdings), before.awaited) == (100, {}, frozenset())


def test_a_second_copy_of_the_same_adds_to_its_cost() -> None:
    portfolio = Portfolio(Decimal(100), Decimal(100)).after_buy(KEY, "market", Decimal(30)).after_buy(KEY, "market", Decimal(20))
    assert (portfolio.cash, portfolio.holdings[KEY].cost) == (50, 50)


def test_an_exit_takes_the_shares_at_once_and_brings_its_money_only_with_the_venues_word() -> None:
    before = Portfolio(Decimal(100), Decimal(60), {KEY: Holding("market", Decimal(100), Decimal(40))})
    after = before.after_exit(KEY, Decimal("0.25"))
    assert (after.holdings[KEY].shares, after.holdings[KEY].cost, after.cash) == (75, 40, 60)


@given(USD, st.lists(st.tuples(st.sampled_from(["yes", "no", "other"]), USD), max_size=8))
def test_copies_move_cash_into_exposure_and_lose_nothing(cash: Decimal, copies: list[tuple[str, Decimal]]) -> None:
    portfolio = Portfolio(cash, cash)
    for token_id, notional in copies:
        portfolio = portfolio.after_buy(("0xleader", token_id), "market", notional)
    assert portfolio.cash + portfolio.exposure == cash


@pytest.mark.parametrize(("shares", "held"), [("0.01", True), ("0.009999", False)])
def test_what_is_too_little_to_be_sold_is_no_holding_but_stays_paid_for(a_marked_position: Any, shares: str, held: bool) -> None:
    """Nine thousandths of a share left of an exit must not stand in the way of the next copy."""
    left = a_marked_position(shares=Decimal(shares), cost=Decimal("0.004"), lots=f'[["{shares}", "0.004"]]')
    portfolio = portfolio_of([left], Decimal(100), Decimal(0))
    assert bool(portfolio.holdings) is held
    assert portfolio.cash == Decimal("99.996")
