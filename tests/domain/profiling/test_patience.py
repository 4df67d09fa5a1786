"""When a profile or all grades are due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from domain.profiling.patience import IMPATIENT, due, grades_are_due

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def is_due(trades: int, rows: int | None, ago: timedelta = HOUR, last_ago: timedelta = DAY, patience: Any = None, written: int = 0) -> bool:
    """A wallet with so many trades now, profiled from `rows` so long ago. `written`: 1 if a position was written after that."""
    wallets = pl.DataFrame(
        {"wallet": ["w"], "trades": [trades], "closed": [0], "last_at": [NOW - last_ago], "changed_at": [NOW + written * HOUR]}
    )
    profiled = pl.DataFrame({"wallet": ["w"], "rows": [rows or 0], "as_of": [NOW - ago], "written_at": [NOW]})
    found = due(wallets, profiled.head(0 if rows is None else 1), NOW, *([patience] if patience else []))
    return found.height == 1


@pytest.mark.parametrize(
    ("trades", "rows", "wanted"), [(112, 100, True), (111, 100, False), (9, 8, True), (100, 100, False), (1, None, True)]
)
def test_a_profile_is_due_when_a_tenth_of_what_it_stands_on_changed(trades: int, rows: int | None, wanted: bool) -> None:
    """12 x 10 = 120 are at least 112; 11 x 10 = 110 are fewer than 111."""
    assert is_due(trades, rows) is wanted


@pytest.mark.parametrize(("ago", "last_ago", "wanted"), [(DAY, DAY, True), (DAY, 200 * DAY, False), (timedelta(0), DAY, False)])
def test_once_a_day_who_moves_has_its_turn(ago: timedelta, last_ago: timedelta, wanted: bool) -> None:
    """Windows of 180 days move while nobody trades; of who did nothing for longer, nothing moves."""
    assert is_due(100, 100, ago, last_ago) is wanted


def test_each_wallet_has_an_hour_of_its_own() -> None:
    """Of 2,400 wallets profiled together, each hour of the next day takes some, and the day takes all, each once."""
    names = [f"0x{number:040x}" for number in range(2_400)]
    wallets = pl.DataFrame({"wallet": names, "trades": 100, "closed": 0, "last_at": NOW - DAY, "changed_at": NOW})
    turns = []
    as_of = pl.DataFrame({"wallet": names, "rows": 100, "as_of": NOW, "written_at": NOW})
    for hour in range(1, 25):
        now = NOW + hour * HOUR
        found = due(wallets, as_of, now)["wallet"]
        turns.append(found.len())
        as_of = as_of.with_columns(pl.when(pl.col("wallet").is_in(found.implode())).then(pl.lit(now)).otherwise("as_of").alias("as_of"))
    assert sum(turns) == 2_400
    assert 50 < min(turns) <= max(turns) < 200


def test_a_position_written_anew_makes_a_quiet_wallet_due_on_its_day() -> None:
    assert is_due(100, 100, DAY, 200 * DAY, written=1)


def test_without_patience_whatever_changed_is_due() -> None:
    assert is_due(101, 100, patience=IMPATIENT)
    assert not is_due(100, 100, last_ago=200 * DAY, patience=IMPATIENT)


def test_a_profile_of_a_later_look_is_asked_for_again() -> None:
    assert is_due(100, 100, ago=-HOUR)


@pytest.mark.parametrize(
    ("ago", "changed", "wanted"),
    [(HOUR, 2, True), (HOUR, 1, False), (DAY, 0, True), (DAY - HOUR, 0, False), (-HOUR, 0, True), (None, 0, True)],
)
def test_grades_are_due_when_a_fiftieth_changed_or_a_day_passed(ago: timedelta | None, changed: int, wanted: bool) -> None:
    """Of 100 closed positions."""
    assert grades_are_due(None if ago is None else NOW - ago, NOW, changed, 100) is wanted
