"""What dies is started again, and nothing else is touched."""

import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.local_stack import keeper, records
from deployments.local_stack.keeper import Keeper
from deployments.local_stack.ports import free_base
from deployments.local_stack.records import Record
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import Supervisor

SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, lines: list[str]) -> Iterator[Supervisor]:
    found = Supervisor(tmp_path / "home", lines.append)
    yield found
    found.stopping.clear()
    found.down()


def a_service(name: str = "one", **changes: object) -> Service:
    return replace(Service(name, "", SLEEPS, is_ready=lambda: True), **changes)  # type: ignore[arg-type]


def record_of(supervisor: Supervisor, name: str = "one") -> Record:
    found = records.read(supervisor.home, name)
    assert found is not None
    return found


def kill(supervisor: Supervisor, name: str = "one") -> Record:
    record = record_of(supervisor, name)
    record.process.send(signal.SIGKILL)
    assert record.process.wait_gone(10)
    return record


def looked(found: Keeper) -> None:
    """One look, and what it began is over."""
    found.look()
    for thread in found.starting.values():
        thread.join()


def test_a_service_that_was_killed_runs_again_and_the_others_are_left_alone(supervisor: Supervisor, lines: list[str]) -> None:
    """Before, it was dead until somebody typed `make up`: exits of a night waited for the morning."""
    services = [a_service("one"), a_service("two")]
    supervisor.up(services)
    before, other = kill(supervisor), record_of(supervisor, "two")
    looked(Keeper(supervisor, services))
    assert record_of(supervisor).pid != before.pid
    assert record_of(supervisor).process.is_alive()
    assert record_of(supervisor, "two") == other
    assert "one: had died" in lines


def test_what_was_stopped_on_purpose_stays_stopped(supervisor: Supervisor) -> None:
    service = a_service()
    supervisor.up([service])
    supervisor.down()
    looked(Keeper(supervisor, [service]))
    assert records.read_all(supervisor.home) == []


def test_what_hangs_is_not_taken_for_dead(supervisor: Supervisor) -> None:
    service = a_service()
    supervisor.up([service])
    before = record_of(supervisor)
    before.process.send(signal.SIGSTOP)
    looked(Keeper(supervisor, [service]))
    before.process.send(signal.SIGCONT)
    assert record_of(supervisor) == before


def test_what_dies_at_each_start_is_started_ever_later(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with starting one broken service in vain has nothing left for the others."""
    now = [1_000.0]
    service, dying = a_service(), a_service(command=(sys.executable, "-c", ""), is_ready=lambda: False)
    supervisor.up([service])
    kill(supervisor)
    found = Keeper(supervisor, [dying])
    monkeypatch.setattr(keeper.time, "monotonic", lambda: now[0])
    starts = []
    for second in range(20):
        now[0] = 1_000.0 + second
        found.look()
        monkeypatch.undo()
        for thread in found.starting.values():
            thread.join()
        starts += [second] if found.tries[service.name].started == now[0] else []
        monkeypatch.setattr(keeper.time, "monotonic", lambda: now[0])
    monkeypatch.undo()
    assert starts == [0, 1, 3, 7, 15]


def test_it_keeps_its_place_in_the_order_of_stopping(supervisor: Supervisor, lines: list[str]) -> None:
    """A Postgres that was started again counted as the newest: `make down` stopped it first, under everybody who needed it."""
    store, leaning = a_service("store"), a_service("worker", needs=("store",))
    supervisor.up([store, leaning])
    kill(supervisor, "store")
    looked(Keeper(supervisor, [store, leaning]))
    lines.clear()
    supervisor.down()
    assert lines == ["worker: stopped", "store: stopped"]


def test_one_that_waits_for_another_holds_up_nobody(supervisor: Supervisor) -> None:
    """A Prefect server needs its Postgres, which may be dead as well."""
    port = free_base()
    waits = a_service("waits", is_ready=lambda: record_of(supervisor, "store").process.is_alive(), ports=(port,), needs=("store",))
    services = [a_service("store"), waits]
    supervisor.up(services)
    for name in ("store", "waits"):
        kill(supervisor, name)
    found = Keeper(supervisor, [waits, services[0]])
    looked(found)
    assert all(record_of(supervisor, name).process.is_alive() for name in ("store", "waits"))


def test_it_ends_when_it_is_asked_to(supervisor: Supervisor) -> None:
    thread = threading.Thread(target=Keeper(supervisor, [a_service()]).keep)
    thread.start()
    supervisor.stopping.set()
    thread.join(10)
    assert not thread.is_alive()
