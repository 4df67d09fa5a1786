"""Which prices are payouts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.polymarket.payouts import payouts_of

THIRD, SIXTH, SEVENTH = "0.333333", "0.166666", "0.142857"


@pytest.mark.parametrize(
    ("prices", "paid"),
    [
        ("1 0", "1 0"),
        ("0 1.000", "0 1"),
        ("0 1 0", "0 1 0"),
        ("0.5 0.5", "0.5 0.5"),  # a void
        ("0.50 0.500", "0.5 0.5"),
        ("0.3333 0.3333 0.3333", f"{THIRD} {THIRD} {THIRD}"),
        ("0.333 0.333 0.333", f"{THIRD} {THIRD} {THIRD}"),  # 0.999: it stayed unresolved, and its money locked, for ever
        ("0.33 0.33 0.33", f"{THIRD} {THIRD} {THIRD}"),  # 0.99
        ("0.33333333 0.33333333 0.33333333", f"{THIRD} {THIRD} {THIRD}"),
        ("0.1667 0.1667 0.1667 0.1667 0.1667 0.1667", " ".join([SIXTH] * 6)),  # rounded up
        ("0.143 0.143 0.143 0.143 0.143 0.143 0.143", " ".join([SEVENTH] * 7)),
        ("0 0", ""),
        ("1 1", ""),
        ("0.9995 0.0005", ""),
        ("0.4 0.4", ""),
        ("0.6 0.4", ""),
        ("0.49 0.49", ""),  # half a dollar has one digit: this is a price
        ("0.499 0.499", ""),
        ("0.334 0.333 0.333", ""),  # adds up, and is not the same
        ("0.334 0.334 0.334", ""),  # no third
        ("0.3 0.3 0.3", ""),  # a third with one digit may be anything
        ("0.32 0.32 0.32", ""),
        ("-1 1 1", ""),
        ("NaN 1", ""),
        ("Infinity 0", ""),
        ("1", ""),
        ("", ""),
    ],
)
def test_payouts_are_pinned_or_a_void_in_as_many_digits_as_it_has(prices: str, paid: str) -> None:
    assert payouts_of([Decimal(price) for price in prices.split()]) == [Decimal(price) for price in paid.split()]


@given(st.lists(st.decimals(-1, 2, places=4), min_size=2, max_size=4))
def test_whatever_is_paid_out_is_a_dollar_a_set(prices: list[Decimal]) -> None:
    paid = payouts_of(prices)
    assert not paid or (0 <= 1 - sum(paid) < Decimal("0.00001") and min(paid) >= 0)


@given(st.integers(2, 12), st.integers(2, 9))
def test_a_void_of_any_number_of_outcomes_is_one_in_any_digits_that_nearly_add_up(count: int, digits: int) -> None:
    price = round(Decimal(1) / count, digits)
    nearly = abs(price * count - 1) < Decimal("0.02")
    assert payouts_of([price] * count) == ([(Decimal(1) / count).quantize(Decimal("0.000001"), "ROUND_DOWN")] * count if nearly else [])


def test_no_price_at_all_pays_nothing() -> None:
    assert payouts_of([None, Decimal(1)]) == []
