"""What makes a function a step of a flow: an observed Prefect task that is tried again when the outside world does not answer.

A replay runs the very same functions bare: it makes in seconds the steps of months, and a task run for each would only fill the UI.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task
from prefect.utilities.annotations import quote

from data_contracts.errors import Unavailable

logging.getLogger("walletflow").setLevel(logging.INFO)  # what steps say is shown under their run

P = ParamSpec("P")
R = TypeVar("R")
RETRY_DELAYS_S = [0.5, 2.0]

_bare: ContextVar[bool] = ContextVar("bare", default=False)
_unchecked: ContextVar[bool] = ContextVar("unchecked", default=False)
_timings: ContextVar[deque[tuple[str, float]]] = ContextVar("timings", default=deque(maxlen=0))  # noqa: B039 (keeps nothing)


@contextmanager
def timed_steps() -> Iterator[deque[tuple[str, float]]]:
    """Collects (step, seconds) of the steps within, Prefect's part included."""
    timings: deque[tuple[str, float]] = deque()
    token = _timings.set(timings)
    try:
        yield timings
    finally:
        _timings.reset(token)


@contextmanager
def bare_steps(checked: bool = False) -> Iterator[None]:
    """Within, steps are plain functions; the checks between them are made only where `checked`."""
    bare, unchecked = _bare.set(True), _unchecked.set(not checked)
    try:
        yield
    finally:
        _bare.reset(bare)
        _unchecked.reset(unchecked)


@contextmanager
def quiet_steps() -> Iterator[None]:
    """Within, steps say only what is wrong: thousands of cycles in a row tell nobody anything."""
    steps = logging.getLogger("walletflow")
    before = steps.level
    steps.setLevel(logging.WARNING)
    try:
        yield
    finally:
        steps.setLevel(before)


def is_bare() -> bool:
    """Whether steps run as plain functions here."""
    return _bare.get()


def is_unchecked() -> bool:
    """Whether nothing is checked between steps here: a replay checks what it reads before it begins, and what it keeps when it ends."""
    return _unchecked.get()


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Declares a step. Its name in the UI is the function's; results stay in memory."""
    observed = task(
        retries=len(RETRY_DELAYS_S),
        retry_delay_seconds=RETRY_DELAYS_S,
        retry_condition_fn=_may_help,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(function)

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        began = perf_counter()
        try:
            if _bare.get():
                return function(*args, **kwargs)
            observe: Callable[..., R] = observed
            return observe(*map(_opaque, args), **{name: _opaque(value) for name, value in kwargs.items()})
        finally:
            _timings.get().append((function.__name__, perf_counter() - began))

    return run


def _opaque(value: Any) -> Any:
    """Prefect looks for futures in every corner of an argument; in fifty strategies of five hundred leaders that took 0.7 s a call.

    Frames stay as they are: they are not searched, and the UI draws from them which step fed which.
    """
    return value if isinstance(value, pl.DataFrame) else quote(value)


def _may_help(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Only what is unavailable may be there the next time; a bug or an unsafe state will not change."""
    return isinstance(state.result(raise_on_failure=False), Unavailable)
