"""The house is trimmed: a dry run shows what the run after it takes away, and a second run finds nothing."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import service_logs
from adapters.connect import open_results
from adapters.stores.results import read_count
from data_contracts import Counter, Delivery, Quarantined, Venue
from data_contracts.errors import Refused
from domain.ids import row_id
from domain.operating.retention import Retention
from tasks.operating import retention
from tasks.operating.retention import Gone, require_enough, trim_history, trim_logs, trim_rows
from tests.test_design_rows import a_trade

pytestmark = pytest.mark.usefixtures("bare")
WANTED = Retention()


def counted(gone: list[Gone]) -> dict[str, int]:
    return {one.what: one.count for one in gone if one.count}


def aside(number: int, at: datetime) -> Quarantined:
    return Quarantined(quarantine_id=row_id(str(number)), table="trades", source="", rules="one", row="{}", seen_at=at)


def test_a_dry_run_says_what_the_run_takes_and_a_second_run_finds_nothing(
    rooms: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of 28 to 35 days ago, two a slice: five are older than 30 days, and the one of 30 days to the second is not."""
    monkeypatch.setattr(retention, "A_SLICE", 2)
    house = rooms()
    house.put(*(aside(days, t0 - timedelta(days=days, seconds=days > 30)) for days in range(28, 36)))
    assert counted(trim_rows(WANTED, house.settings, t0, dry_run=True)) == {"quarantine": 5}
    assert len(house.rows(Quarantined)) == 8
    assert counted(trim_rows(WANTED, house.settings, t0, dry_run=False)) == {"quarantine": 5}
    assert sorted(t0 - row.seen_at for row in house.rows(Quarantined)) == [timedelta(days=days) for days in (28, 29, 30)]
    assert counted(trim_rows(WANTED, house.settings, t0, dry_run=False)) == {}


def test_whoever_is_stopped_in_between_has_made_progress(rooms: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "A_SLICE", 2)
    monkeypatch.setattr(retention, "MOST_ROWS", 4)
    house = rooms()
    house.put(*(aside(number, t0 - timedelta(days=40)) for number in range(9)))
    assert [counted(trim_rows(WANTED, house.settings, t0, False)).get("quarantine", 0) for _ in range(4)] == [4, 4, 1, 0]


@pytest.mark.parametrize("was_read", [True, False])
def test_a_delivery_that_no_cycle_has_read_stays(rooms: Any, t0: datetime, was_read: bool) -> None:
    house = rooms()
    old = Delivery(
        delivery_id=row_id("old"), venue=Venue.SOLANA, source="helius", signature="s", payload="{}", received_at=t0 - timedelta(days=15)
    )
    open_results(house.settings).receive([old])
    house.put(Counter(name=read_count(Delivery), reached=int(was_read)))
    assert counted(trim_rows(WANTED, house.settings, t0, dry_run=False)) == ({"deliveries": 1} if was_read else {})


@pytest.mark.parametrize(("keep_days", "gone"), [(0, {}), (200, {"trades": 1})])
def test_trades_go_only_where_the_operator_said_so(rooms: Any, t0: datetime, keep_days: int, gone: dict[str, int]) -> None:
    house = rooms()
    house.put(a_trade(traded_at=t0 - timedelta(days=365)))
    kept = house.settings.model_copy(update={"keep_days": keep_days})
    assert counted(trim_history(WANTED, kept, t0, dry_run=True)) == gone
    assert counted(trim_history(WANTED, kept, t0, dry_run=False)) == gone
    assert counted(trim_history(WANTED, kept, t0, dry_run=False)) == {}


def test_too_short_is_refused_before_anything_goes() -> None:
    with pytest.raises(Refused, match="spreads are fitted to the books of 60 days"):
        require_enough(Retention(book_days=59))
    require_enough(Retention(book_days=60))


@pytest.fixture
def logs(rooms: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(service_logs, "LONGEST", 10)
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def test_a_long_log_begins_anew_where_its_service_goes_on_writing(rooms: Any, logs: Path) -> None:
    """Ten bytes are not too long, eleven are. The service holds the file open, as the supervisor opened it: to append."""
    settings = rooms().settings.model_copy(update={"home": logs.parent})
    (logs / "short.log").write_text("0123456789")
    with (logs / "long.log").open("ab") as service:
        service.write(b"0123456789a")
        service.flush()
        assert counted(trim_logs(settings, dry_run=True)) == counted(trim_logs(settings, dry_run=False)) == {"logs of services": 1}
        service.write(b"on")
    assert {path.name: path.read_text() for path in logs.iterdir()} == {
        "short.log": "0123456789",
        "long.log": "on",
        "long.log.old": "0123456789a",
    }
    assert counted(trim_logs(settings, dry_run=False)) == {}
