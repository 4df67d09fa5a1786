"""What makes a function a flow: Prefect's own, but that a no to what a person asked is the run's state, a sentence without a traceback."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

import prefect
from prefect import Flow
from prefect.context import FlowRunContext
from prefect.flows import FlowStateHook
from prefect.states import Failed

from data_contracts.errors import Refused

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("walletflow.runs")


class Declare(Protocol):
    """Makes a flow of a function."""

    def __call__(self, function: Callable[P, R], /) -> Flow[P, R]: ...


def flow(
    *,
    name: str,
    flow_run_name: str | Callable[[], str],
    timeout_seconds: float | None = None,
    on_completion: list[FlowStateHook[..., Any]] | None = None,
) -> Declare:
    """Declares a flow. What it refuses (`Refused`: a name that is not there, no such file) fails its run with that sentence alone."""

    def declare(function: Callable[P, R]) -> Flow[P, R]:
        make = prefect.flow(name=name, flow_run_name=flow_run_name, timeout_seconds=timeout_seconds, on_completion=on_completion)
        declared: Flow[P, R] = make(function)
        declared.fn = _answering(function, name)  # not sooner: Prefect takes the version from the file of the function
        return declared

    return declare


def _answering(function: Callable[P, R], name: str) -> Callable[P, R]:
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Refused as no:
            if not _is_run_of(name):
                raise
            log.error("%s", no)
            return Failed(message=str(no), data=no)  # type: ignore[return-value]  # its run's state, which Prefect takes as it is

    return run


def _is_run_of(name: str) -> bool:
    context = FlowRunContext.get()
    return context is not None and context.flow is not None and context.flow.name == name


def _is_new(record: logging.LogRecord) -> bool:
    """Prefect's engine says once more what its flow ended with, with a traceback: of a no, the state has said it."""
    return not (record.exc_info and isinstance(record.exc_info[1], Refused))


logging.getLogger("prefect.flow_runs").addFilter(_is_new)
