"""Questions at once: their answers in order, their errors, and no waiting for each other's threads."""

import threading

import pytest

from data_contracts.errors import Unavailable
from tasks.steps import bare_steps
from tasks.together import together, within


def test_answers_come_in_the_order_of_the_questions_and_all_are_asked_at_once() -> None:
    """Each waits until the others are there: one by one this would never end."""
    met = threading.Barrier(3, timeout=10)

    def ask(answer: str) -> str:
        met.wait()
        return answer

    assert together(lambda: ask("a"), lambda: ask("b"), lambda: ask("c")) == ("a", "b", "c")


def test_an_error_is_raised_when_all_have_ended() -> None:
    done = threading.Event()

    def fails() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        together(fails, lambda: done.set())
    assert done.is_set()
    with pytest.raises(ValueError, match="no"):
        together(lambda: done.set(), fails)


def test_who_is_asked_with_others_asks_one_by_one_and_so_does_a_replay() -> None:
    """Twenty at once, each asking two more: with threads that wait for threads the eight there are would wait for ever."""
    here = threading.get_ident

    def nested() -> tuple[int, int]:
        return together(here, here)

    for _ in range(20):
        _, (one, other) = together(here, nested)
        assert one == other
    with bare_steps():
        assert set(together(here, here)) == {here()}


def test_who_must_go_on_waits_for_an_answer_for_so_long_and_no_longer() -> None:
    """A Gamma that hangs once held every stop for a minute and a half."""
    asked, answer = threading.Event(), threading.Event()

    def slow() -> str:
        asked.set()
        answer.wait(60)
        return "late"

    with pytest.raises(Unavailable, match="no answer within"):
        within(0.05, slow)
    assert asked.wait(60)
    answer.set()
    assert within(60, lambda: "in time") == "in time"
