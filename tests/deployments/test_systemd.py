"""The units for systemd: what they call exists, and systemd takes them as they are printed."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.settings import Settings
from data_contracts.errors import Impossible
from deployments.command_line import ASKED_WRONGLY, NAMES, app
from deployments.commands.systemd import UNITS, Unit, filled
from deployments.local_stack.registration import EXECUTION
from deployments.local_stack.repository import ROOT

PROGRAMS = Path(sys.executable).parent
EXEC = ("ExecStart", "ExecStop")


def text_of(unit: Unit, home: Path, repository: Path = ROOT) -> str:
    return filled(unit, Settings(home=home, port_base=4300), repository, PROGRAMS)


def read(unit: Unit, home: Path) -> ConfigParser:
    found = ConfigParser(interpolation=None, delimiters=("=",))
    found.optionxform = str
    found.read_string(text_of(unit, home))
    return found


def test_every_unit_there_is_can_be_printed() -> None:
    assert {path.stem for path in UNITS.glob("*.service")} == set(Unit)


@pytest.mark.parametrize("unit", Unit)
def test_what_a_unit_calls_is_there(unit: Unit, tmp_path: Path) -> None:
    service = read(unit, tmp_path)["Service"]
    for line in (shlex.split(service[name]) for name in EXEC if name in service):
        (program,) = (word for word in line if word.startswith(str(PROGRAMS)))
        name, *rest = line[line.index(program) + 1 :]
        assert os.access(program, os.X_OK)
        if name == "-m":
            assert find_spec(rest[0])
            assert rest[rest.index("--pool") + 1] == EXECUTION
        else:
            assert name in NAMES
            assert not rest


def test_the_house_stays_when_up_has_ended_and_is_stopped_by_down(tmp_path: Path) -> None:
    """`up` starts sessions of their own and ends: a unit that ends with it would take them along; one of `keep` were a second keeper."""
    service = read(Unit.HOUSE, tmp_path)["Service"]
    assert [shlex.split(service[name])[1] for name in EXEC] == ["up", "down"]
    assert (service["Type"], service["RemainAfterExit"]) == ("oneshot", "yes")
    assert service["RestartPreventExitStatus"] == str(ASKED_WRONGLY)
    assert shlex.split(service["Environment"]) == [f"WALLETFLOW_HOME={tmp_path}", "WALLETFLOW_PORT_BASE=4300"]


@pytest.mark.parametrize("unit", Unit)
def test_nothing_is_left_to_be_edited_and_no_secret_is_in_it(unit: Unit, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "prefect").write_text("sesame\n")
    text = text_of(unit, tmp_path)
    assert not re.search("@[A-Z_]+@", text)
    assert "sesame" not in text


def test_the_execution_worker_gets_its_servers_secret_from_its_file(tmp_path: Path) -> None:
    """A unit's environment cannot read one; what the shell is given is run here, with a program that shows it in the worker's place."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "prefect").write_text("sesame\n")
    show = tmp_path / "show"
    show.write_text('#!/bin/sh\necho "$PREFECT_API_AUTH_STRING $*"\n')
    show.chmod(0o755)
    line = shlex.split(read(Unit.EXECUTION, tmp_path)["Service"]["ExecStart"].replace("$$", "$"))
    command = [str(show) if word.startswith(str(PROGRAMS)) else word for word in line]
    done = subprocess.run(
        command, env={"WALLETFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"walletflow:sesame -m deployments.warm_process --pool {EXECUTION} --name execution-worker\n"
    (tmp_path / "secrets" / "prefect").unlink()
    assert subprocess.run(command, env={"WALLETFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True).returncode != 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_takes_them(tmp_path: Path) -> None:
    """In a directory whose name has a space and a percent sign: what it does not know systemd names and ignores, so it must be silent."""
    home = tmp_path / "a home of 100%"
    checkout = tmp_path / "a checkout"
    checkout.symlink_to(ROOT)
    files = [tmp_path / f"{unit}.service" for unit in Unit]
    for unit, file in zip(Unit, files, strict=True):
        file.write_text(text_of(unit, home, checkout))
    command = ["systemd-analyze", "verify", "--user", "--man=no", *map(str, files)]
    done = subprocess.run(command, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", ['a "home"', "a$home", "a\\home"])
def test_a_path_that_systemd_would_read_as_something_else_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(Impossible, match="cannot stand in a unit"):
        text_of(Unit.HOUSE, tmp_path / name)


def test_it_is_printed_as_a_file_and_for_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("WALLETFLOW_PORT_BASE", "4300")
    printed = CliRunner().invoke(app(["systemd"]), ["systemd"], catch_exceptions=False).stdout
    assert printed == text_of(Unit.HOUSE, tmp_path)
    told = json.loads(CliRunner().invoke(app(["systemd"]), ["systemd", "walletflow", "--json"], catch_exceptions=False).stdout)
    assert told == {"name": "walletflow.service", "unit": printed}
