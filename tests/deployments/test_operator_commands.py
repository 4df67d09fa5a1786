"""An operator's words on the command line: on record on a real Postgres, without a Prefect server, and what they say of who posts."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from typer.testing import CliRunner

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from data_contracts import Kind, OperatorWord, Order, OrderStatus, Reason, TradingState
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of, rows_of
from deployments import operator_words
from deployments.command_line import app
from deployments.commands.status import holds
from deployments.findings import WARN
from deployments.health import trading
from domain.copying.policy import Policy
from tasks.copying.order_execution import post_orders
from tasks.operating.strategies import put_strategy
from tasks.steps import bare_steps
from tests.ledger_rows import an_order
from tests.places import make_schema

ACTIVE, REDUCING, HALTED = TradingState
AWAY = "no server answers here"


@pytest.fixture
def house(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """One strategy, in a schema of its own; no Prefect server anywhere."""
    url = f"{postgres_url}?options=-csearch_path%3Dwords_tests"
    for name, value in {"HOME": str(tmp_path), "POSTGRES_URL": url, "PREFECT_AUTH_STRING": "a:b", "PORT_BASE": "1024"}.items():
        monkeypatch.setenv(f"WALLETFLOW_{name}", value)
    settings = Settings(home=tmp_path, postgres_url=url, port_base=1024)  # type: ignore[arg-type]
    make_schema(settings)
    with bare_steps():
        put_strategy("one", Kind.MIRROR, Policy(), Decimal(1_000), True, settings, datetime(2026, 11, 3, tzinfo=UTC))
    yield settings
    engine_of(url).dispose()
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA words_tests CASCADE"))


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """What the server says is running, look by look; the last answer stays."""
    answers: list[list[dict[str, Any]]] = [[]]

    def runs(settings: Settings, deployment: str, states: tuple[str, ...]) -> list[dict[str, Any]]:
        if deployment != "copy-trading":
            return []
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr("deployments.prefect_api.runs", runs)
    monkeypatch.setattr("deployments.operator_words.wake_cycle", lambda answer, settings: None)
    return answers


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app(arguments), arguments, catch_exceptions=False)


def words(house: Settings) -> list[tuple[str, TradingState | None, str, str]]:
    rows = sorted(open_results(house).rows(OperatorWord), key=lambda word: word.ordered_at)
    return [(word.strategy_id, word.state, word.why, word.leaves) for word in rows]


@pytest.mark.usefixtures("at_work")
def test_each_word_is_on_record_with_its_reason(house: Settings) -> None:
    run("halt", "one", "--reason", "looks odd")
    run("reduce", "one", "--reason", "a little")
    run("exit-everything", "--all", "--reason", "moving")
    run("resume", "--all", "--reason", "moved")
    assert words(house) == [
        ("one", HALTED, "looks odd", ""),
        ("one", REDUCING, "a little", ""),
        ("*", REDUCING, "moving", "*"),
        ("*", ACTIVE, "moved", ""),
    ]


@pytest.mark.usefixtures("house", "at_work")
def test_a_program_is_told_what_holds_of_whom_and_since_when() -> None:
    """Whoever halts by a script must know whether it holds, not only that a command ended with 0."""
    halted = json.loads(run("halt", "one", "--reason", "now", "--json").stdout)
    assert (halted["strategy"], halted["state"], halted["earlier_runs_ended"]) == ("one", "HALTED", True)
    assert 0 <= halted["on_record_after_s"] <= halted["looked_for_s"]
    run("halt", "--all", "--reason", "and everybody")
    resumed = json.loads(run("resume", "one", "--reason", "well again", "--json").stdout)
    assert (resumed["state"], resumed["reason"], resumed["may_exit"]) == ("HALTED", "OPERATOR", False)
    assert json.loads(run("exit-everything", "--all", "--reason", "out", "--json").stdout)["state"] == "REDUCING"


def test_a_program_is_told_that_nobody_can_say_whether_it_holds(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*asked: object) -> None:
        raise Unavailable(AWAY)

    monkeypatch.setattr("deployments.prefect_api.runs", away)
    halted = json.loads(run("halt", "--all", "--reason", "now", "--json").stdout)
    assert (halted["strategy"], halted["state"], halted["earlier_runs_ended"]) == ("*", "HALTED", None)


@pytest.mark.usefixtures("at_work")
def test_status_and_doctor_say_who_holds_what_and_why(house: Settings) -> None:
    run("halt", "--all", "--reason", "the feed looks odd")
    (held,) = holds(house)
    assert held[:3] == ("*", "HALTED", "OPERATOR")
    assert held[4] == "the feed looks odd"
    found = trading(house)
    assert (found.verdict, found.seen) == (WARN, "* HALTED, OPERATOR: the feed looks odd")


@pytest.mark.parametrize("whom", [(), ("one", "--all"), ("nobody",)])
@pytest.mark.parametrize("command", ["halt", "reduce", "resume", "exit-everything"])
def test_whom_is_said_exactly_once_and_somebody_who_is_there(house: Settings, command: str, whom: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match=r"say whom|nobody"):
        run(command, *whom, "--reason", "because")
    assert words(house) == []


@pytest.mark.parametrize("command", ["halt", "reduce", "resume", "exit-everything"])
def test_a_word_has_a_reason(house: Settings, command: str) -> None:
    assert run(command, "--all").exit_code == 2
    assert words(house) == []


def test_an_order_that_is_about_to_be_posted_meets_the_halt(house: Settings, at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged and stored before the word, posted after it: whoever posts looks once more."""
    run("halt", "one", "--reason", "now")
    monkeypatch.setattr("tasks.copying.order_execution.at_hand", lambda tokens, settings, as_of: {})
    order = an_order(datetime.now(UTC), status=OrderStatus.PENDING)
    with bare_steps():
        done = post_orders(frame_of([order], Order), house, datetime.now(UTC))
    assert [(one.status, one.reason) for one in rows_of(done.orders, Order)] == [(OrderStatus.DENIED, Reason.OPERATOR)]


@pytest.mark.parametrize(("began_before", "waits"), [(timedelta(seconds=1), True), (timedelta(seconds=-1), False)])
def test_a_run_that_began_before_the_word_is_waited_for_and_no_later_one(
    house: Settings, at_work: list[list[dict[str, Any]]], began_before: timedelta, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    monkeypatch.setattr("deployments.operator_words.time.sleep", looks.append)
    at_work[:] = [[{"start_time": (datetime.now(UTC) - began_before).isoformat()}], []]
    assert "It holds: no run that began before is at work" in run("halt", "one", "--reason", "now").output
    assert bool(looks) is waits


def test_where_the_server_is_away_the_word_is_on_record_all_the_same(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*asked: object) -> None:
        raise Unavailable(AWAY)

    monkeypatch.setattr("deployments.prefect_api.runs", away)
    assert AWAY in run("halt", "--all", "--reason", "now").output
    assert words(house) == [("*", HALTED, "now", "")]


def test_a_halt_imports_neither_prefect_nor_the_venues_before_it_is_on_record() -> None:
    """Prefect and the adapters of all venues take several times as long to import as Postgres' alone takes."""
    code = (
        "import sys, deployments.commands.halt, adapters.stores.postgres; print(sorted({'prefect', 'adapters.connect'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_how_long_it_took_is_said(house: Settings, at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: Callable[[], float] = iter([10.0, 10.25, 11.0, 11.5, 12.0]).__next__
    monkeypatch.setattr(operator_words, "time", type("Clock", (), {"monotonic": staticmethod(ticks), "sleep": time.sleep}))
    assert "on record after 0.25 s" in run("halt", "one", "--reason", "now").output
