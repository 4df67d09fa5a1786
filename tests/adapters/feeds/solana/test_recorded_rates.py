"""What a SOL was worth at an instant, as a walk asks for it: right, and without reading the same rates for each dollar."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.feeds.solana.recorded_rates import RecordedRates
from adapters.feeds.solana.watchlist import OnRecord
from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.results import Write
from data_contracts import Currency, Rate
from domain.copying.account import FRESH_FOR, usd_rate

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
AGES = st.integers(0, 300_000).map(lambda seconds: NOW - timedelta(seconds=seconds))


class Counted(MemoryResults):
    """Counts the rows that are read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_read: list[int] = []

    def since(self, row_class: type, column: str, instant: object, only: Sequence[str] | None = None) -> pl.DataFrame:
        found = super().since(row_class, column, instant, only)
        self.rows_read.append(found.height)
        return found


def rate(seen_at: datetime, usd: int = 150, currency: Currency = Currency.SOL) -> Rate:
    return Rate(currency=currency, seen_at=seen_at, usd=Decimal(usd), source="test")


def store(rates: Sequence[Rate]) -> Counted:
    results = Counted()
    results.write([Write(Rate, rates)])
    return results


@pytest.mark.parametrize(("age_s", "usd"), [(0, Decimal(150)), (3_600, Decimal(150)), (3_601, None), (-1, None)])
def test_a_rate_is_that_of_the_instant_or_none(age_s: float, usd: Decimal | None) -> None:
    results = store([rate(NOW - timedelta(seconds=age_s))])
    assert OnRecord(lambda: results, MemoryHistory).rates()(NOW) == usd


@given(seen=st.sets(AGES, max_size=30), asked=st.lists(AGES, min_size=1, max_size=20))
def test_in_whatever_order_instants_come_each_gets_the_last_rate_of_its_hour(seen: set[datetime], asked: list[datetime]) -> None:
    rates = [rate(at, number + 1) for number, at in enumerate(sorted(seen))]
    results = store(rates)
    known = RecordedRates(lambda: results)
    for at in asked:
        assert known.usd_per_sol(at) == usd_rate(Currency.SOL, at, [one for one in rates if at - one.seen_at <= FRESH_FOR])


def test_two_days_of_dollars_read_their_rates_once_and_not_for_each() -> None:
    """A reconciliation of a hundred wallets read two days of rates for every transaction: two thirds of its time."""
    results = store([rate(NOW - timedelta(minutes=minute)) for minute in range(2 * 24 * 60)])
    known = RecordedRates(lambda: results)
    for minute in range(2 * 24 * 60, 0, -1):
        known.usd_per_sol(NOW - timedelta(minutes=minute))
    assert len(results.rows_read) == 1


def test_from_the_newest_to_the_oldest_it_is_read_a_few_times() -> None:
    results = store([rate(NOW - timedelta(minutes=minute)) for minute in range(2 * 24 * 60)])
    known = RecordedRates(lambda: results)
    for minute in range(2 * 24 * 60):
        assert known.usd_per_sol(NOW - timedelta(minutes=minute)) == Decimal(150)
    assert len(results.rows_read) < 16
    assert results.rows_read[0] <= 61, "a cycle that asks for now reads an hour"


def test_another_currency_is_no_rate_of_this_one() -> None:
    results = store([rate(NOW, 1, Currency.USD)])
    assert RecordedRates(lambda: results).usd_per_sol(NOW) is None
