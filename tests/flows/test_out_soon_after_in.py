"""A leader that is out again within the minute, while a part that exits do not need is away."""

from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Position, Reason, Signal
from data_contracts.errors import Unavailable
from domain.copying.policy import OwrrPolicy, Policy, SizingPolicy

LEADER = "0x" + "a" * 40


@pytest.fixture
def home(tape: Any, before_tape: Any, mirror: Policy) -> Any:
    """Copies LEADER, and asks for the consensus for another strategy. It buys at 0 s and is out at 40 s; a purchase at 41 s fails."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "1000", "0.40")
    tape.trade(41, LEADER, "BUY", "1000", "0.40", market="n")
    found = before_tape(tape)
    found.follow([LEADER], mirror)
    found.follow([LEADER], Policy(sizing=SizingPolicy(), owrr=OwrrPolicy()), "asking")
    return found


def no_consensus(*asked: object) -> None:
    raise Unavailable("postgres: the consensus table is away")


def test_a_sale_waits_for_no_purchase_that_was_judged_already(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waited until the purchase we had copied was a minute old, and the leader was long out."""
    home.cycle(10)
    monkeypatch.setattr("tasks.copying.needs.consensus_of", no_consensus)
    with pytest.raises(Unavailable):
        home.cycle(45)
    (position,) = home.rows(Position)
    assert (position.shares, position.exit_reason) == (0, Reason.LEADER_EXITED)


def test_a_sale_waits_for_a_purchase_that_one_of_them_may_still_copy(home: Any, tape: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 38 s it bought 200 more, which nobody has judged yet: what it sold may mean those."""
    tape.trade(38, LEADER, "BUY", "200", "0.40")
    tape.write()
    home.cycle(10)
    monkeypatch.setattr("tasks.copying.needs.consensus_of", no_consensus)
    with pytest.raises(Unavailable):
        home.cycle(45)
    assert home.rows(Signal, side="SELL", strategy_id="mirror") == []
    assert home.rows(Position)[0].shares == Decimal("95.23")
