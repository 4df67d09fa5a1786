"""Whom a person holds back: his last word about each wallet, the strictest of one strategy's and every one's."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from data_contracts import LeaderStanding, LeaderWord, Reason
from domain.copying.leader_words import words_until

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)
ONE, TWO = "0x" + "a" * 40, "0x" + "b" * 40
FREE, PAUSED, BLOCKED = LeaderStanding


def said(*words: tuple[str, LeaderStanding]) -> list[LeaderWord]:
    """About ONE, a second apart."""
    at = count()
    return [
        LeaderWord(strategy_id=name, wallet=ONE, ordered_at=T0 + timedelta(seconds=next(at)), standing=standing, why=f"{standing} once")
        for name, standing in words
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([("*", PAUSED)], Reason.LEADER_PAUSED),
        ([("one", BLOCKED)], Reason.LEADER_BLOCKED),
        ([("other", BLOCKED)], None),
        ([("*", PAUSED), ("*", FREE)], None),
        ([("*", PAUSED), ("one", FREE)], Reason.LEADER_PAUSED),  # ends only what was said of the same
        ([("one", BLOCKED), ("*", FREE)], Reason.LEADER_BLOCKED),
        ([("*", BLOCKED), ("one", PAUSED)], Reason.LEADER_BLOCKED),  # the strictest
        ([("one", BLOCKED), ("one", PAUSED)], Reason.LEADER_PAUSED),  # the last
        ([("*", FREE), ("*", PAUSED)], Reason.LEADER_PAUSED),
    ],
)
def test_the_last_word_of_each_holds_and_the_strictest_of_both(words: list[tuple[str, LeaderStanding]], reason: Reason | None) -> None:
    held = words_until(said(*words))
    assert held.denials("one").get(ONE) is reason
    assert held.denials("one").get(TWO) is None
    assert set(held.blocked("one")) == ({ONE} if reason is Reason.LEADER_BLOCKED else set())


def test_what_held_at_an_instant_is_not_what_was_said_after_it() -> None:
    """An explanation of a signal tells what a person had said when it was judged."""
    words = said(("*", PAUSED), ("*", BLOCKED))
    before, after = (words_until(words, at).on(ONE, "one") for at in (T0, T0 + timedelta(seconds=1)))
    assert before is not None
    assert after is not None
    assert (before.standing, after.standing) == (PAUSED, BLOCKED)
    assert words_until(words, T0 - timedelta(microseconds=1)).on(ONE, "one") is None


def test_the_order_in_which_rows_are_read_is_of_no_account() -> None:
    words = said(("*", PAUSED), ("*", FREE))
    assert words_until(reversed(words)).on(ONE, "one") is None
