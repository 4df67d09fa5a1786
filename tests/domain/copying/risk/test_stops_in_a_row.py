"""Three stops at the largest loss in a row halve the size of copies until the next win."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from domain.copying.policy import RiskPolicy
from domain.copying.risk.rule import Figures
from domain.copying.risk.stops_in_a_row import StopsInARow

STOP, LOSS, WIN = (False, True), (False, False), (True, False)  # (won, closed by our stop)


def factor(as_of: datetime, *closed: tuple[bool, bool]) -> Decimal:
    """What copies are multiplied by after these, the oldest first, a minute apart."""
    money = Figures(Decimal(10_000), Decimal(10_000), as_of)
    results = [(as_of + timedelta(minutes=place), *one) for place, one in enumerate(closed, 1)]
    later = Figures(Decimal(10_000), Decimal(10_000), as_of + timedelta(hours=1), results)
    return StopsInARow.begun(money).after(later, RiskPolicy()).size_factor


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ([STOP, STOP], "1"),
        ([STOP, STOP, STOP], "0.5"),
        ([STOP] * 4, "0.5"),
        ([STOP, STOP, LOSS, STOP], "1"),  # another loss breaks the row
        ([STOP, STOP, WIN, STOP], "1"),
        ([STOP, STOP, STOP, LOSS], "0.5"),  # and makes nothing whole again
        ([STOP, STOP, STOP, WIN], "1"),
        ([STOP, STOP, STOP, WIN, STOP, STOP], "1"),
        ([STOP, STOP, STOP, WIN, STOP, STOP, STOP], "0.5"),
    ],
)
def test_the_third_stop_halves_and_only_a_win_makes_whole(as_of: datetime, closed: list[tuple[bool, bool]], expected: str) -> None:
    assert factor(as_of, *closed) == Decimal(expected)


def test_what_closed_before_an_operator_resumed_is_of_no_account(as_of: datetime) -> None:
    """The rule begins anew at that instant."""
    resumed = Figures(Decimal(1), Decimal(1), as_of, [(as_of - timedelta(minutes=minutes), *STOP) for minutes in (3, 2, 1)])
    assert StopsInARow.begun(resumed).after(resumed, RiskPolicy()).size_factor == 1
