"""A worker that hangs ends itself. Found by chaos: file handles ran out for five seconds, the loop that Prefect runs its calls in died, and
the cycle that waited for it waited for ever; each further cycle was skipped, as one was at work, and no exit went out any more."""

import threading
import time
from typing import Any

import pytest
from prefect import flow
from prefect.client.schemas.objects import FlowRun

from deployments import warm_watch
from deployments.warm_runs import WarmRun
from deployments.warm_watch import HUNG, OVERDUE_S, SILENT_S, Watch, hung


def a_run(must_end_at: float | None) -> WarmRun:
    return WarmRun(FlowRun(flow_id="00000000-0000-0000-0000-000000000001", name="cycle"), must_end_at=must_end_at)


@pytest.mark.parametrize(
    ("must_end_at", "asked_at", "hangs"),
    [
        (100.0, 100.0 + OVERDUE_S, False),
        (99.9, 100.0 + OVERDUE_S, True),
        (None, 100.0 + OVERDUE_S, False),  # it may take as long as it takes
        (None, 100.0 + OVERDUE_S - SILENT_S, False),
        (None, 99.9 + OVERDUE_S - SILENT_S, True),
    ],
)
def test_what_hangs(must_end_at: float | None, asked_at: float, hangs: bool) -> None:
    """It is 160 on the clock: a minute after 100."""
    assert bool(hung([a_run(must_end_at)], asked_at, 100.0 + OVERDUE_S)) is hangs


def test_a_worker_without_runs_that_asks_for_some_does_not_hang() -> None:
    assert hung([], 100.0, 101.0) == ""


def test_a_run_knows_when_it_must_end_as_soon_as_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    @flow(timeout_seconds=7)
    def short() -> None: ...

    monkeypatch.setattr("deployments.warm_runs.run_flow", lambda *given, **more: None)
    monkeypatch.setattr("deployments.warm_runs._drive_run_flow_result", lambda *given: None)
    run = a_run(None)
    before = time.monotonic()
    run.execute(short)
    assert run.must_end_at is not None
    assert before + 7 <= run.must_end_at <= time.monotonic() + 7


def test_the_process_ends_when_a_run_hangs_at_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_watch, "LOOK_S", 0.01)
    ended, codes = threading.Event(), list[Any]()

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    Watch(lambda: [a_run(time.monotonic() - OVERDUE_S - 1)], time.monotonic, end).start()
    assert ended.wait(30)
    assert codes == [HUNG]


def test_a_machine_that_slept_is_given_a_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """After sleep, or SIGSTOP, everything is late once."""
    monkeypatch.setattr(warm_watch, "LOOK_S", 0.01)
    asked, ended, looks = iter([-1e9]), list[Any](), threading.Event()

    def asked_at() -> float:
        first = next(asked, None)
        if first is None:
            looks.set()
        return time.monotonic() if first is None else first

    Watch(list, asked_at, ended.append).start()
    assert looks.wait(30)
    time.sleep(0.05)
    assert ended == []
