"""Which prices are payouts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.polymarket.payouts import pinned


@pytest.mark.parametrize(
    ("prices", "paid"),
    [
        ("1 0", True),
        ("0 1.000", True),
        ("0.5 0.5", True),  # a void
        ("0.3333 0.3333 0.3333", True),
        ("0 1 0", True),
        ("0 0", False),
        ("1 1", False),
        ("0.9995 0.0005", False),
        ("0.4 0.4", False),
        ("0.6 0.4", False),
        ("-1 1 1", False),
        ("NaN 1", False),
        ("Infinity 0", False),
        ("1", False),
        ("", False),
    ],
)
def test_payouts_add_up_to_one_and_are_pinned(prices: str, paid: bool) -> None:
    assert pinned([Decimal(price) for price in prices.split()]) == paid


@given(st.lists(st.decimals(-1, 2, places=4), min_size=2, max_size=4))
def test_whatever_is_paid_out_is_a_dollar_a_set(prices: list[Decimal]) -> None:
    if pinned(prices):
        assert abs(sum(prices) - 1) < Decimal("0.001")
        assert all(price >= 0 for price in prices)
