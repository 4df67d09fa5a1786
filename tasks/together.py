"""Questions that do not depend on each other, asked at once: most of a question is waiting for its answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any, TypeVar, overload

from tasks.steps import is_bare

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
# Kept: stores have a connection for each thread. None of these threads asks another, so they cannot wait for each other.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="together")


@overload
def together(one: Callable[[], A], two: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(one: Callable[[], A], two: Callable[[], B], three: Callable[[], C], /) -> tuple[A, B, C]: ...
def together(*questions: Callable[[], Any]) -> tuple[Any, ...]:
    """Their answers, in order. Raises the first one's error, when all have ended. A replay, which waits for nobody, asks one by one."""
    if is_bare():
        return tuple(ask() for ask in questions)
    first, *others = questions
    asked = [_THREADS.submit(copy_context().run, ask) for ask in others]
    try:
        answer = first()
    finally:
        wait(asked)
    return (answer, *(one.result() for one in asked))
