"""Who is let in, and how often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbox.senders import MOST_SENDERS, Allowance, Secret


@pytest.mark.parametrize(
    ("offered", "alone", "as_bearer"),
    [
        ("word", True, False),
        ("Bearer word", True, True),
        ("BEARER word", True, True),
        ("Bearer  word", True, True),
        ("Bearer wor", False, False),
        ("", False, False),
    ],
)
def test_a_secret_opens_as_it_was_agreed(offered: str, alone: bool, as_bearer: bool) -> None:
    headers = [(b"authorization", offered.encode())]
    assert Secret("word", bare=True).opens(headers) is alone
    assert Secret("word").opens(headers) is as_bearer


def test_where_there_is_no_secret_nobody_is_let_in() -> None:
    """An empty setting must not be the secret that everybody knows."""
    for offered in (b"", b"Bearer ", b"Bearer"):
        assert not Secret("", bare=True).opens([(b"authorization", offered)])
    assert not Secret("", bare=True).opens([])


def test_an_allowance_comes_back_with_time() -> None:
    allowance = Allowance(per_s=2, at_once=3)
    assert [allowance.wait_s("a", 0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert allowance.wait_s("a", 0.49) > 0
    assert allowance.wait_s("a", 0.5) == 0
    assert allowance.wait_s("b", 0.5) == 0


@given(gaps=st.lists(st.floats(0, 3), max_size=80), per_s=st.sampled_from([0.5, 1, 10]), at_once=st.sampled_from([1, 5]))
def test_nobody_gets_more_than_his_allowance(gaps: list[float], per_s: float, at_once: float) -> None:
    allowance, now_s, let_in = Allowance(per_s, at_once), 0.0, 0
    for gap in gaps:
        now_s += gap
        let_in += allowance.wait_s("a", now_s) == 0
        assert let_in <= at_once + now_s * per_s + 1e-6


def test_a_crowd_of_senders_costs_no_memory() -> None:
    allowance = Allowance(1, 1)
    for number in range(MOST_SENDERS + 5):
        allowance.wait_s(str(number), 0.0)
    assert len(allowance._left) == MOST_SENDERS
