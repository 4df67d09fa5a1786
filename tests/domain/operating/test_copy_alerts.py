"""When most copies of a strategy come to nothing, a person is told by which reason, and what changes it."""

import pytest

from data_contracts import Reason, Severity
from domain.copying.reason_words import REASON_WORDS
from domain.operating.copy_alerts import EntryOrders, unfilled_findings

SLIPPED, MISSING, FILLED = ("DENIED", "SLIPPAGE_TOO_HIGH"), ("DENIED", "BOOK_MISSING"), ("FILLED", None)
End = tuple[str, str | None]


def entries(*counts: tuple[End, int], strategy_id: str = "one") -> list[EntryOrders]:
    return [EntryOrders(strategy_id, *end, count) for end, count in counts]


@pytest.mark.parametrize(
    ("unfilled", "filled", "is_told"),
    [
        (6, 4, True),  # 60 %
        (59, 41, False),
        (9, 0, False),  # too few to say
        (10, 0, True),
        (39, 64, False),  # 38 %: what three days of the sandbox came to, where nothing was wrong
        (0, 0, False),
    ],
)
def test_where_six_of_ten_copies_are_not_filled_it_is_told(unfilled: int, filled: int, is_told: bool) -> None:
    """144 of 352 copies were not filled, those of a badly set strategy among them, and no alert spoke of it: DENIED counted nowhere."""
    found = list(unfilled_findings(entries((SLIPPED, unfilled), (FILLED, filled))))
    assert [(one.severity, one.what, one.about) for one in found] == [(Severity.WARNING, "copies_not_filled", "one")] * is_told


@pytest.mark.parametrize(
    ("status", "is_told"),
    [
        ("DENIED", True),
        ("REFUSED", True),
        ("UNFILLED", True),
        ("PARTIAL", False),
        ("PENDING", False),
        ("UNKNOWN", False),
        ("MATCHED", False),
    ],
)
def test_not_filled_is_what_has_ended_and_bought_nothing(status: str, is_told: bool) -> None:
    """Five slipped and four were filled, nine; the tenth decides: 6 of 10 are 60 %, 5 of 10 are 50 %, and 5 of 9 too few."""
    assert bool(list(unfilled_findings(entries((SLIPPED, 5), (FILLED, 4), ((status, None), 1))))) is is_told


def test_one_strategy_does_not_hide_behind_another() -> None:
    """10 of 10 beside 0 of 90: together they would be 10 %."""
    found = unfilled_findings([*entries((FILLED, 90)), *entries((MISSING, 10), strategy_id="two"), *entries((FILLED, 1))])
    assert [one.about for one in found] == ["two"]


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ([(SLIPPED, 9), (MISSING, 3), (FILLED, 8)], Reason.SLIPPAGE_TOO_HIGH),
        ([(SLIPPED, 3), (MISSING, 9), (FILLED, 8)], Reason.BOOK_MISSING),
        ([(SLIPPED, 3), (("UNFILLED", None), 9), (FILLED, 8)], Reason.VENUE_NO_MATCH),
    ],
)
def test_the_commonest_reason_is_said_with_what_changes_it(ends: list[tuple[End, int]], reason: Reason) -> None:
    (found,) = unfilled_findings(entries(*ends))
    assert found.message.startswith(f"12 of 20 copies of one within the last hour were not filled (60%), 9 of them by {reason} (")
    assert f": {REASON_WORDS[reason].cure}; `walletflow positions --orders`" in found.message


@pytest.mark.parametrize("reason", [Reason.VENUE_UNAVAILABLE, Reason.SETTLEMENT_FAILED, "A_REASON_OF_ANOTHER_VERSION"])
def test_where_a_reason_has_no_cure_of_its_own_it_is_said_where_to_look(reason: str) -> None:
    (found,) = unfilled_findings(entries((("DENIED", reason), 10)))
    assert ": look whom it follows, and what they trade; `walletflow" in found.message
