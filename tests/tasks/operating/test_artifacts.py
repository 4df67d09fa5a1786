"""Whatever stands under a run leads to its rows on the results page."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from data_contracts import Period
from domain.operating.reports.span import span_of
from notebooks.pages.tabs import TABS
from tasks.operating import artifacts, charts, reports, trading_halt
from tasks.operating.reports import make_report, publish_report

TASKS = Path(reports.__file__).parents[1]
LINK = re.compile(r"\[.+ on the results page\]\((\S+)\)")


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Key → what a person reads there."""
    found: dict[str, str] = {}
    for module in (reports, trading_halt):
        monkeypatch.setattr(module, "is_bare", lambda: False)
        monkeypatch.setattr(module, "create_markdown_artifact", lambda text, key, description: found.update({key: text}))
    monkeypatch.setattr(artifacts, "create_table_artifact", lambda rows, key, description: found.update({key: description}))
    monkeypatch.setattr(charts.Page, "create", lambda page, _sync: found.update({page.key: page.description}))
    return found


def table(house: Any, at: datetime) -> None:
    artifacts.show_table([{"a": 1}], "alerts", "1 open", "Overview")


def chart(house: Any, at: datetime) -> None:
    charts.show_chart("skill", "2 bets", "Wallets", "<svg/>")


def alarm(house: Any, at: datetime) -> None:
    trading_halt.halt_for("one", "7 shares, not 5", house.settings, at)


def report(period: Period) -> Callable[[Any, datetime], None]:
    def leave(house: Any, at: datetime) -> None:
        publish_report(make_report(span_of(period, at), house.settings, at), span_of(period, at), house.settings)

    return leave


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("leave", "tab"),
    [
        (table, "Overview"),
        (chart, "Wallets"),
        (alarm, "Risk"),
        (report(Period.DAILY), "Performance"),
        (report(Period.WEEKLY), "Performance"),
    ],
)
def test_what_stands_under_a_run_leads_to_its_tab(
    rooms: Any, t0: datetime, left: dict[str, str], monkeypatch: pytest.MonkeyPatch, leave: Callable[[Any, datetime], None], tab: str
) -> None:
    """The alarm, the reports and the pictures led nowhere."""
    monkeypatch.setattr(reports, "_cycles", lambda span: {})
    leave(rooms(), t0)
    (text,) = left.values()
    (address,) = LINK.findall(text)
    assert parse_qs(urlsplit(address).query) == {"tab": [tab]}
    assert tab in TABS


def test_no_artifact_is_made_without_one() -> None:
    """Markdown, tables and pages of whatever file; what counts while it runs has its run beside it."""
    makers = re.compile(r"create_(?:markdown|table)_artifact\(|\bPage\(key")
    found = {path.name: path.read_text() for path in TASKS.rglob("*.py")}
    without = [name for name, text in found.items() if makers.search(text) and "link_to(" not in text]
    assert not without
    assert sum(bool(makers.search(text)) for text in found.values()) == 4
