"""A step is tried again when the outside does not answer, and only then; a replay runs it bare."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.runtime import flow_run

from data_contracts.errors import Refused, Unavailable, Unsafe
from tasks.steps import RETRY_DELAYS_S, bare_steps, is_bare, step, timed_steps

Ask = Callable[[Any], str]
pytestmark = pytest.mark.usefixtures("prefect_harness")


class Outside:
    """Fails with `error` until it was asked `failures` times."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error, self.failures, self.asked = error, failures, 0

    def ask(self) -> str:
        self.asked += 1
        if self.asked <= self.failures:
            raise self.error
        return "an answer"


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """A step that waits for nobody between its tries."""
    monkeypatch.setattr("tasks.steps.RETRY_DELAYS_S", [0.0, 0.0])

    def ask(outside: Outside) -> str:
        return outside.ask()

    return step(ask)


@pytest.fixture
def asking(ask: Ask) -> Ask:
    return flow(lambda outside: ask(outside), name="asking")


def test_what_is_unavailable_is_asked_again_until_it_answers(asking: Ask) -> None:
    outside = Outside(Unavailable("away"), failures=2)
    assert (asking(outside), outside.asked) == ("an answer", 3)


def test_what_stays_unavailable_fails_after_the_last_try(asking: Ask) -> None:
    outside = Outside(Unavailable("away"), failures=99)
    with pytest.raises(Unavailable, match="away"):
        asking(outside)
    assert outside.asked == 1 + len(RETRY_DELAYS_S)


@pytest.mark.parametrize("error", [Refused("no"), Unsafe("stop"), ValueError("a bug"), KeyError("a bug")])
def test_any_other_failure_is_not_asked_again(asking: Ask, error: Exception) -> None:
    outside = Outside(error, failures=99)
    with pytest.raises(type(error)):
        asking(outside)
    assert outside.asked == 1


def test_a_bare_step_is_no_task_run(ask: Ask) -> None:
    """Two bare, one not: one run."""

    @flow
    def counting() -> str:
        with bare_steps():
            ask(Outside(Unavailable("away"), failures=0))
            ask(Outside(Unavailable("away"), failures=0))
        ask(Outside(Unavailable("away"), failures=0))
        return str(flow_run.id)

    of_run = FlowRunFilter(id=FlowRunFilterId(any_=[counting()]))
    with get_client(sync_client=True) as client:
        deadline = time.monotonic() + 30
        while not (found := client.read_task_runs(flow_run_filter=of_run)):  # they arrive as events, a little later
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert len(found) == 1


def test_a_bare_step_that_fails_is_not_asked_again(ask: Ask) -> None:
    outside = Outside(Unavailable("away"), failures=1)
    with bare_steps(), pytest.raises(Unavailable):
        ask(outside)
    assert outside.asked == 1


def test_steps_are_bare_inside_the_block_only_even_when_it_fails() -> None:
    def fail() -> None:
        with bare_steps():
            raise ValueError(f"bare: {is_bare()}")

    with pytest.raises(ValueError, match="bare: True"):
        fail()
    assert not is_bare()


def test_timings_name_the_steps_that_ran_also_those_that_failed(ask: Ask) -> None:
    with timed_steps() as timings, bare_steps():
        ask(Outside(Unavailable("away"), failures=0))
        with pytest.raises(Refused):
            ask(Outside(Refused("no"), failures=1))
    assert [name for name, _ in timings] == ["ask", "ask"]
