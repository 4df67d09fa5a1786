"""What nobody can replay is said in one line and at once: before a row of the recording is read, and without a traceback."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from adapters.feeds import recorded_files
from data_contracts.errors import Refused
from deployments.command_line import app
from deployments.commands import replay

T0 = datetime(2022, 11, 8, tzinfo=UTC)


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five trades in one market. Whoever reads a row of them fails the test."""
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path / "home"))
    for name in ("POSTGRES_URL", "CLICKHOUSE_URL"):
        monkeypatch.delenv(f"WALLETFLOW_{name}", raising=False)
    row = {"wallet": "0x" + "a" * 40, "market_id": "m", "outcome": "Yes", "side": "BUY", "shares": 10.0, "price": 0.4}
    pl.DataFrame([row | {"traded_at": T0 + timedelta(hours=hour)} for hour in range(5)]).write_parquet(tmp_path / "trades.parquet")
    pl.DataFrame({"market_id": ["m"], "winner": ["Yes"], "category": ["politics"]}).write_parquet(tmp_path / "markets.parquet")
    monkeypatch.setattr(recorded_files, "read_parquet", lambda path: pytest.fail("a file was read"))
    return tmp_path


def refusal(*arguments: str) -> str:
    with pytest.raises(Refused) as refused:
        CliRunner().invoke(app(arguments), arguments, catch_exceptions=False)
    return str(refused.value)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("replay --train-until banana", "'banana' is neither a date nor a part of the recording between 0 and 1"),
        ("replay --set nope=1", "nope is no field of a policy, such as follow.min_omega"),
        ("replay --set follow.min_omega=high", "follow.min_omega=high: input should be a valid number, unable to parse string as a number"),
        ("replay --set risk.max_positions=2.5", "risk.max_positions=2.5: input should be a valid integer"),
        ("replay --spread wide", "'wide' is no spread: write fitted or none"),
        ("sweep --over nope=1,2", "nope is no field of a policy, such as follow.min_omega"),
        ("sweep --over follow.nope=1,2", "follow.nope is no field of a policy, such as follow.min_omega"),
        ("sweep --over follow.min_omega=1,high", "follow.min_omega=high: input should be a valid number"),
        ("sweep --over follow.min_omega=", "follow.min_omega=: input should be a valid number"),
        ("sweep --over cycle_s=banana", "cycle_s=banana: it must be a whole number above 0, such as cycle_s=30"),
        ("sweep --over cycle_s=30,0", "cycle_s=0: it must be a whole number above 0"),
        ("sweep --over delay_s=x,2", "delay_s=x: it must be a number, such as delay_s=30"),
        ("sweep --over delay_s=nan", "delay_s=nan: it must be a number"),
        ("sweep --over follow.min_omega=1,2 --train-until banana", "'banana' is neither a date nor a part"),
        ("sweep --over follow.min_omega", "'follow.min_omega' sets nothing: write NAME=VALUE"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(recording: Path, command: str, said: str) -> None:
    """`sweep --over nope=1,2` complained after the whole recording was read and profiled; cycle_s=banana ended in a traceback."""
    name, *rest = command.split()
    found = refusal(name, "--recording", str(recording), *rest)
    assert said in found
    assert "\n" not in found


@pytest.mark.parametrize("command", ["replay", "sweep --over delay_s=0,60"])
@pytest.mark.parametrize(("file", "column"), [("trades", "price"), ("markets", "winner")])
def test_a_column_that_is_missing_is_named_before_anything_is_read(recording: Path, command: str, file: str, column: str) -> None:
    path = recording / f"{file}.parquet"
    pl.scan_parquet(path).drop(column).collect().write_parquet(path)
    name, *rest = command.split()
    assert refusal(name, "--recording", str(recording), *rest).startswith(f"{file}.parquet: {column}: there is no such column; add it: ")


def test_a_file_that_is_no_parquet_is_named(recording: Path) -> None:
    (recording / "trades.parquet").write_text("wallet,price\n")
    assert refusal("replay", "--recording", str(recording)).startswith("trades.parquet: it is no Parquet that can be read: ")


@pytest.mark.parametrize("file", ["trades", "markets"])
def test_a_directory_that_is_no_recording_is_said_before_flows_are_imported(
    recording: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said after a minute: by the first flow that read it."""
    monkeypatch.setattr(replay, "prepare", lambda quiet, with_server: pytest.fail("flows were imported"))
    (recording / f"{file}.parquet").unlink()
    assert refusal("replay", "--recording", str(recording)) == f"{recording} is no recording: it has no {file}.parquet"
