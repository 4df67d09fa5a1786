"""What the venue takes: shares x rate x (p(1-p))^exponent, to five digits."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.copying.fees import taker_fee

PRICES = st.decimals(0, 1, places=4)
SHARES = st.decimals("0.01", 1_000_000, places=2)


@pytest.mark.parametrize(
    ("shares", "price", "rate", "exponent", "fee"),
    [
        ("100", "0.50", "0.07", 1, "1.75"),  # 100 x 0.07 x 0.25
        ("100", "0.30", "0.04", 1, "0.84"),  # 100 x 0.04 x 0.21
        ("100", "0.50", "0.25", 2, "1.5625"),  # 100 x 0.25 x 0.0625
        ("100", "0.50", "0", 1, "0"),
        ("1", "0.01", "0.0005", 1, "0.00000"),  # 0.00000495 is below half of the last digit
        ("1", "0.5", "0.00002", 1, "0.00001"),  # 0.000005 is half of it and goes up
    ],
)
def test_a_fee_is_what_the_formula_says(a_market: Any, shares: str, price: str, rate: str, exponent: int, fee: str) -> None:
    market = a_market(fee_rate=Decimal(rate), fee_exponent=exponent)
    assert taker_fee(Decimal(shares), Decimal(price), market) == Decimal(fee)


@given(shares=SHARES, price=PRICES, rate=st.decimals(0, 1, places=4), exponent=st.sampled_from([1, 2]))
def test_a_fee_is_never_more_than_rate_times_notional(a_market: Any, shares: Decimal, price: Decimal, rate: Decimal, exponent: int) -> None:
    """The capital check relies on it: p(1-p) is at most p. The half of the last digit is rounding."""
    fee = taker_fee(shares, price, a_market(fee_rate=rate, fee_exponent=exponent))
    assert 0 <= fee <= rate * shares * price + Decimal("0.000005")


@given(shares=SHARES, price=PRICES)
def test_both_outcomes_of_a_market_pay_the_same_fee(a_market: Any, shares: Decimal, price: Decimal) -> None:
    market = a_market(fee_rate=Decimal("0.07"))
    assert taker_fee(shares, price, market) == taker_fee(shares, 1 - price, market)
