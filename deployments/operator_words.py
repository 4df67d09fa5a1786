"""An operator's words on the command line: on record at once, and how long it took until nothing that began before is at work.

They need Postgres alone. A halt is written before anything slow is imported; what is about to be posted looks for it once more.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters.settings import Settings, load_settings
from data_contracts import OperatorWord, Strategy, TradingState
from data_contracts.errors import Refused, Unavailable
from deployments.terminal import Answer

EVERY_STRATEGY = "*"
POSTING = ("copy-trading", "order-execution")  # the deployments whose runs post orders
PATIENCE_S, LOOK_S = 60.0, 0.2

Whom = Annotated[str | None, typer.Argument(metavar="[STRATEGY]", help="A strategy by its name")]
All = Annotated[bool, typer.Option("--all", help="Every strategy")]
Why = Annotated[str, typer.Option("--reason", help="Kept with the word, and shown by `status` and `doctor`")]


def whom_of(strategy: str | None, every: bool) -> str:
    """Raises Refused unless exactly one of both was said."""
    if every == (strategy is not None):
        raise Refused("say whom: a strategy by its name, or --all")
    return EVERY_STRATEGY if strategy is None else strategy


def halt(whom: str, why: str, as_json: bool) -> None:
    """Nothing of it leaves any more, exits neither."""
    began, settings, now, answer = time.monotonic(), load_settings(), datetime.now(UTC), Answer(as_json)
    _write_halt(whom, why, settings, now)
    answer.add(strategy=whom, state=TradingState.HALTED)
    _add_on_record(answer, f"{_named(whom)} HALTED, exits too", began)
    _wait_for_earlier_runs(answer, settings, now, began)
    answer.end()


def order(whom: str, state: TradingState, why: str, as_json: bool, exit_everything: bool = False) -> None:
    """Another state: what it clears, and what holds now, is shown."""
    began, settings, now, answer = time.monotonic(), load_settings(), datetime.now(UTC), Answer(as_json)
    from tasks.operating.trading_state import order_state  # Prefect takes a second to import
    from tasks.steps import bare_steps

    with bare_steps():
        ordered = order_state(whom, state, settings, now, why, exit_everything)
    for halt_id, reason in ordered.cleared.items():
        answer.add(f"cleared: {reason} ({halt_id})")
    held = ordered.now
    answer.add(strategy=whom, state=held.state, reason=held.reason, may_exit=held.may_leave, cleared=dict(ordered.cleared))
    _add_on_record(answer, f"{_named(whom)} {held.state}" + (f", by {held.reason}" if held.reason else ""), began)
    if exit_everything and not held.may_leave:
        answer.add(f"No exit leaves while this holds: {held.reason}. Everything is sold when it is over")
    if state is not TradingState.ACTIVE:
        _wait_for_earlier_runs(answer, settings, now, began)
    if exit_everything:
        wake_cycle(answer, settings)
    answer.end()


def close(whom: str, token_id: str, why: str, as_json: bool) -> None:
    """Sell what is held of a token now."""
    began, settings, now, answer = time.monotonic(), load_settings(), datetime.now(UTC), Answer(as_json)
    from tasks.operating.trading_state import order_exit
    from tasks.steps import bare_steps

    with bare_steps():
        meant = order_exit(whom, token_id, settings, now, why)
    for one in meant:
        answer.add(f"to be sold: {one.shares:f} of {one.outcome}, {one.strategy_id} after {one.leader}")
    sold = [{"strategy": one.strategy_id, "leader": one.leader, "outcome": one.outcome, "shares": one.shares} for one in meant]
    answer.add(token=token_id, to_be_sold=sold)
    _add_on_record(answer, "The next cycle sells it, and tries again until it is done;", began)
    wake_cycle(answer, settings)
    answer.end()


def wake_cycle(answer: Answer, settings: Settings) -> None:
    """So that nobody waits half a minute for exits; where the server is away the schedule does."""
    from deployments.waking import CYCLE, wake

    try:
        wake(settings, CYCLE)
        answer.add(cycle_woken=True)
    except Unavailable as error:
        answer.add(f"The cycle was not woken early: {error}", cycle_woken=False)


def _write_halt(whom: str, why: str, settings: Settings, now: datetime) -> None:
    """It clears nothing, so nothing need be read for it but whether there is such a strategy."""
    from adapters.stores.postgres import PostgresResults  # alone: to choose among all adapters takes three times as long to import
    from adapters.stores.results import Write

    results = PostgresResults(settings.required("postgres_url"))
    if whom != EVERY_STRATEGY and not results.read(Strategy, only=["strategy_id"], strategy_id=whom).height:
        raise Refused(f"there is no strategy {whom!r}: --all is every one")
    word = OperatorWord(strategy_id=whom, ordered_at=now, state=TradingState.HALTED, clears="[]", why=why.strip())
    results.write([Write(OperatorWord, [word], "put")])


def _named(whom: str) -> str:
    return "Every strategy is" if whom == EVERY_STRATEGY else f"{whom} is"


def _add_on_record(answer: Answer, what: str, began: float) -> None:
    after_s = time.monotonic() - began
    answer.add(f"{what} on record after {after_s:.2f} s", on_record_after_s=round(after_s, 3))


def _wait_for_earlier_runs(answer: Answer, settings: Settings, since: datetime, began: float) -> None:
    """Each run looks before it posts; what one was just posting is out of our hands until that run has ended. Null: nobody can say."""
    try:
        done = _until(lambda: not _posting_since_before(settings, since))
    except Unavailable as error:
        answer.add(f"Whether a run that began before is still posting cannot be asked: {error}", earlier_runs_ended=None)
        return
    after_s = time.monotonic() - began
    answer.add(
        f"It holds: no run that began before is at work, after {after_s:.2f} s"
        if done
        else f"A run that began before is still at work after {after_s:.2f} s: it looks once more before it posts",
        earlier_runs_ended=done,
        looked_for_s=round(after_s, 3),
    )


def _posting_since_before(settings: Settings, since: datetime) -> bool:
    from deployments import prefect_api

    at_work = [run for name in POSTING for run in prefect_api.runs(settings, name, ("RUNNING",))]
    return any(datetime.fromisoformat(run["start_time"]) < since for run in at_work if run["start_time"])


def _until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True
