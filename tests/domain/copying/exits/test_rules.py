"""When a rule of our own speaks."""

from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Reason
from domain.copying.exits.rules import RULES, own_exits
from domain.copying.policy import ExitPolicy, TakeProfit


def test_with_every_rule_speaking_the_strongest_is_first(a_marked_position: Any, as_of: Any) -> None:
    held = a_marked_position(mark_price=Decimal("0.10"), peak_price=Decimal("0.90"), opened_at=as_of.replace(hour=0))
    policy = ExitPolicy(trailing=Decimal("0.3"), max_hold_s=60)
    assert [one.reason for one in own_exits(held, policy, as_of)] == [Reason.STOP_LOSS, Reason.TRAILING_STOP, Reason.TIME_EXIT]


def test_a_rule_is_one_function_and_one_line_of_the_table(a_marked_position: Any, as_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here one that leaves every position at what it cost; it stands for a reason of the closed vocabulary."""
    from domain.copying.exits.rule import Asked, entry_of

    monkeypatch.setattr("domain.copying.exits.rules.RULES", {Reason.TIME_EXIT: lambda position, policy, at: [Asked(entry_of(position))]})
    (left,) = own_exits(a_marked_position(), ExitPolicy(), as_of)
    assert (left.reason, left.trade.price) == (Reason.TIME_EXIT, Decimal("0.40"))


def test_each_step_of_a_ladder_is_an_exit_of_its_own(a_marked_position: Any, as_of: Any) -> None:
    ladder = tuple(TakeProfit(gain=Decimal(gain), part=Decimal("0.33")) for gain in ("0.5", "1"))
    found = own_exits(a_marked_position(mark_price=Decimal("0.80")), ExitPolicy(take_profit=ladder), as_of)
    assert ([one.part for one in found], len({one.trade.trade_id for one in found})) == ([Decimal("0.33")] * 2, 2)


def test_a_persons_and_the_leaders_exit_have_their_place_in_the_order_and_no_rule() -> None:
    assert [reason for reason, rule in RULES.items() if rule is None] == [Reason.OPERATOR_EXIT, Reason.LEADER_EXITED]
    assert next(iter(RULES)) is Reason.OPERATOR_EXIT


@pytest.mark.parametrize(
    ("mark", "stops"),
    [
        ("0.015", False),  # bid 0.01, ask 0.02: nothing has happened but that we paid the spread
        ("0.0100000001", False),
        ("0.01", True),
    ],
)
def test_a_spread_is_no_loss_a_stop_could_save_us_from(a_marked_position: Any, as_of: Any, mark: str, stops: bool) -> None:
    """100 shares for 2 USD; half of it is 0.01. On the sandbox a stop by the bid sold a share of 0.02 the moment it was bought."""
    held = a_marked_position(cost=Decimal(2), mark_price=Decimal(mark))
    assert [one.reason for one in own_exits(held, ExitPolicy(), as_of)] == ([Reason.STOP_LOSS] if stops else [])


def test_a_marked_position_that_is_younger_than_the_cycle_is_not_judged_by_it(a_marked_position: Any, as_of: Any) -> None:
    """An old cycle that happens again must not sell what was bought after it."""
    held = a_marked_position(cost=Decimal(40), mark_price=Decimal("0.01"))
    assert len(own_exits(held, ExitPolicy(), held.opened_at)) == 1
    assert own_exits(held, ExitPolicy(), held.opened_at.replace(hour=0)) == []
