"""What makes a function a step of a flow: an observed Prefect task that is tried again when the outside world does not answer.

A replay runs the very same functions bare: it makes in seconds the steps of months, and a task run for each would only fill the UI.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial, wraps
from time import perf_counter
from typing import Any, ParamSpec, Protocol, TypeVar

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
TRIES = 1 + len(RETRY_DELAYS_S)

_bare: ContextVar[bool] = ContextVar("bare", default=False)
_tries: ContextVar[int] = ContextVar("tries", default=1)
_unchecked: ContextVar[bool] = ContextVar("unchecked", default=False)


class Watcher(Protocol):
    """Is told of each step when it begins and when it ends, however it ends."""

    def began(self, name: str) -> None: ...
    def ended(self, name: str, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class _Timings:
    kept: deque[tuple[str, float]]

    def began(self, name: str) -> None: ...
    def ended(self, name: str, seconds: float) -> None:
        self.kept.append((name, seconds))


_watcher: ContextVar[Watcher] = ContextVar("watcher", default=_Timings(deque(maxlen=0)))  # noqa: B039 (keeps nothing)


@contextmanager
def watched_steps(watcher: Watcher) -> Iterator[None]:
    """Tells `watcher` of the steps within."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextmanager
def timed_steps() -> Iterator[deque[tuple[str, float]]]:
    """Collects (step, seconds) of the steps within, Prefect's part included."""
    timings: deque[tuple[str, float]] = deque()
    with watched_steps(_Timings(timings)):
        yield timings


@contextmanager
def bare_steps(checked: bool = False, tries: int = 1) -> Iterator[None]:
    """Within, steps are plain functions; the checks between them are made only where `checked`.

    With `tries` one that finds the outside world unavailable is tried so often in all, at once: live there are TRIES with a pause between.
    """
    bare, unchecked, tried = _bare.set(True), _unchecked.set(not checked), _tries.set(tries)
    try:
        yield
    finally:
        _bare.reset(bare)
        _unchecked.reset(unchecked)
        _tries.reset(tried)


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
        began, watcher = perf_counter(), _watcher.get()
        watcher.began(function.__name__)
        try:
            if _bare.get():
                return _tried(partial(function, *args, **kwargs), _tries.get())
            observe: Callable[..., R] = observed
            return observe(*map(_opaque, args), **{name: _opaque(value) for name, value in kwargs.items()})
        finally:
            watcher.ended(function.__name__, perf_counter() - began)

    return run


def _tried(act: Callable[[], R], tries: int) -> R:
    for _ in range(tries - 1):
        with suppress(Unavailable):
            return act()
    return act()


def _opaque(value: Any) -> Any:
    """Prefect looks for futures in every corner of an argument; in fifty strategies of five hundred leaders that took 0.7 s a call.

    Frames stay as they are: they are not searched, and the UI draws from them which step fed which.
    """
    return value if isinstance(value, pl.DataFrame) else quote(value)


def _may_help(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Only what is unavailable may be there the next time; a bug or an unsafe state will not change."""
    return isinstance(state.result(raise_on_failure=False), Unavailable)
