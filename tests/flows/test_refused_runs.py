"""A run that was asked for something that is not there: Failed with one sentence, and no traceback for who mistyped a name."""

import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow
from prefect.logging.loggers import flow_run_logger

from data_contracts.errors import Refused
from flows import calibration_report, leader_following, leader_standing, position_closing, signal_explaining, trading_state
from tasks.flow_runs import flow
from tasks.steps import step
from tests.forms import DECLARED, flow_of

pytestmark = pytest.mark.usefixtures("prefect_harness")
SAID = "there is no strategy 'nobody': `walletflow strategies` names them"
WALLET = "0x" + "a" * 40


@step
def refuse() -> None:
    raise Refused(SAID)


@flow(name="refusing", flow_run_name="refuse")
def refusing() -> None:
    """As an operator's flow with a name that is not there."""
    refuse()


@flow(name="breaking", flow_run_name="break")
def breaking() -> None:
    """As a flow with a bug."""
    raise KeyError("price")


@pytest.fixture
def heard() -> Iterator[list[logging.LogRecord]]:
    """What a run's log gets, of the flow, its steps and ours."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("prefect.flow_runs", "prefect.task_runs", "walletflow.runs")]
    for logger in loggers:
        logger.addHandler(handler)
    yield records
    for logger in loggers:
        logger.removeHandler(handler)


def ended(asked: Any, error: type[Exception]) -> Any:
    """The state of a run as a process of its own leaves it, which Prefect's engine also tells the run's log."""
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(asked)
        with pytest.raises(error):
            run_flow(asked, flow_run=run, error_logger=flow_run_logger(run))
        return client.read_flow_run(run.id).state


def test_what_is_refused_fails_the_run_with_its_sentence_alone(heard: list[logging.LogRecord]) -> None:
    """It was "Flow run encountered an exception: Refused: …" with two tracebacks in the log."""
    state = ended(refusing, Refused)
    assert (state.type.value, state.message) == ("FAILED", SAID)
    assert SAID in [record.getMessage() for record in heard if record.levelno == logging.ERROR]
    assert not [record for record in heard if record.exc_info]


def test_a_bug_keeps_its_traceback(heard: list[logging.LogRecord]) -> None:
    assert "KeyError" in ended(breaking, KeyError).message
    assert [record for record in heard if record.exc_info]


def test_called_without_a_run_a_flow_raises_what_it_refuses() -> None:
    with pytest.raises(Refused, match="nobody"):
        refusing.fn()


def test_every_deployed_flow_is_declared_so() -> None:
    assert not [one["name"] for one in DECLARED if not flow_of(one).fn.__code__.co_filename.endswith("tasks/flow_runs.py")]


@pytest.mark.parametrize(
    ("module", "ask", "sentence"),
    [
        (trading_state, lambda: trading_state.set_trading_state("nobody", "HALTED", return_state=True), "there is no strategy 'nobody'"),
        (position_closing, lambda: position_closing.close_position("*", "nothing", return_state=True), "* holds nothing of 'nothing'"),
        (leader_following, lambda: leader_following.follow_leader(WALLET, "nobody", return_state=True), "there is no strategy 'nobody'"),
        (
            leader_standing,
            lambda: leader_standing.set_leader_standing(WALLET, "PAUSED", "test", "nobody", return_state=True),
            "there is no strategy 'nobody'",
        ),
        (signal_explaining, lambda: signal_explaining.explain_signal("abcdef", return_state=True), "no signal, order, fill or trade"),
        (
            calibration_report,
            lambda: calibration_report.calibration_report(said_at="2026-99-99", return_state=True),
            "'2026-99-99' is neither a date",
        ),
    ],
    ids=lambda one: one.__name__.removeprefix("flows.") if isinstance(one, ModuleType) else "",
)
def test_a_name_that_is_not_there_is_a_sentence_under_its_run(
    module: Any, ask: Callable[[], Any], sentence: str, tape: Any, before_tape: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape.trade(0, WALLET, "BUY", "1000", "0.40")
    monkeypatch.setattr(module, "load_settings", lambda: before_tape(tape).settings)
    state = ask()
    assert state.is_failed()
    assert state.message.startswith(sentence)
