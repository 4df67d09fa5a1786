"""What arrives when, and in which order it is judged: whole cycles over small tapes, in memory, every number by hand."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Position, Reason, Side, Signal
from domain.copying.policy import Policy

LEADER = "0x" + "a" * 40
House = Callable[..., Any]


@pytest.fixture
def house(tape: Any, before_tape: House, mirror: Policy) -> House:
    """A house that follows LEADER with 10,000 USD, once the tape is complete."""

    def made() -> Any:
        found = before_tape(tape)
        found.follow([LEADER], mirror)
        return found

    return made


# The order within one second


@pytest.mark.parametrize("market", list("abcdefgh"))
def test_a_buy_and_its_sell_in_one_second_are_judged_as_the_feed_has_them(tape: Any, house: House, market: str) -> None:
    """They were ordered by trade_id, which is a hash: for half of the markets the SELL came first, as NOTHING_HELD, and the BUY was copied.

    We were left holding what the leader had sold already.
    """
    tape.trade(5, LEADER, "BUY", "1000", "0.40", market=market)
    tape.trade(5, LEADER, "SELL", "1000", "0.40", market=market)
    home = house()
    for at_s in (10, 40, 70):
        home.cycle(at_s)
    assert [position.shares for position in home.rows(Position)] == [0]


@pytest.mark.parametrize("market", list("abcdefgh"))
def test_a_sell_and_the_buy_after_it_in_one_second_leave_us_in(tape: Any, house: House, market: str) -> None:
    """It sold what it had before we followed it, and bought again: 40 USD at the limit of 0.42 are 95.23 shares."""
    tape.trade(5, LEADER, "SELL", "1000", "0.40", market=market)
    tape.trade(5, LEADER, "BUY", "1000", "0.40", market=market)
    home = house()
    for at_s in (10, 40, 70):
        home.cycle(at_s)
    reasons = {signal.side: signal.reason for signal in home.rows(Signal)}
    assert reasons == {Side.SELL: Reason.NOTHING_HELD, Side.BUY: Reason.LEADER_TRADED}
    assert [position.shares for position in home.rows(Position)] == [Decimal("95.23")]
