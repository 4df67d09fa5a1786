"""How long things stay: never shorter than somebody reads them."""

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.stores.clickhouse_tables import EXPIRING, LAST_STAYS, MONTHS
from data_contracts import ROW_CLASSES, contract_of
from domain.operating.retention import AGED_HISTORY, AGED_ROWS, FEWEST, Retention, before, too_short
from notebooks.queries.house import WINDOWS
from tasks.profiling.spread_fits import DAYS

LEDGER = {
    "alerts",
    "exits",
    "fills",
    "judged_trades",
    "operator_words",
    "orders",
    "positions",
    "settlements",
    "signals",
    "signal_scores",
    "strategy_versions",
    "swap_receipts",
    "taken_intents",
    "trade_intents",
}


def test_the_defaults_are_long_enough() -> None:
    assert list(too_short(Retention())) == []
    assert set(asdict(Retention())) == set(FEWEST)


@pytest.mark.parametrize("name", FEWEST)
def test_a_day_fewer_than_what_is_read_is_refused_with_its_reason(name: str) -> None:
    fewest, why = FEWEST[name]
    others = Retention(run_days=90) if name == "quiet_run_days" else Retention(quiet_run_days=1)
    assert list(too_short(replace(others, **{name: fewest}))) == []
    assert list(too_short(replace(others, **{name: fewest - 1}))) == [f"{name} is {fewest - 1}: {why}; it must be at least {fewest}"]


def test_what_left_something_stays_no_shorter_than_what_left_nothing() -> None:
    assert list(too_short(Retention(quiet_run_days=14, run_days=14))) == []
    (fault,) = too_short(Retention(quiet_run_days=15, run_days=14))
    assert "run_days is 14" in fault


def test_fewest_days_are_the_windows_of_those_who_read() -> None:
    """Whoever reads further back one day must meet this test."""
    assert FEWEST["book_days"][0] == DAYS
    assert timedelta(days=FEWEST["quarantine_days"][0]) == max(WINDOWS.values())


def test_of_the_audit_trail_nothing_goes() -> None:
    assert {contract_of(row_class).table for row_class in ROW_CLASSES} >= LEDGER
    assert not {contract_of(row_class).table for row_class, *_ in (*AGED_ROWS, *AGED_HISTORY)} & LEDGER


def test_each_row_that_goes_has_the_instant_it_goes_by_and_its_days_in_the_policy() -> None:
    days = {field.name for field in fields(Retention)}
    for row_class, column, name in AGED_ROWS:
        assert contract_of(row_class).store == "postgres"
        assert column in contract_of(row_class).names
        assert name in days
    for row_class, name in AGED_HISTORY:
        assert contract_of(row_class).table in {*MONTHS, *LAST_STAYS}
        assert name in days
    assert {contract_of(row_class).table for row_class, _ in AGED_HISTORY} >= set(EXPIRING) - {"trades"}


def test_older_is_older_by_the_hour() -> None:
    assert before(datetime(2026, 11, 28, 3, 13, tzinfo=UTC), 2) == datetime(2026, 11, 26, 3, 13, tzinfo=UTC)
