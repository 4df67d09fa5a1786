"""Asks several outside systems at once where no question depends on another: most of the time is waiting for answers."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar, overload

from data_contracts.errors import Unavailable, WalletflowError
from tasks.steps import is_bare

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
K = TypeVar("K")
log = logging.getLogger("walletflow.together")
# Kept: stores have a connection for each thread.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="together")
_is_one_of_them: ContextVar[bool] = ContextVar("is_one_of_them", default=False)


@overload
def together(one: Callable[[], A], two: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(one: Callable[[], A], two: Callable[[], B], three: Callable[[], C], /) -> tuple[A, B, C]: ...
def together(*questions: Callable[[], Any]) -> tuple[Any, ...]:
    """Their answers, in order. Raises the first one's error, when all have ended.

    A replay, which waits for nobody, asks one by one, and so does who is asked together with others: these threads never wait for another.
    """
    if is_bare() or _is_one_of_them.get():
        return tuple(ask() for ask in questions)
    first, *others = questions
    asked = [_THREADS.submit(copy_context().run, _as_one_of_them, ask) for ask in others]
    try:
        answer = first()
    finally:
        wait(asked)
    return (answer, *(one.result() for one in asked))


def each_by_itself(questions: Mapping[K, Callable[[], A]]) -> dict[K, A]:
    """The answers there are, by whom they are of: who is away takes nobody else's away. Raises the first error where nobody answers."""
    answers: dict[K, A] = {}
    errors: list[WalletflowError] = []
    for name, ask in questions.items():
        try:
            answers[name] = ask()
        except WalletflowError as error:
            errors.append(error)
            log.warning("%s does not answer: %s", name, error)
    if errors and not answers:
        raise errors[0]
    return answers


def within(seconds: float, ask: Callable[[], A]) -> A:
    """Its answer, if it comes in time. Raises Unavailable when it does not: who must go on leaves the question where it is.

    A replay, which waits for nobody, waits for this one too.
    """
    if is_bare() or _is_one_of_them.get():
        return ask()
    asked = _THREADS.submit(copy_context().run, _as_one_of_them, ask)
    try:
        return asked.result(timeout=seconds)
    except FutureTimeout as error:
        raise Unavailable(f"no answer within {seconds:.0f} s") from error


def _as_one_of_them(ask: Callable[[], A]) -> A:
    _is_one_of_them.set(True)
    return ask()
