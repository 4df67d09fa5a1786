"""The supervisor with small services, so that each story takes a moment."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from data_contracts.errors import Unavailable
from deployments.local_stack import records
from deployments.local_stack.ports import free_base
from deployments.local_stack.services import LOOPBACK, Service, answers_http
from deployments.local_stack.supervisor import Supervisor


@dataclass
class Heard:
    lines: list[str] = field(default_factory=list)

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def supervisor(tmp_path: Path, heard: Heard) -> Iterator[Supervisor]:
    found = Supervisor(tmp_path / "home", heard.lines.append)
    yield found
    found.down()


def web_server(name: str = "web", port: int | None = None) -> Service:
    port = port or free_base()
    command = (sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK, "--directory", "/usr/share")
    return Service(name, f"{LOOPBACK}:{port}", command, answers_http(f"http://{LOOPBACK}:{port}/"), ports=(port,), timeout_s=30)


def pid_of(supervisor: Supervisor, name: str = "web") -> int:
    record = records.read(supervisor.home, name)
    assert record is not None
    return record.pid


def test_a_second_up_leaves_a_healthy_service_alone(supervisor: Supervisor, heard: Heard) -> None:
    service = web_server()
    supervisor.up([service])
    pid = pid_of(supervisor)
    supervisor.up([service])
    assert pid_of(supervisor) == pid
    assert "web: runs since" in heard


def test_a_service_that_died_is_started_again_and_it_is_said(supervisor: Supervisor, heard: Heard) -> None:
    service = web_server()
    supervisor.up([service])
    record = records.read(supervisor.home, "web")
    assert record is not None
    record.process.stop(1, signal.SIGKILL)
    supervisor.up([service])
    assert pid_of(supervisor) != record.pid
    assert "web: had ended" in heard


def test_a_service_whose_code_changed_is_started_again(supervisor: Supervisor, heard: Heard) -> None:
    service = web_server()
    supervisor.up([service])
    pid = pid_of(supervisor)
    supervisor.up([replace(service, version="newer")])
    assert pid_of(supervisor) != pid
    assert "its code changed" in heard


def test_down_stops_what_up_started_and_nothing_else(supervisor: Supervisor, tmp_path: Path) -> None:
    other = Supervisor(tmp_path / "other home", say=lambda line: None)
    supervisor.up([web_server()])
    other.up([web_server("neighbour")])
    ours, theirs = records.read(supervisor.home, "web"), records.read(other.home, "neighbour")
    assert ours is not None
    assert theirs is not None
    supervisor.down()
    assert (ours.process.is_alive(), theirs.process.is_alive()) == (False, True)
    other.down()


def test_down_never_touches_a_process_that_got_a_recorded_pid(supervisor: Supervisor, heard: Heard) -> None:
    """The machine was switched off and on: the record's pid now belongs to somebody else. Here that is this very test."""
    supervisor.up([web_server()])
    record = records.read(supervisor.home, "web")
    assert record is not None
    record.process.stop(5)
    records.save(supervisor.home, replace(record, pid=os.getpid()))
    supervisor.down()
    assert "web: was not running any more" in heard
    assert records.read_all(supervisor.home) == []


def test_services_stop_in_the_reverse_of_the_order_they_started(supervisor: Supervisor, heard: Heard) -> None:
    first, last = web_server("store"), replace(web_server("worker"), needs=("store",))
    supervisor.up([last, first])
    heard.lines.clear()
    supervisor.down()
    assert heard.lines == ["worker: stopped", "store: stopped"]


def test_a_taken_port_is_named_with_its_holder_and_the_cure(supervisor: Supervisor) -> None:
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Unavailable) as error:
            supervisor.up([web_server("store"), replace(web_server("page", port=port), needs=("store",))])
    assert f"port {port} is taken by pid {os.getpid()} (" in str(error.value)
    assert "WALLETFLOW_PORT_BASE=4300 make up" in str(error.value)
    assert supervisor.begun == []  # it was said after 2 min 41 s, when everything that came before had been started


def test_a_process_that_dies_at_its_start_shows_its_last_words(supervisor: Supervisor) -> None:
    dying = replace(web_server(), command=(sys.executable, "-c", "raise SystemExit('OSError: No space left on device')"))
    with pytest.raises(Unavailable, match="web ended while it started") as error:
        supervisor.up([dying])
    assert "| OSError: No space left on device" in str(error.value)
    assert "The disk is full" in str(error.value)


def test_a_program_that_is_not_there_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(Unavailable, match="/no/such/program cannot be started: No such file"):
        supervisor.up([replace(web_server(), command=("/no/such/program",))])


def test_an_interrupted_up_can_take_back_what_it_began_but_leaves_what_ran(supervisor: Supervisor, tmp_path: Path) -> None:
    before = web_server("before")
    supervisor.up([before])
    later = Supervisor(supervisor.home, say=lambda line: None, stopping=threading.Event())
    never_ready = replace(web_server("never"), is_ready=lambda: bool(later.stopping.set()))
    with pytest.raises(Unavailable, match="interrupted"):
        later.up([before, never_ready])
    later.undo()
    assert [record.name for record in records.read_all(supervisor.home)] == ["before"]


def test_a_home_that_cannot_be_written_is_said_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="WALLETFLOW_HOME=DIR make up"):
        Supervisor(tmp_path / "file" / "home").up([])
