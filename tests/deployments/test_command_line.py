import contextlib
import json
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result
from typer.main import get_group
from typer.testing import CliRunner

from adapters.feeds.loaded_tables import WAYS
from data_contracts import ROW_CLASSES, contract_of
from data_contracts.errors import Refused, Unavailable, WalletflowError
from deployments import command_line, commands
from deployments.command_line import NAMES, app
from deployments.commands import CHAPTERS
from deployments.local_stack.records import nothing_runs
from deployments.local_stack.repository import ROOT
from evaluation.worlds.recordings import RecordingPolicy, complete, write_recording
from tests.whole_commands import fault, in_source, on_page


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app(arguments), arguments, catch_exceptions=False)


@pytest.mark.parametrize("command", ["up", "down", "status", "logs", "doctor", "contracts", "load", "calibration"])
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4


def test_status_of_a_home_where_nothing_runs_says_how_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    result = run("status")
    assert result.output.strip() == f"Nothing of {tmp_path} runs. Start it: make up"


def test_logs_of_an_unknown_service_names_the_known_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "prefect.log").write_text("one\ntwo\nthree\n")
    with pytest.raises(Refused, match="there are: prefect"):
        run("logs", "perfect")
    assert run("logs", "prefect", "-n", "2").output == "two\nthree\n"
    assert run("logs").output == "prefect\n"


def test_what_needs_a_house_that_was_stopped_says_how_to_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`walletflow strategies` after `make down` said only that a connection was refused."""

    def away(*_: object) -> None:
        raise Unavailable("postgres: connection refused\n")

    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    monkeypatch.setattr(command_line, "app", lambda _: away)
    for started, said in ((False, ["postgres: connection refused"]), (True, ["postgres: connection refused", nothing_runs(tmp_path)])):
        if started:
            (tmp_path / "secrets").mkdir()
        with pytest.raises(SystemExit, match="1"):
            command_line.main()
        assert capsys.readouterr().err.splitlines() == said


def test_every_command_stands_in_one_chapter_of_the_help() -> None:
    files = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    listed = [name for names in CHAPTERS.values() for name in names]
    assert sorted(listed) == sorted(files)
    output = run("--help").output
    for chapter, names in CHAPTERS.items():
        assert f" {chapter} " in output
        assert all(f" {name.replace('_', '-')} " in output for name in names)


def test_tab_help_and_version_import_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tab took 3.9 CPU seconds: every command was imported, with all that it needs."""
    monkeypatch.setattr(command_line, "import_module", lambda name: pytest.fail(f"{name} is imported"))
    assert " replay " in run("--help").output
    assert run("--version").output.startswith("walletflow ")
    monkeypatch.setenv("_WALLETFLOW_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "walletflow explain --j")
    assert command_line.asked_for() == ["explain", "--j"]


# What has no answer to give. Anything else has: a new command takes `as_json: Json = False`.
NO_ANSWER = {
    "logs": "what services wrote, line by line: with PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER=json each is JSON",
    "prefect": "Prefect's own command line, with its own -o json",
    **dict.fromkeys(("inbox", "observe", "hint", "user-channel", "keep"), "works until it is stopped"),
}


def test_every_command_that_has_an_answer_gives_it_to_a_program_as_well() -> None:
    """27 of 42 had no --json, `halt` and `up` among them."""
    without = set()
    for name in NAMES:
        (command,) = get_group(app([name])).commands.values()
        if not any("--json" in parameter.opts for parameter in command.params):
            without.add(name)
    assert without == set(NO_ANSWER)


def test_a_command_is_told_in_one_sentence_there() -> None:
    for name in NAMES.values():
        line = (import_module(f"{commands.__name__}.{name}").__doc__ or "").splitlines()[0]
        assert 10 < len(line) < 110
        assert line[-1] in ".?"


def test_contracts_lists_every_rule_of_every_table_by_its_name() -> None:
    listed = json.loads(run("contracts", "--json").output)
    assert {entry["table"] for entry in listed} == {contract_of(row_class).table for row_class in ROW_CLASSES}
    assert {"table": "fills", "expectation": "shares_above", "column": "shares", "rule": "must be above 0"} in listed
    assert len({(entry["table"], entry["expectation"]) for entry in listed}) == len(listed)


def test_contracts_of_one_table_are_a_line_each() -> None:
    head, *lines = (line.split() for line in run("contracts", "watermarks").output.splitlines())
    assert head == ["table", "expectation", "column", "rule"]
    assert ["watermarks", "reached_at_required", "reached_at", "is", "required"] in lines


def test_contracts_of_a_table_there_is_not_names_those_there_are() -> None:
    with pytest.raises(Refused, match=r"there is no table 'trade'; there are: .*trades"):
        run("contracts", "trade")


LABELS = "wallet,label,name\n0x28c6c06298d514db089934071355e5743bf21d60,exchange,Binance 14\n0x12,exchange,OKX\n"


def test_load_shows_what_it_would_do_without_a_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file can be looked at before anything runs."""
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    (tmp_path / "labels.csv").write_text(LABELS)
    lines = run("load", "labels", str(tmp_path / "labels.csv"), "--dry-run").output.splitlines()
    assert lines[0] == "row 2: wallet '0x12' is no address: after 0x come 40 hex digits, here 2; copy it again"
    table = [line.split("  ", 1) for line in lines]
    assert [(name, value.strip()) for name, value in table[1:5]] == [
        ("labels.csv as wallet_labels", "rows"), ("read", "2"), ("would be stored", "1"), ("replaced", "0"),
    ]  # fmt: skip
    assert ["set aside", "1"] in [[cell.strip() for cell in row] for row in table]
    assert lines[-1] == "columns: wallet, label, name"


def test_load_of_nothing_but_faults_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    (tmp_path / "labels.csv").write_text("wallet,label,name\n0x12,exchange,OKX\n")
    assert run("load", "labels", str(tmp_path / "labels.csv"), "--dry-run").exit_code == 1


def test_load_explains_every_column_of_every_table() -> None:
    output = run("load", "--help").output
    assert all(column in output for way in WAYS.values() for column in way.columns)


@pytest.mark.parametrize("command", ["addresses", "down", "status", "logs x", "doctor", "prefect version", "rebuild-positions", "hint"])
def test_a_command_that_only_looks_makes_nothing_in_a_home_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """`walletflow addresses` made secrets for a house nobody had started, and printed addresses at which nobody listened."""
    home = tmp_path / "nobody" / "home"
    monkeypatch.setenv("WALLETFLOW_HOME", str(home))
    for name in ("POSTGRES_URL", "CLICKHOUSE_URL", "GRAPH_URL"):
        monkeypatch.delenv(f"WALLETFLOW_{name}", raising=False)
    with contextlib.suppress(WalletflowError):
        run(*command.split())
    assert list(tmp_path.iterdir()) == []


def test_addresses_of_a_home_that_is_not_there_says_how_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path / "x"))
    with pytest.raises(Unavailable, match=r"nothing was started in .*x yet: make up"):
        run("addresses")


def test_calibration_of_a_recording_needs_no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a figure, a sentence, and a page with a plot; the same for a program, every number a number."""
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    recording = write_recording(tmp_path / "recorded", complete(1, RecordingPolicy(150, 300, 12_000)))
    lines = run("calibration", "--recording", str(recording), "--page", str(tmp_path / "plots.html")).output.splitlines()
    assert lines[0].startswith("what  ")
    assert re.match("ahead later  +said ", lines[1])
    assert lines[-1].startswith("Said as of 2026-02-1")
    assert "<svg" in (tmp_path / "plots.html").read_text()
    found = json.loads(run("calibration", "--recording", str(recording), "--json").output)
    figures = [figure for figure in found["figures"] if figure["came"] is not None]
    assert figures
    assert all(isinstance(figure[name], float) for figure in figures for name in ("said", "came", "low", "high"))
    assert isinstance(found["overall"]["ours"]["brier"], float)


def test_calibration_said_at_no_time_is_refused_in_a_line(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "recorded", complete(1, RecordingPolicy(20, 20, 200)))
    with pytest.raises(Refused, match="'never' is neither a date nor a part of the time"):
        run("calibration", "--recording", str(recording), "--said-at", "never")


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name)
def test_a_command_on_a_page_can_be_run_as_it_stands_there(page: Path) -> None:
    assert {typed: found for typed in on_page(page.read_text()) if (found := fault(typed))} == {}


@pytest.mark.parametrize("room", ["data_contracts", "domain", "adapters", "tasks", "flows", "notebooks", "deployments"])
def test_a_command_that_the_house_names_can_be_run_as_it_is_said(room: str) -> None:
    """An alert said "`walletflow resume` when it is time": whoever did so was asked for a strategy, and then for a reason."""
    named = {typed: path.name for path in sorted((ROOT / room).rglob("*.py")) for typed in in_source(path)}
    assert {(typed, place): found for typed, place in named.items() if (found := fault(typed))} == {}


@pytest.mark.parametrize(
    ("typed", "is_whole"),
    [
        ("resume STRATEGY --reason TEXT", True),
        ("resume --all --reason TEXT", True),
        ("resume --reason TEXT", False),
        ("resume STRATEGY", False),
        ("resume STRATEGY --all --reason TEXT", False),
        ("follow ADDRESS", False),
        ("follow ADDRESS --strategy one", True),
        ("follow ADDRESS --strategy one again", False),
        ("positions --last ten", False),
        ("positions --last N", True),
        ("notices shout", False),
        ("statsu", False),
        ("status --jsn", False),
    ],
)
def test_what_is_no_whole_command_is_seen(typed: str, is_whole: bool) -> None:
    assert (fault(typed) is None) is is_whole


def test_a_command_is_found_however_it_is_written() -> None:
    text = (
        "Ask `walletflow\nstatus` or `wf doctor`.\n\n"
        "    WALLETFLOW_HOME=~/.a .venv/bin/walletflow up --live-data   # of one's own\n"
        "    .venv/bin/walletflow export \\\n        fills fills.csv | head\n"
    )
    assert list(on_page(text)) == ["status", "doctor", "up --live-data", "export fills fills.csv"]
