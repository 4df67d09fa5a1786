"""`walletflow status` says what runs by its table and by its exit code, and asks this home's own ports."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from adapters.settings import Settings
from deployments.command_line import app
from deployments.commands import status
from deployments.local_stack import records
from deployments.local_stack.services import Service
from deployments.processes import Process, process_of

OURS, ANOTHER_HOMES = 4310, 4777


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose stack was started at OURS; both its services answer there, and `store` at another home's ports as well."""
    (tmp_path / "run").mkdir()
    (tmp_path / "stack.env").write_text(f"WALLETFLOW_PORT_BASE={OURS}\n")
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    for name in ("CLICKHOUSE_URL", "GRAPH_URL", "PORT_BASE"):
        monkeypatch.delenv(f"WALLETFLOW_{name}", raising=False)
    monkeypatch.setenv("WALLETFLOW_POSTGRES_URL", f"memory:status-{tmp_path.name}")
    monkeypatch.setattr(status, "services", lambda given: [service("server", given, OURS), service("store", given, OURS, ANOTHER_HOMES)])
    return tmp_path


def service(name: str, given: Settings, *answers_at: int) -> Service:
    return Service(name, f"http://127.0.0.1:{given.port_base}", (), lambda: given.port_base in answers_at)


def runs(home: Path, name: str, process: Process | None = None) -> None:
    found = process or process_of(os.getpid())
    assert found is not None
    records.save(home, records.record_of(service(name, Settings(home=home, port_base=OURS)), found))


def asked() -> tuple[int, dict[str, str]]:
    """The exit code, and by service its health."""
    result: Result = CliRunner().invoke(app(["status"]), ["status"], catch_exceptions=False)
    lines = [line.split("  ") for line in result.output.splitlines() if "  " in line][1:]
    return result.exit_code, {line[0]: line[-1] for line in lines}


def test_all_that_was_started_runs(home: Path) -> None:
    runs(home, "server")
    runs(home, "store")
    assert asked() == (0, {"server": "runs", "store": "runs"})


def test_what_ended_is_no_success(home: Path) -> None:
    """It was 0 whatever was silent: a script that looked thought that all was well."""
    runs(home, "server")
    runs(home, "store", Process(2**22 - 1, 1))
    assert asked() == (1, {"server": "runs", "store": "ended"})


def test_what_does_not_answer_is_no_success(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(home, "server")
    monkeypatch.setattr(status, "services", lambda given: [service("server", given)])
    assert asked() == (1, {"server": "silent"})


def test_nothing_running_is_no_success(home: Path) -> None:
    assert asked()[0] == 1


def test_the_ports_are_those_this_home_was_started_at_whatever_the_environment_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another home's store answered for ours, and our server was called silent."""
    monkeypatch.setenv("WALLETFLOW_PORT_BASE", str(ANOTHER_HOMES))
    runs(home, "server")
    runs(home, "store")
    assert asked() == (0, {"server": "runs", "store": "runs"})


def as_json() -> tuple[int, dict[str, Any]]:
    result: Result = CliRunner().invoke(app(["status"]), ["status", "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def test_a_program_finds_the_same_keys_whatever_there_is_to_say(home: Path) -> None:
    """Where nothing was held back the key was not there, and where nothing ran the answer was empty."""
    assert as_json() == (1, {"service": [], "intents of 24 hours": [], "may not do all": [], "missed trades of": []})
    runs(home, "server")
    code, told = as_json()
    assert (code, [(one["service"], one["health"]) for one in told["service"]]) == (0, [("server", "runs")])
    assert told["may not do all"] == []


def test_a_halt_that_nobody_can_read_is_not_said_to_be_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Postgres away `status` said nothing of who is held back, and ended with 0 where Postgres is not ours."""
    monkeypatch.setenv("WALLETFLOW_POSTGRES_URL", "postgresql+psycopg://walletflow:sesame@127.0.0.1:9/x")  # the discard port: nobody
    runs(home, "server")
    code, told = as_json()
    assert (code, told["may not do all"], told["missed trades of"]) == (1, None, None)
    result: Result = CliRunner().invoke(app(["status"]), ["status"], catch_exceptions=False)
    assert result.output.splitlines()[-1].startswith("Postgres cannot be asked, so nobody can say: intents of 24 hours, may not do all")


def test_version_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    result: Any = CliRunner().invoke(app(["--version"]), ["--version"], catch_exceptions=False)
    assert (result.exit_code, len(result.output.splitlines())) == (0, 1)
    assert result.output.startswith("walletflow 0.")
