"""The account's USD view: the rate on record for an instant, and every digit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Currency, Rate
from domain.copying.account import in_usd

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
LAMPORT = Decimal("1e-9")


def rate(minutes: int, usd: str) -> Rate:
    return Rate(currency=Currency.SOL, seen_at=AT + timedelta(minutes=minutes), usd=Decimal(usd), source="test")


RATES = [rate(0, "150"), rate(10, "172.5"), rate(-10, "100")]


@pytest.mark.parametrize(
    ("minutes", "usd"),
    [(-11, None), (-10, "200"), (-1, "200"), (0, "300"), (9, "300"), (10, "345"), (1000, "345")],
)
def test_two_sol_are_worth_what_the_last_rate_on_record_says(minutes: int, usd: str | None) -> None:
    assert in_usd(Decimal(2), Currency.SOL, AT + timedelta(minutes=minutes), RATES) == (None if usd is None else Decimal(usd))


def test_usd_are_usd_whatever_is_on_record() -> None:
    assert in_usd(Decimal("38.092"), Currency.USD, AT, []) == Decimal("38.092")


@given(st.integers(-(2**64), 2**64), st.integers(1, 10**12))
def test_no_lamport_is_lost_on_the_way(lamports: int, millionths: int) -> None:
    found = in_usd(lamports * LAMPORT, Currency.SOL, AT, [rate(0, str(Decimal(millionths) / 10**6))])
    assert found is not None
    assert Fraction(found) == Fraction(lamports, 10**9) * Fraction(millionths, 10**6)
