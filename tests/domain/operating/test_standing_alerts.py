"""When a person is called by how trading stands: each rule at its boundary."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from data_contracts import Exit, Reason, TradingState
from domain.operating.standing_alerts import EXIT_WAITS, MISSING_FOR, Held, Standing, standing_findings
from tests import ledger_rows

ACTIVE, REDUCING, HALTED = TradingState
MOMENT = timedelta(microseconds=1)


def names(standing: Standing, as_of: datetime) -> list[tuple[str, str, str]]:
    return [(finding.what, finding.severity.value, finding.about) for finding in standing_findings(standing, as_of)]


def test_what_is_not_known_raises_nothing(as_of: datetime) -> None:
    assert names(Standing(), as_of) == []


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Held("*", HALTED, Reason.KILL_SWITCH), [("kill_switch", "critical", "*")]),
        (Held("*", REDUCING, Reason.KILL_SWITCH), [("kill_switch", "warning", "*")]),
        (Held("one", HALTED, Reason.OPERATOR, "holiday"), [("stopped_by_operator", "warning", "one")]),
        (Held("one", REDUCING, Reason.OPERATOR), [("stopped_by_operator", "warning", "one")]),
        (Held("one", HALTED, Reason.VENUE_CONTRADICTS_US, "7 shares"), [("strategy_halted", "critical", "one")]),
        (Held("one", HALTED, Reason.DAILY_LOSS), [("strategy_halted", "critical", "one")]),
        (Held("one", REDUCING, Reason.DAILY_LOSS), []),  # one look is no evidence
        (Held("*", HALTED, Reason.ACCOUNT_DRAWDOWN), []),  # the account's own rule tells it
        (Held("one", REDUCING, Reason.STRATEGY_UNREADABLE), []),
    ],
)
def test_a_halt_is_told_by_who_said_it(as_of: datetime, held: Held, expected: Any) -> None:
    assert names(Standing(held=[held]), as_of) == expected


def test_what_was_said_of_a_halt_is_in_it(as_of: datetime) -> None:
    (finding,) = standing_findings(Standing(held=[Held("one", HALTED, Reason.VENUE_CONTRADICTS_US, "7 shares, not 5")]), as_of)
    assert "(7 shares, not 5)" in finding.message
    assert "`walletflow resume one --reason TEXT`" in finding.message


@pytest.mark.parametrize(("whose", "whom"), [("*", "--all"), ("one", "one")])
@pytest.mark.parametrize("reason", [Reason.OPERATOR, Reason.DRAWDOWN])
def test_a_halt_names_the_command_that_ends_it_whole(as_of: datetime, whose: str, whom: str, reason: Reason) -> None:
    """It said "`walletflow resume` when it is time", which asks for a strategy and a reason."""
    (finding,) = standing_findings(Standing(held=[Held(whose, HALTED, reason)]), as_of)
    assert f"`walletflow resume {whom} --reason TEXT`" in finding.message


@pytest.fixture
def an_exit(as_of: datetime) -> Exit:
    return ledger_rows.an_exit(as_of)


@pytest.mark.parametrize(
    ("changes", "waited", "expected"),
    [
        ({"orders": 2}, EXIT_WAITS - MOMENT, []),
        ({"orders": 3}, timedelta(0), [("exits_failing", "critical", "one")]),
        ({}, EXIT_WAITS, [("exits_failing", "critical", "one")]),
        ({"held_back": Reason.BOOK_MISSING}, EXIT_WAITS, [("exits_without_buyer", "warning", "one")]),
    ],
)
def test_an_exit_fails_after_three_orders_or_ten_minutes(
    as_of: datetime, an_exit: Exit, changes: Any, waited: timedelta, expected: Any
) -> None:
    assert names(Standing(exits=[replace(an_exit, **changes)]), as_of + waited) == expected


@pytest.mark.parametrize(("whose", "tells"), [("one", False), ("*", False), ("two", True)])
def test_an_exit_that_a_person_holds_back_is_not_failing(as_of: datetime, an_exit: Exit, whose: str, tells: bool) -> None:
    standing = Standing(exits=[replace(an_exit, orders=9)], held=[Held(whose, HALTED, Reason.OPERATOR)])
    assert ("exits_failing" in {what for what, *_ in names(standing, as_of)}) == tells


def test_a_hundred_exits_of_a_strategy_are_one_alert(as_of: datetime, an_exit: Exit) -> None:
    (finding,) = standing_findings(Standing(exits=[replace(an_exit, orders=3)] * 100), as_of)
    assert finding.message.startswith("100 exits of one are not done")


@pytest.mark.parametrize(
    ("silent_for", "expected"), [(MISSING_FOR - MOMENT, []), (MISSING_FOR, [("runs_missing", "critical", "copy-trading")])]
)
def test_a_worker_that_died_is_noticed_by_the_runs_that_are_missing(as_of: datetime, silent_for: timedelta, expected: Any) -> None:
    assert names(Standing(completed_at={"copy-trading": as_of - silent_for}), as_of) == expected


@pytest.mark.parametrize(
    ("table", "count", "arrived", "tells"),
    [
        ("trades", 10, 990, False),  # 1.0 % of a thousand
        ("trades", 11, 990, True),  # 1.1 %
        ("trades", 9, 0, False),  # too few to say
        ("trades", 10, None, True),  # nobody can say of how many
        ("fills", 9, 990, False),
        ("fills", 10, 1_000_000, True),  # their good ones are not counted
    ],
)
def test_rows_that_were_set_aside_are_told_above_a_share(as_of: datetime, table: str, count: int, arrived: Any, tells: bool) -> None:
    assert bool(names(Standing(set_aside={table: count}, arrived=arrived), as_of)) == tells


def test_a_ledger_that_differs_is_told_with_what_differs(as_of: datetime) -> None:
    (finding,) = standing_findings(Standing(differences=["shares of one is 7, not 5", "cost of one is 1, not 2"]), as_of)
    assert finding.message.startswith("2 cells of positions are not what their fills come to (shares of one is 7, not 5)")
