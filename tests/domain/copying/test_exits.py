"""Which part of ours goes when the leader sells."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Reason
from domain.copying.exits import exit_fraction, own_exits
from domain.copying.policy import ExitPolicy

SHARES = st.decimals("0.000001", 10_000_000, places=6)
HELD = st.decimals(-1_000, 10_000_000, places=6)


@pytest.mark.parametrize(
    ("sold", "held_before", "expected"),
    [
        ("50", "100", "0.5"),
        ("100", "100", "1"),
        ("99.999999", "100", "0.99999999"),
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
def test_all_of_ours_goes_exactly_when_the_leader_keeps_nothing(sold: Decimal, held_before: Decimal) -> None:
    assert (exit_fraction(sold, held_before) == 1) == (sold >= held_before)


@given(SHARES, SHARES, HELD)
def test_a_leader_that_sells_more_takes_no_less_of_ours_along(one: Decimal, other: Decimal, held_before: Decimal) -> None:
    less, more = sorted([one, other])
    assert exit_fraction(less, held_before) <= exit_fraction(more, held_before)


@pytest.mark.parametrize(
    ("mark", "mid", "stops"),
    [
        ("0.01", "0.015", False),  # bid 0.01, ask 0.02: nothing has happened but that we paid the spread
        ("0.01", "0.0100000001", False),
        ("0.01", "0.01", True),
        ("0.01", None, True),  # nobody asks any more: the bid alone is what it is worth
    ],
)
def test_a_spread_is_no_loss_a_stop_could_save_us_from(a_position: Any, as_of: Any, mark: str, mid: Any, stops: bool) -> None:
    """100 shares for 2 USD; half of it is 0.01. On the sandbox a stop by the bid sold a share of 0.02 the moment it was bought."""
    held = a_position(cost=Decimal(2), mark_price=Decimal(mark), mid_price=None if mid is None else Decimal(mid))
    assert [one.reason for one in own_exits(held, ExitPolicy(), as_of)] == ([Reason.STOP_LOSS] if stops else [])


def test_a_position_that_is_younger_than_the_cycle_is_not_judged_by_it(a_position: Any, as_of: Any) -> None:
    """An old cycle that happens again must not sell what was bought after it."""
    held = a_position(cost=Decimal(40), mark_price=Decimal("0.01"))
    assert len(own_exits(held, ExitPolicy(), held.opened_at)) == 1
    assert own_exits(held, ExitPolicy(), held.opened_at.replace(hour=0)) == []
