"""Whom a run of chaos strikes, and what its table says of how long each took to come back."""

from datetime import UTC, datetime

import pytest

from chaos.kills import Strike, is_rested
from chaos.report import recovery_rows

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def a_strike(service: str, again_s: float | None, clock_s: float = 0.0, how: str = "killed", cycle_s: float | None = None) -> Strike:
    return Strike(service, how, NOW, clock_s, again_s, cycle_s)


@pytest.mark.parametrize(("now", "rested"), [(159.9, False), (160.0, True)])
def test_what_took_thirty_seconds_to_return_stands_for_thirty_before_it_is_struck_again(now: float, rested: bool) -> None:
    """Struck at 100, back at 130. On a busy machine each start of a worker died before its first cycle had ended."""
    assert is_rested("warm", [a_strike("warm", 30.0, clock_s=100.0), a_strike("inbox", 1.0, clock_s=158.0)], now) is rested


def test_what_was_never_struck_is_rested() -> None:
    assert is_rested("warm", [a_strike("inbox", 500.0)], 1.0)


def test_the_table_has_a_line_for_each_service_and_way_and_says_what_never_came_back() -> None:
    """1 to 20 seconds: p50 is 10.5, p95 19.05."""
    strikes = [a_strike("warm", float(s), cycle_s=2.0 * s) for s in range(1, 21)]
    strikes += [a_strike("warm", 3.0, how="stopped"), a_strike("inbox", None)]
    assert recovery_rows(strikes) == [
        ["inbox", "killed", "1", "-", "- (1 never)", "-", "- (1 never)"],
        ["warm", "killed", "20", "10.5", "19.1", "21.0", "38.1"],
        ["warm", "stopped", "1", "3.0", "3.0", "-", "- (1 never)"],
    ]
