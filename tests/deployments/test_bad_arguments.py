"""What is asked wrongly is said in one line, at once, and ends with 2; a house that is not well ends with 1.

What nobody can replay is said before a row of the recording is read.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from adapters.feeds import recorded_files
from adapters.feeds.json_api import NotFound
from data_contracts.errors import Impossible, Refused, Unavailable, Unsafe, WalletflowError
from deployments import command_line
from deployments.command_line import ASKED_WRONGLY, NOT_WELL, app, exit_code_of
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
    assert exit_code_of(refused.value) == ASKED_WRONGLY
    return str(refused.value)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that has a log and nothing else; its stores are in memory, and empty."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "prefect.log").write_text("one\n")
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    for store in ("POSTGRES", "CLICKHOUSE", "GRAPH"):
        monkeypatch.setenv(f"WALLETFLOW_{store}_URL", f"memory:asked-wrongly-{tmp_path.name}")
    return tmp_path


def ends_with(command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """As the shell sees it."""
    monkeypatch.setattr("sys.argv", ["walletflow", *command.split()])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "command",
    [
        "report --day banana",
        "report --day 2999-01-01",
        "halt --reason x",
        "halt one --all --reason x",
        "halt --all",
        "contracts nope",
        "evaluate nope",
        "evaluate",
        "logs nope",
        "wallet 0x12",
        "explain abcdef12 --nope",
        "explain nope",
        "explain banana",
        "evaluate --all nope",
        "positions --strategy nobody",
        "positions --last 0",
        "logs prefect -n 0",
        "inbox --port 99999",
        "strategy from-env --balance inf",
        "export positions /proc/nowhere/x.csv",
        "calibration --page /proc/nowhere/x.html",
        "backup /proc/nowhere/x",
        "restore .",
        "bets-needed --luck 2",
        "bets-needed --luck 2 --json",
        "bets-needed --luck banana",
        "export nope x.csv",
        "export positions x.xlsx",
        "follow 0x12 --strategy one",
        "follow 0x" + "a" * 40 + " --strategy nobody",
        "pause-leader 0x" + "a" * 40 + " --strategy nobody --reason x",
        "close T --strategy nobody --reason x",
        "inbox --host 192.0.2.1",
        "replay",
        "nope",
        "--nope",
    ],
)
def test_what_is_asked_wrongly_ends_with_2(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All of ours ended with 1, as a house does that is not well: a script could not tell "unhealthy" from "mistyped"."""
    monkeypatch.setattr("deployments.commands.restore.do_all", lambda steps: pytest.fail("something was started"))
    assert ends_with(command, monkeypatch) == ASKED_WRONGLY
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "command",
    [
        "wallet 0x" + "a" * 40,
        "explain 0x" + "a" * 40,
        "explain abcdef12",
        "explain 9c1e-77",
        "close T --all --reason x",
        "status",
        "addresses",
        "hint",
        "observe",
    ],
)
def test_what_was_asked_rightly_and_is_not_so_ends_with_1(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is on record, nothing runs, nobody named what it needs: no other word would help."""
    monkeypatch.delenv("WALLETFLOW_HINT_URL", raising=False)
    assert ends_with(command, monkeypatch) == NOT_WELL


@pytest.mark.parametrize(
    ("error", "code"), [(Refused, ASKED_WRONGLY), (Impossible, NOT_WELL), (NotFound, NOT_WELL), (Unavailable, NOT_WELL), (Unsafe, NOT_WELL)]
)
def test_only_what_is_asked_wrongly_is_2(error: type[WalletflowError], code: int) -> None:
    """What a venue or a node says no to was asked by us, not typed by a person."""
    assert exit_code_of(error("no")) == code


@pytest.mark.parametrize("option", ["--delay-s inf", "--fee-multiplier inf", "--depth-usd inf"])
def test_what_has_no_end_is_above_every_least_and_refused_all_the_same(
    recording: Path, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(f"replay --recording {recording} {option}", monkeypatch) == ASKED_WRONGLY
    assert "inf is no number" in capsys.readouterr().err


@pytest.mark.usefixtures("house")
def test_a_house_that_is_well_ends_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ends_with("positions", monkeypatch) == 0


def test_where_there_is_no_log_at_all_no_name_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    assert ends_with("logs prefect", monkeypatch) == NOT_WELL


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
