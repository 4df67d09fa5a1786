"""Which part of ours goes when the leader sells."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.copying.exits.leader import exit_fraction

SHARES = st.decimals("0.000001", 10_000_000, places=6)
HELD = st.decimals(-1_000, 10_000_000, places=6)


@pytest.mark.parametrize(
    ("sold", "held_before", "expected"),
    [
        ("50", "100", "0.5"),
        ("100", "100", "1"),
        ("99.99", "100", "1"),  # crumbs: 0.1 of our 1,000 stayed open until the market resolved, and nothing more was bought of the token
        ("99.9", "100", "1"),
        ("99.89", "100", "0.9989"),
        ("100.000001", "100", "1"),  # more than we saw it buy
        ("1", "0", "1"),
        ("1", "-5", "1"),  # a split or a merge gave it what it sold
        ("1", "3", "0.3333333333"),  # down: never more than the leader's part
        ("2", "3", "0.6666666666"),
    ],
)
def test_we_sell_the_part_the_leader_sold(sold: str, held_before: str, expected: str) -> None:
    assert exit_fraction(Decimal(sold), Decimal(held_before)) == Decimal(expected)


@given(SHARES, HELD)
def test_an_exit_is_between_nothing_and_all(sold: Decimal, held_before: Decimal) -> None:
    assert 0 <= exit_fraction(sold, held_before) <= 1


@given(SHARES, SHARES)
def test_all_of_ours_goes_exactly_when_the_leader_keeps_a_thousandth_or_less(sold: Decimal, held_before: Decimal) -> None:
    assert (exit_fraction(sold, held_before) == 1) == ((held_before - sold) * 1000 <= held_before)


@given(SHARES, SHARES, HELD)
def test_a_leader_that_sells_more_takes_no_less_of_ours_along(one: Decimal, other: Decimal, held_before: Decimal) -> None:
    less, more = sorted([one, other])
    assert exit_fraction(less, held_before) <= exit_fraction(more, held_before)
