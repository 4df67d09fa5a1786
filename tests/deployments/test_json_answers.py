"""What a program is told: one JSON document on the standard output, with what a person reads in lines, and nothing beside it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from adapters.connect import open_results
from adapters.settings import load_settings
from adapters.stores.results import Write
from data_contracts import Kind, Position
from deployments.command_line import app
from deployments.commands import down, up
from deployments.local_stack import home as places
from deployments.local_stack import records
from deployments.local_stack.order import Step
from deployments.local_stack.services import Service
from deployments.processes import process_of
from domain.copying.policy import FollowPolicy, Policy
from tasks.operating.strategies import put_strategy
from tasks.steps import bare_steps
from tests.ledger_rows import LEADER, a_position

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
OTHER = "0x" + "c" * 40
HELD = a_position(AT, cost="40")
_memories = count()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app(arguments), arguments, catch_exceptions=False)


def answer(*arguments: str) -> dict[str, Any]:
    """The standard output is one document and nothing else."""
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """One strategy that names one wallet and holds a position no fill made, in memory."""
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    number = next(_memories)
    for store in ("POSTGRES", "CLICKHOUSE", "GRAPH"):
        monkeypatch.setenv(f"WALLETFLOW_{store}_URL", f"memory:json-answers{number}")
    with bare_steps():
        put_strategy("one", Kind.MIRROR, Policy(follow=FollowPolicy(wallets=(LEADER,), top=0)), Decimal(1_000), True, load_settings(), AT)
    open_results(load_settings()).write([Write(Position, [HELD], "put")])
    return tmp_path


def test_whom_a_strategy_follows_now_and_before() -> None:
    wanted = {"strategy": "one", "wallet": OTHER, "named_before": 1, "named_after": 2}
    assert answer("follow", OTHER, "--strategy", "one", "--dry-run") == {**wanted, "changed": False}
    assert answer("follow", OTHER, "--strategy", "one") == {**wanted, "changed": True}
    assert answer("follow", OTHER, "--strategy", "one") == {**wanted, "named_before": 2, "changed": False}
    assert answer("unfollow", OTHER, "--strategy", "one") == {**wanted, "named_before": 2, "named_after": 1, "changed": True}


def test_what_holds_of_a_leader_is_said_word_by_word() -> None:
    for command, standing in (("pause-leader", "PAUSED"), ("block-leader", "BLOCKED"), ("release-leader", "FREE")):
        told = answer(command, LEADER, "--reason", "because")
        assert told["wallet"] == LEADER
        assert [(one["strategy"], one["standing"]) for one in told["holds"]] == [("*", standing)]


def test_what_is_to_be_sold_is_exact_and_a_cycle_nobody_woke_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.prefect_api.deployments", lambda settings: [])
    told = answer("close", HELD.token_id, "--all", "--reason", "out")
    assert told["token"] == HELD.token_id
    assert [(one["strategy"], Decimal(one["shares"])) for one in told["to_be_sold"]] == [("one", Decimal(100))]
    assert told["cycle_woken"] is True
    assert 0 <= told["on_record_after_s"] < 60


def test_differences_are_listed_and_end_with_1() -> None:
    result = run("rebuild-positions", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["applied"]) == (1, False)
    assert [(one["strategy"], one["token"], one["column"]) for one in told["differences"]] == [("one", HELD.token_id, "position")]


def test_a_file_that_was_written(tmp_path: Path) -> None:
    file = tmp_path / "positions.csv"
    assert answer("export", "positions", str(file)) == {"table": "positions", "rows": 1, "file": str(file)}


def test_a_file_that_was_read(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "wallet,label,name\n0x28c6c06298d514db089934071355e5743bf21d60,exchange,Binance 14\n0x12,exchange,OKX\n"
    )
    told = answer("load", "labels", str(tmp_path / "labels.csv"), "--dry-run")
    assert (told["read"], told["new"], told["set_aside"], told["dry_run"]) == (2, 1, 1, True)
    assert told["faults"][0]["row"] == 2
    assert sum(told["reasons"].values()) == 1


def test_bets_needed_are_numbers() -> None:
    """At 0.50 and an edge of 0.5: 188, as by hand in tests/domain/profiling/test_bets_needed.py."""
    told = answer("bets-needed")
    (half,) = [row for row in told["edges"] if row["edge"] == 0.5]
    assert round(half["at 0.50"]) == 188


def test_a_strategy_of_the_environment() -> None:
    told = answer("strategy", "from-env", "--name", "mine")
    assert (told["strategy"], told["changed"], told["numbers"]["balance"]) == ("mine", False, "10,000.00 USD")


def test_addresses_carry_the_secrets_and_say_whether_anything_runs(house: Path) -> None:
    (house / "secrets").mkdir()
    told = answer("addresses")
    assert told["runs"] is False
    assert told["addresses"]["Prefect UI"].endswith(f"#walletflow:{places.secret(house, 'prefect')}")


def test_up_tells_its_progress_aside_and_no_secret(monkeypatch: pytest.MonkeyPatch, house: Path) -> None:
    (house / "secrets").mkdir()
    monkeypatch.setattr(up, "services", lambda given, before: [])
    monkeypatch.setattr(up, "preparations", lambda given, report, stopping: {"one": Step(lambda: report("one: done"))})
    result = run("up", "--json")
    told = json.loads(result.stdout)
    assert "one: done" in result.stderr
    assert (told["home"], told["started"]) == (str(house), [])
    assert "#" not in told["addresses"]["Prefect UI"]


def test_down_names_what_it_stopped(monkeypatch: pytest.MonkeyPatch, house: Path) -> None:
    assert answer("down") == {"home": str(house), "stopped": []}
    (house / "run").mkdir()
    process = process_of(1)
    assert process is not None
    records.save(house, records.record_of(Service("server", "", (), lambda: True), process))
    monkeypatch.setattr(down.Supervisor, "stop", lambda self, record: self.say(f"{record.name}: stopped"))
    result = run("down", "--json")
    assert json.loads(result.stdout) == {"home": str(house), "stopped": ["server"]}
    assert "server: stopped" in result.stderr


def test_a_backup_says_its_rows_by_table(monkeypatch: pytest.MonkeyPatch, house: Path) -> None:
    monkeypatch.setattr("deployments.backup.back_up", lambda settings, place, as_of: {"fills": 2, "graph": 0})
    assert answer("backup", str(house / "b")) == {"directory": str(house / "b"), "rows": {"fills": 2, "graph": 0}}
