"""Questions at once: their answers in order, their errors, and no waiting for each other's threads."""

import threading

import pytest

from data_contracts.errors import Unavailable, Unsafe
from tasks.steps import bare_steps
from tasks.together import each_by_itself, together, within


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


def test_who_hangs_is_given_up_and_not_asked_again_before_it_answered() -> None:
    """Each question left behind keeps a thread: a venue that hangs for an hour would have used up all there are."""
    gate, ended = threading.Event(), threading.Event()
    calls: list[str] = []

    def hangs() -> str:
        calls.append("hangs")
        gate.wait(60)
        ended.set()
        return "at last"

    for _ in range(3):
        answers, errors = each_by_itself({"hangs": hangs, "answers": lambda: "yes"}, 0.05)
        assert (answers, list(errors)) == ({"answers": "yes"}, ["hangs"])
        assert isinstance(errors["hangs"], Unavailable)
    assert calls == ["hangs"]
    gate.set()
    assert ended.wait(60)
    while "hangs" in (last := each_by_itself({"hangs": hangs, "answers": lambda: "yes"}, 60))[1]:
        pass  # it has answered, and its thread is about to say so
    assert last[0] == {"hangs": "at last", "answers": "yes"}


def test_what_was_sent_is_waited_for() -> None:
    """An order that is being posted is not left alone: the next cycle would take it for one that never left."""
    gate = threading.Event()

    def slow() -> str:
        return "late" if gate.wait(60) else "never"

    def opens() -> str:
        gate.set()
        return "open"

    assert each_by_itself({"slow": slow, "opens": opens})[0] == {"slow": "late", "opens": "open"}


def test_a_fault_in_one_is_none_of_anothers() -> None:
    def wrong() -> str:
        raise KeyError("a bug")

    def unsafe() -> str:
        raise Unsafe("wrong chain")

    answers, errors = each_by_itself({"wrong": wrong, "unsafe": unsafe, "right": lambda: "yes"})
    assert (answers, set(errors)) == ({"right": "yes"}, {"wrong", "unsafe"})
    with pytest.raises(Unsafe, match="wrong chain"):
        each_by_itself({"wrong": wrong, "unsafe": unsafe})
    with pytest.raises(KeyError):
        each_by_itself({"wrong": wrong})


def test_who_hangs_over_one_question_is_still_asked_another() -> None:
    """A look at Solana's wallets that took too long kept its books unasked in the next cycle: marks and stops stood still with it."""
    gate = threading.Event()

    def hangs() -> str:
        gate.wait(60)
        return "at last"

    others = {"other": lambda: "yes"}
    _, errors = each_by_itself({"solana": hangs, **others}, 0.05, "trades")
    assert "not answered in time (trades)" in str(errors["solana"])
    assert each_by_itself({"solana": lambda: "books", **others}, 60, "books")[0] == {"solana": "books", "other": "yes"}
    _, errors = each_by_itself({"solana": hangs, **others}, 60, "trades")
    assert "not answered yet what it was asked before (trades)" in str(errors["solana"])
    gate.set()
