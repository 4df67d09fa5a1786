"""How figures and instants read, and where lines and labels of a picture come to lie."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from notebooks.pages import charts, words
from notebooks.pages.view import Clock, zone_of, zones

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "reads"), [(0.4, "0.40"), (0.0065, "0.0065"), (2.12e-7, "0.000000212"), (Decimal("1e-12"), "0.000000000001"), (None, "–")]
)
def test_a_price_of_a_trillionth_is_no_row_of_zeros(value: float | None, reads: str) -> None:
    assert words.price(value).rstrip("0") == reads.rstrip("0")


@pytest.mark.parametrize(
    ("amount", "reads"),
    [
        ("0.412345", "0.4123 SOL"),
        ("0.000012345", "0.00001234 SOL"),
        ("1234.5", "1234 SOL"),
        ("50", "50 SOL"),
        ("0", "0 SOL"),
        ("-1e-9", "−0.000000001 SOL"),
    ],
)
def test_an_amount_of_sol_reads_with_its_unit_and_the_digits_that_tell(amount: str, reads: str) -> None:
    assert words.stake(Decimal(amount), "SOL") == reads


@pytest.mark.parametrize(("value", "reads"), [(0, "$0.00"), (1.5, "+$1.50"), (-1.5, "−$1.50"), (0.001, "$0.00")])
def test_a_gain_says_its_sign(value: float, reads: str) -> None:
    assert words.signed_stake(value) == reads
    assert words.gain(value) == reads


def test_an_instant_is_read_by_the_clock_somebody_chose_and_tells_both() -> None:
    berlin = Clock(ZoneInfo("Europe/Berlin")).moment(NOON)
    assert ">28 Nov 13:00:00<" in berlin
    assert "2026-11-28 12:00:00 UTC · 2026-11-28 13:00:00 CET" in berlin
    assert ">28 Nov 12:00:00<" in Clock().moment(NOON)
    assert Clock().moment(None) == "–"


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's own zone."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("at", "shown", "whole"), [(JULY, "01 Jul 14:00:00", "2026-07-01 14:00:00 CEST"), (NOON, "28 Nov 13:00:00", "2026-11-28 13:00:00 CET")]
)
def test_an_instant_of_summer_is_read_by_summers_clock_whenever_it_is_looked_at(at: datetime, shown: str, whole: str) -> None:
    """In winter, noon of the first of July read 13:00 CET: the difference of the day on which the page was opened held for all the year."""
    for clock in (Clock(zone_of("local")), Clock(ZoneInfo("Europe/Berlin"))):
        assert f">{shown}<" in clock.moment(at)
        assert f"{at:%Y-%m-%d} 12:00:00 UTC · {whole}" in clock.moment(at)
    assert f"· {whole}" in Clock(zone_of("UTC")).moment(at)


@pytest.mark.parametrize(("zone", "name"), [("Europe/Berlin", "CE"), ("Asia/Kolkata", "IST")])
def test_the_zone_to_choose_is_the_machines_of_now(in_berlin: None, monkeypatch: pytest.MonkeyPatch, zone: str, name: str) -> None:
    """It was written down when the page's process started, and stayed so over a change of the clock."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    utc, own = zones()
    assert (utc, zones()[utc], zones()[own]) == ("UTC", "UTC", "local")
    assert own.startswith(f"local ({name}")


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize("change", [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)])
@pytest.mark.parametrize("days", [1, 3])
def test_days_and_hours_of_a_picture_are_the_clocks_before_and_after_its_change(change: datetime, days: int) -> None:
    """After the change, midnight of the old clock stood there as 23:00 or 01:00."""
    for clock in (Clock(zone_of("local")), Clock(ZoneInfo("Europe/Berlin"))):
        labels = charts.times_between(change - timedelta(days=days), change + timedelta(days=days), clock, 9)
        assert [at.hour % (6 if days == 1 else 24) for at, _ in labels] == [0] * len(labels)
        assert len(labels) >= 5
        assert [at for at, _ in labels] == sorted({at for at, _ in labels})


@pytest.mark.parametrize(("low", "high"), [(-0.06, 0.04), (0, 0), (-3, 950), (0, 1e-6), (-12.4, -0.1)])
def test_the_ticks_of_a_picture_are_round_and_hold_all_of_it(low: float, high: float) -> None:
    ticks = charts.ticks_between(low, high, 5)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 8


@pytest.mark.parametrize("span", [timedelta(seconds=70), timedelta(hours=5), timedelta(days=3), timedelta(days=400)])
def test_the_labels_of_time_lie_within_the_picture(span: timedelta) -> None:
    labels = charts.times_between(NOON, NOON + span, Clock(), 9)
    assert labels
    assert all(NOON <= at <= NOON + span for at, _ in labels)
    assert len(labels) <= 14


def test_a_curve_is_drawn_for_a_laptop_and_for_a_phone_with_its_labels() -> None:
    drawn = charts.curves({"calm": [(NOON, 0.0), (NOON + timedelta(hours=1), 2.5)], "idle": []}, Clock())
    assert drawn.count("<svg") == 2
    assert "calm" in drawn
    assert "idle" not in drawn
    assert drawn.count("+2.0%") == 2
    assert charts.curves({"idle": []}, Clock()) == ""
