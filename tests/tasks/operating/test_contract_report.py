"""Once an hour the readable suites are asked about the last day, and leave their report where a person looks."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Fill, Side, Venue
from tasks.operating import contract_report
from tasks.operating.contract_report import TableReport, report_contracts
from tasks.operating.data_docs import build_pages

FILL = Fill(
    fill_id="a" * 32,
    order_id="b" * 32,
    strategy_id="s",
    venue=Venue.POLYMARKET,
    leader="0x" + "c" * 40,
    market_id="m",
    token_id="yes",
    outcome="Yes",
    side=Side.BUY,
    price=Decimal("0.5"),
    shares=Decimal(10),
    notional=Decimal(5),
    fee=Decimal(0),
    filled_at=datetime.fromisoformat("2026-11-03T11:00:00+00:00"),
    sent_at=datetime.fromisoformat("2026-11-03T11:00:00+00:00"),
)

BROKEN = "price_at_most_venue_polymarket: must be at most 1 on polymarket"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was left in the UI, by its key."""
    left: dict[str, Any] = {}
    monkeypatch.setattr(contract_report, "show_table", lambda rows, key, said, tab: left.update({key: rows}))
    monkeypatch.setattr(contract_report, "create_link_artifact", lambda link, link_text, key: left.update({key: link}))
    return left


@pytest.mark.usefixtures("bare")
def test_a_row_that_was_changed_by_hand_is_found_by_its_rule_and_the_pages_say_so(
    rooms: Any, t0: datetime, tmp_path: Path, shown: dict[str, Any]
) -> None:
    house = rooms()
    settings = house.settings.model_copy(update={"home": tmp_path})
    house.put(FILL, replace(FILL, fill_id="d" * 32, price=Decimal("1.5")))
    reports = report_contracts(settings, t0)
    assert TableReport("fills", 2, [(BROKEN, 1)]) in reports
    assert {
        "table": "fills",
        "rows": 2,
        "broken rule": BROKEN,
        "broken rows": 1,
    } in shown["checks"]
    assert shown["data-docs"] == f"http://127.0.0.1:{settings.results_port}/checks/"  # without the secret: an artifact is no place for it
    assert "validations/fills/" in (tmp_path / "data_docs" / "index.html").read_text()


@pytest.mark.usefixtures("bare")
def test_a_report_is_made_once_an_hour(rooms: Any, t0: datetime, tmp_path: Path, shown: dict[str, Any]) -> None:
    settings = rooms().settings.model_copy(update={"home": tmp_path})
    made = [bool(report_contracts(settings, t0 + timedelta(minutes=minutes))) for minutes in (0, 59, 61)]
    assert made == [True, False, True]


def test_a_page_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    """Great Expectations' own pages ask seven other hosts for scripts and pictures."""
    pages = [path.read_text() for path in build_pages(tmp_path).parent.rglob("*.html")]
    assert len(pages) > 20
    assert [page for page in pages if "<script" in page or 'src="http' in page or "<link" in page] == []
    assert any(BROKEN in page for page in pages)
