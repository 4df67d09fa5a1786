"""Asks several outside systems at once where no question depends on another: most of the time is waiting for answers."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import ContextVar, copy_context
from functools import partial
from time import monotonic
from typing import Any, NoReturn, TypeVar, overload

from data_contracts.errors import Unavailable, Unsafe, WalletflowError
from tasks.steps import is_bare

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
K = TypeVar("K")
log = logging.getLogger("walletflow.together")
# Kept: stores have a connection for each thread.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="together")
_VENUE_THREADS = ThreadPoolExecutor(16, thread_name_prefix="venue")  # of their own: one that hangs keeps a thread until it ends
Question = tuple[str, Any]  # about what, and who is asked
_GIVEN_UP: dict[Question, "Future[Any]"] = {}
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


def each_by_itself(
    questions: Mapping[K, Callable[[], A]], patience_s: float | None = None, about: str = ""
) -> tuple[dict[K, A], dict[K, Exception]]:
    """The answers there are, and the errors, by whom they are of: who is away, hangs or is wrong takes nobody else's answer away.

    With `patience_s` several are waited for so long, and one that was given up is not asked about the same again (`about`: books, trades)
    before it has answered that. Without, all are waited for: what was sent must not be left alone. Raises the first error, an unsafe one
    before others, where nobody answers.
    """
    asked = {name: _asked((about, name), ask, len(questions) > 1, patience_s) for name, ask in questions.items()}
    answers: dict[K, A] = {}
    errors: dict[K, Exception] = {}
    for name, answer in asked.items():
        try:
            answers[name] = answer()
        except Exception as error:
            errors[name] = error
            log.warning("%s does not answer: %s", name, error, exc_info=None if isinstance(error, WalletflowError) else error)
    if errors and not answers:
        raise next((error for error in errors.values() if isinstance(error, Unsafe)), next(iter(errors.values())))
    return answers, errors


def _asked(question: Question, ask: Callable[[], A], among_others: bool, patience_s: float | None) -> Callable[[], A]:
    """How to have its answer: asked by now, or, alone and where threads do not wait for threads, when it is wanted."""
    if not among_others or is_bare() or _is_one_of_them.get():
        return ask
    if patience_s is None:
        return _VENUE_THREADS.submit(copy_context().run, _as_one_of_them, ask).result
    if question in _GIVEN_UP and not _GIVEN_UP[question].done():
        return partial(_still_waiting, question)
    asked = _VENUE_THREADS.submit(copy_context().run, _as_one_of_them, ask)
    return partial(_until, monotonic() + patience_s, asked, question)


def _still_waiting(question: Question) -> NoReturn:
    about, name = question
    raise Unavailable(f"{name} has not answered yet what it was asked before ({about})")


def _until(deadline: float, asked: "Future[A]", question: Question) -> A:
    about, name = question
    try:
        return asked.result(timeout=max(0.0, deadline - monotonic()))
    except FutureTimeout as error:
        _GIVEN_UP[question] = asked
        raise Unavailable(f"{name} has not answered in time ({about})") from error


def each_in_order(ask: Callable[[K], A], subjects: Sequence[K], at_once: int) -> list[A]:
    """The answers about these, in their order, of so many asked at once; a replay asks one by one. Raises the first error."""
    if is_bare() or len(subjects) < 2:
        return [ask(one) for one in subjects]
    with ThreadPoolExecutor(min(at_once, len(subjects))) as pool:
        return list(pool.map(lambda one: copy_context().run(ask, one), subjects))


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
