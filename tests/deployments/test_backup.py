"""A backup of running stores, and a new home that goes on with it: the same ledger, the same exits to be done."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from adapters.connect import open_graph, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Exit, Position, Reason, TradingState, Watermark
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from deployments import backup
from deployments.backup import back_up, restore
from flows.copy_trading import copy_cycle
from tasks.copying.rebuilding import find_differences
from tasks.operating.trading_state import order_state
from tasks.steps import bare_steps
from tests.flows.conftest import MIRROR, T0, House, Tape, dump_of
from tests.places import make_place

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LEDGER = ("signals", "judged_trades", "orders", "fills", "positions", "exits", "equity", "risk_states", "watermarks", "operator_words")
_numbers = count()


@pytest.fixture
def new_home(stack_settings: Settings, tmp_path: Path) -> Iterator[Callable[[Path], House]]:
    """Empty, migrated stores of its own before a tape; steps run bare."""

    def made(tape: Path) -> House:
        settings = stack_settings.for_replay(f"backup-{next(_numbers)}").model_copy(
            update={"data_api_url": f"recording:{tape}", "home": tmp_path / f"home-{next(_numbers)}"}
        )
        make_place(settings)
        return House(settings)

    with bare_steps():
        yield made


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """LEADER buys 1,000 Yes at 0.40, we 95.23; at 0:40 he sells all, while an operator has halted us."""
    found = Tape(tmp_path / "tape")
    found.trade(0, LEADER, "BUY", "1000", "0.40")
    found.trade(40, LEADER, "SELL", "1000", "0.40")
    found.trade(71, OTHER, "BUY", "500", "0.40")
    return found.write()


@pytest.fixture
def halted(new_home: Callable[[Path], House], tape: Path) -> House:
    """A home whose exit waits for the end of a halt."""
    home = new_home(tape)
    home.follow([LEADER], MIRROR)
    copy_cycle(home.settings, T0 + timedelta(seconds=10))
    order_state("mirror", TradingState.HALTED, home.settings, T0 + timedelta(seconds=30), "looking")
    copy_cycle(home.settings, T0 + timedelta(seconds=45))
    assert [one.done_at for one in home.rows(Exit)] == [None]
    return home


def ours(home: House) -> dict[str, Any]:
    return {table: rows for table, rows in dump_of(home.settings).items() if table not in backup.NOT_KEPT}


def test_a_restored_home_has_every_row_and_does_the_exit_that_waited(
    halted: House, new_home: Callable[[Path], House], tape: Path, tmp_path: Path
) -> None:
    back_up(halted.settings, tmp_path / "backup", NOW)
    restored = new_home(tape)
    restore(restored.settings, tmp_path / "backup")
    assert ours(restored) == ours(halted)
    assert find_differences(restored.settings) == []
    for home in (halted, restored):
        order_state("mirror", TradingState.REDUCING, home.settings, T0 + timedelta(seconds=60))
        copy_cycle(home.settings, T0 + timedelta(seconds=75))
    assert [(one.shares, one.exit_reason) for one in restored.rows(Position)] == [(0, Reason.LEADER_EXITED)]
    assert {table: ours(restored)[table] for table in LEDGER} == {table: ours(halted)[table] for table in LEDGER}


def test_what_postgres_says_was_read_is_in_the_backup_whatever_is_written_meanwhile(
    halted: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While ClickHouse is read a cycle goes on: its watermark is not in the backup, and its trades do no harm."""
    really = backup.rows_in_parts
    mark = halted.rows(Watermark)[0]

    def late(url: str, row_class: type) -> Any:
        open_results(halted.settings).write([Write(Watermark, frame_of([Watermark(name=mark.name, reached_at=NOW)], Watermark), "put")])
        return really(url, row_class)

    monkeypatch.setattr(backup, "rows_in_parts", late)
    back_up(halted.settings, tmp_path / "backup", NOW)
    assert "2026-11-28" not in (tmp_path / "backup/postgres/watermarks").read_text()


def test_the_graph_is_the_same_afterwards_and_restoring_it_again_changes_nothing(stack_settings: Settings) -> None:
    graph = open_graph(stack_settings)
    graph.link([(LEADER, OTHER)], "the backup's test")
    graph.put_clusters({"backup-cluster": [LEADER, OTHER]}, NOW.isoformat())
    rows = list(backup.read_graph(graph))
    assert {kind for kind, _ in rows} >= {"wallets", "clusters", "members", "same_owner"}
    backup.write_graph(graph, [(kind, json.loads(json.dumps(row))) for kind, row in rows])
    assert sorted(map(str, backup.read_graph(graph))) == sorted(map(str, rows))
    assert graph.owners()[LEADER] == "backup-cluster"


def test_a_home_in_which_something_is_already_is_not_written_over(halted: House, tmp_path: Path) -> None:
    back_up(halted.settings, tmp_path / "backup", NOW)
    before = ours(halted)
    with pytest.raises(Refused, match="rows already"):
        restore(halted.settings, tmp_path / "backup")
    assert ours(halted) == before


def test_a_backup_takes_an_empty_directory_and_one_that_did_not_end_is_none(halted: House, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    back_up(halted.settings, place, NOW)
    with pytest.raises(Refused, match="not empty"):
        back_up(halted.settings, place, NOW)
    (place / "manifest.json").unlink()
    with pytest.raises(Refused, match="no whole backup"):
        restore(halted.settings, place)


def test_a_backup_of_another_version_is_named(halted: House, new_home: Callable[[Path], House], tape: Path, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    back_up(halted.settings, place, NOW)
    manifest = json.loads((place / "manifest.json").read_text())
    (place / "manifest.json").write_text(json.dumps(manifest | {"revision": "0001"}))
    with pytest.raises(Refused, match="revision 0001"):
        restore(new_home(tape).settings, place)


def test_no_secret_of_the_home_is_in_it(halted: House, stack_settings: Settings, tmp_path: Path) -> None:
    back_up(halted.settings, tmp_path / "backup", NOW)
    secrets = [path.read_text().strip().encode() for path in (stack_settings.home / "secrets").iterdir() if path.is_file()]
    written = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    assert secrets
    assert not any(secret in written for secret in secrets)


def test_what_the_executor_let_out_comes_along(halted: House, new_home: Callable[[Path], House], tape: Path, tmp_path: Path) -> None:
    from adapters.money_out import MoneyOut
    from data_contracts import Venue

    MoneyOut(halted.settings.home, Venue.POLYMARKET).note("0x1", Decimal(7))
    back_up(halted.settings, tmp_path / "backup", NOW)
    restored = new_home(tape)
    restored.settings.home.mkdir(parents=True)
    restore(restored.settings, tmp_path / "backup")
    assert MoneyOut(restored.settings.home, Venue.POLYMARKET).total == 7
