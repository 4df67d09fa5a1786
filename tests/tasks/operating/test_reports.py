"""A report is made once of a time that is over, kept, written into a file and told once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.stores.memory import MemoryResults
from data_contracts import Alert, Equity, Kind, Period, Report, Side
from domain.copying.policy import Policy
from domain.ids import row_id
from domain.operating.notices import Notice
from domain.operating.reports.span import span_of
from tasks.operating import reports
from tasks.operating.reports import kept_report, make_report, publish_report
from tasks.operating.strategies import put_strategy
from tests.domain.operating.reports.test_figures import a_signal
from tests.ledger_rows import a_fill, a_leader, a_point, an_order

pytestmark = pytest.mark.usefixtures("bare")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    notices: list[Notice] = []
    monkeypatch.setattr(reports, "send", notices.append)
    return notices


@pytest.fixture
def house(rooms: Any, t0: datetime, tmp_path: Path) -> Any:
    """A strategy that bought 100 shares for 40 USD; its home is a directory of the test's."""
    empty = rooms()
    found = replace(empty, settings=empty.settings.model_copy(update={"home": tmp_path / "home"}))
    put_strategy("one", Kind.MIRROR, Policy(), Decimal(1_000), True, found.settings, t0 - 30 * DAY)
    order = an_order(t0)
    found.put(order, a_fill(order), a_leader(t0 - 30 * DAY))
    return found


def test_the_last_point_before_a_day_is_found_however_long_it_was_idle(house: Any, t0: datetime) -> None:
    """Equity is kept when it moves: 1,100 forty days ago, and 1,105 today, is 5 gained today."""
    house.put(a_point(t0 - 40 * DAY, "1100"), a_point(t0, "1105"), a_point(t0 + DAY, "9999"))
    report = make_report(span_of(Period.DAILY, t0), house.settings, t0 + DAY)
    assert json.loads(report.figures)["money"][0]["pnl"] == "5"


def test_one_strategy_that_is_idle_does_not_have_everybodys_equity_read(house: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One point 40 days ago, and two today. Of another that moved each hour of those days, every daily report read all."""
    put_strategy("busy", Kind.MIRROR, Policy(), Decimal(1_000), True, house.settings, t0 - 50 * DAY)
    hourly = [replace(a_point(t0 - hour * HOUR, "1000"), strategy_id="busy") for hour in range(24 * 40)]
    house.put(*hourly, a_point(t0 - 40 * DAY, "1100"), a_point(t0, "1105"), a_point(t0 + HOUR, "1107"), a_point(t0 + DAY, "9999"))
    read: list[int] = []
    for name in ("since", "latest"):
        monkeypatch.setattr(MemoryResults, name, _counting(getattr(MemoryResults, name), read))
    money = json.loads(make_report(span_of(Period.DAILY, t0), house.settings, t0 + DAY).figures)["money"]
    assert {line["strategy_id"]: line["pnl"] for line in money} == {"one": "7", "busy": "0"}
    assert sum(read) < 60  # of 964: those since the day before, and of the idle one what came after its last


def _counting(ask: Callable[..., pl.DataFrame], read: list[int]) -> Callable[..., pl.DataFrame]:
    def asked(self: MemoryResults, row_class: type, *given: Any, **named: Any) -> pl.DataFrame:
        found = ask(self, row_class, *given, **named)
        read.extend([found.height] if row_class is Equity else [])
        return found

    return asked


def test_a_day_that_is_over_is_kept_written_and_told_once(house: Any, t0: datetime, told: list[Notice]) -> None:
    span, as_of = span_of(Period.DAILY, t0), t0 + DAY
    for _ in range(2):
        publish_report(make_report(span, house.settings, as_of), span, house.settings)
    (kept,) = house.rows(Report)
    assert kept == kept_report(span, house.settings)
    assert [(notice.kind, notice.body.splitlines()[0]) for notice in told] == [("daily", kept.summary)]
    (file,) = (house.settings.home / "reports").iterdir()
    assert file.name == "daily-2026-11-03.md"
    assert file.read_text().startswith("# Daily report, Tue 03 Nov 2026")
    (alert,) = house.rows(Alert, what="daily_report")
    assert alert.cleared_at == as_of  # it is to know, and lasts no longer


def test_a_week_is_another_report_than_its_first_day(house: Any, t0: datetime, told: list[Notice]) -> None:
    for period in Period:
        span = span_of(period, t0)
        publish_report(make_report(span, house.settings, t0 + 9 * DAY), span, house.settings)
    assert [notice.subject for notice in told] == ["Daily report", "Weekly report"]
    assert {row.period: row.begins_at for row in house.rows(Report)} == {
        Period.DAILY: t0.replace(hour=0),
        Period.WEEKLY: t0.replace(day=2, hour=0),  # a Monday
    }


def test_a_day_that_goes_on_is_shown_and_not_kept(house: Any, t0: datetime, told: list[Notice]) -> None:
    span = span_of(Period.DAILY, t0)
    report = make_report(span, house.settings, t0)
    publish_report(report, span, house.settings)
    assert (house.rows(Report), told) == ([], [])
    assert "So far: it is not over, as of 2026-11-03 12:00:00 UTC." in reports.as_text(report)


def test_an_order_of_the_day_is_slippage_though_its_signal_is_gone(house: Any, t0: datetime) -> None:
    """Retention may take signals: what they said of the price is then not known, and nothing falls over it."""
    (line,) = [one for one in _money(house, t0) if one["strategy_id"] == "one"]
    assert (line["fills"], line["turnover"], line["slippage"]) == (1, "40", 0.0)


def test_an_exit_first_tried_the_day_before_waited_in_that_days_report_alone(house: Any, t0: datetime) -> None:
    """Yesterday's exit is tried again at noon today: two orders of today, of which one follows a trade for the first time."""
    yesterday, signal_id = t0 - DAY, row_id("signal", "exit")
    house.put(a_signal("order", t0), a_signal("exit", yesterday, side=Side.SELL))
    house.put(*(an_order(at, str(at), side=Side.SELL, signal_id=signal_id) for at in (yesterday, t0)))
    found = json.loads(make_report(span_of(Period.DAILY, t0), house.settings, t0 + DAY).figures)
    assert (sum(line["count"] for line in found["orders"]), found["latency"]["orders"]) == (2, 1)


def test_what_was_closed_in_the_day_counts_though_it_was_bought_again_before_the_report(house: Any, t0: datetime) -> None:
    """Its row has no `closed_at` any more. 100 bought for 40 are sold for 45, and bought again a day later."""
    sale, again = an_order(t0, "sale", side=Side.SELL), an_order(t0 + DAY, "again")
    house.put(a_fill(sale, price="0.45", after_s=60), a_fill(again))
    (line,) = _money(house, t0)
    assert (line["closed"], line["won"], line["closed_pnl"]) == (1, 1, "5")


def _money(house: Any, t0: datetime) -> Any:
    house.put(a_point(t0, "1000"))
    return json.loads(make_report(span_of(Period.DAILY, t0), house.settings, t0 + DAY).figures)["money"]
