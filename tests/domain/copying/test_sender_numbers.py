"""A gap in a sender's own numbers says that something it sent never came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.copying.sender_numbers import count_of, in_words, missing


@pytest.mark.parametrize(
    ("came", "gaps", "words"),
    [
        ([], [], ""),
        ([7], [], ""),
        ([16, 18, 19, 20, 23], [(17, 17), (21, 22)], "17, 21 to 22"),
        ([23, 16, 20, 18, 19, 16], [(17, 17), (21, 22)], "17, 21 to 22"),  # in another order, and one twice
        ([1, 10**12], [(2, 10**12 - 1)], "2 to 999999999999"),
    ],
)
def test_what_lies_between_and_did_not_come_is_missing(came: list[int], gaps: list[tuple[int, int]], words: str) -> None:
    assert missing(came) == gaps
    assert in_words(gaps) == words


@given(st.sets(st.integers(0, 200), min_size=1))
def test_what_came_and_what_is_missing_are_all_numbers_between(came: set[int]) -> None:
    lost = {number for first, last in missing(came) for number in range(first, last + 1)}
    assert lost | came == set(range(min(came), max(came) + 1))
    assert not lost & came
    assert count_of(missing(came)) == len(lost)
