"""Which positions a person's word to be out of something means."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import OperatorWord, Reason, TradingState
from domain.copying.exits.ordered import ordered_exits

HOUR = timedelta(hours=1)


def word(at: datetime, leaves: str, state: TradingState | None = None) -> OperatorWord:
    return OperatorWord(strategy_id="strategy", ordered_at=at, state=state, clears="[]", leaves=leaves)


@pytest.mark.parametrize(("later", "meant"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_a_word_about_a_token_means_what_was_opened_until_then(
    a_marked_position: Any, as_of: datetime, later: timedelta, meant: bool
) -> None:
    held = a_marked_position(opened_at=as_of - HOUR + later)
    assert bool(ordered_exits(held, [word(as_of - HOUR, held.token_id)], as_of)) is meant


def test_a_word_about_another_token_means_nothing(a_marked_position: Any, as_of: datetime) -> None:
    assert ordered_exits(a_marked_position(), [word(as_of, "another")], as_of) == []


def test_a_word_to_be_out_of_everything_means_what_comes_later_as_well(a_marked_position: Any, as_of: datetime) -> None:
    """A BUY that was under way when it was said is booked after it."""
    held = a_marked_position(opened_at=as_of)
    assert len(ordered_exits(held, [word(as_of - HOUR, "*", TradingState.REDUCING)], as_of)) == 1


def test_all_of_it_is_asked_for_at_its_mark_and_nothing_is_kept(a_marked_position: Any, as_of: datetime) -> None:
    (exit_asked,) = ordered_exits(a_marked_position(mark_price=Decimal("0.33")), [word(as_of, "*", TradingState.REDUCING)], as_of)
    assert (exit_asked.reason, exit_asked.part, exit_asked.keep) == (Reason.OPERATOR_EXIT, None, 0)
    assert exit_asked.trade.price == Decimal("0.33")


def test_without_a_mark_it_is_asked_for_at_what_it_cost(a_marked_position: Any, as_of: datetime) -> None:
    """100 shares for 40 USD."""
    (exit_asked,) = ordered_exits(a_marked_position(mark_price=None), [word(as_of, "*", TradingState.REDUCING)], as_of)
    assert exit_asked.trade.price == Decimal("0.40")
