"""How we get out: by the leader, by our own rules, and again and again until it is done. Small tapes, in memory, every number by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Exit, Fill, Order, OrderStatus, Position, Reason, RiskState, Side, Signal, Verdict
from domain.copying.policy import ExitPolicy, Policy, TakeProfit

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
House = Callable[[Any], Any]


@pytest.fixture
def house(tape: Any, before_tape: House, mirror: Policy) -> Callable[..., Any]:
    """A house that follows LEADER with 10,000 USD and these exit rules, once the tape is complete."""

    def made(**exits: Any) -> Any:
        found = before_tape(tape)
        found.follow([LEADER], mirror.model_copy(update={"exits": ExitPolicy(**exits)}))
        return found

    return made


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def reasons(home: Any) -> list[Reason]:
    return [signal.reason for signal in sorted(home.rows(Signal, side="SELL"), key=lambda signal: signal.judged_at)]


def bought(tape: Any, at_s: float = 0) -> None:
    """The leader buys 1,000 at 0.40; we 40 USD / 0.42 = 95.23 at 0.40, for 38.092 USD. A stop at half is at 0.20."""
    tape.trade(at_s, LEADER, "BUY", "1000", "0.40")


def run(home: Any, *instants: float) -> Any:
    for at_s in instants:
        home.cycle(at_s)
    return home


@pytest.mark.parametrize(("price", "left"), [("0.2001", "95.23"), ("0.20", "0")])
def test_a_stop_sells_everything_from_its_own_price_on(tape: Any, house: Any, price: str, left: str) -> None:
    bought(tape)
    tape.trade(40, OTHER, "BUY", "500", price)
    home = run(house(), 10, 45)
    assert only(home.rows(Position)).shares == Decimal(left)
    assert reasons(home) == ([] if left != "0" else [Reason.STOP_LOSS])


def test_a_stop_is_a_signal_an_order_and_a_fill_like_any_other_and_the_position_says_why(tape: Any, house: Any) -> None:
    bought(tape)
    tape.trade(40, OTHER, "BUY", "500", "0.18")
    home = run(house(), 10, 45)
    signal = only(home.rows(Signal, side="SELL"))
    order, fill, position = only(home.rows(Order, side="SELL")), only(home.rows(Fill, side="SELL")), only(home.rows(Position))
    assert (signal.verdict, signal.leader_price, signal.leader_shares) == (Verdict.COPY, Decimal("0.20"), Decimal("95.23"))
    assert (order.signal_id, order.limit_price, fill.order_id, fill.price) == (
        signal.signal_id,
        Decimal("0.17"),
        order.order_id,
        Decimal("0.18"),
    )
    assert (position.exit_reason, position.realized_pnl) == (Reason.STOP_LOSS, Decimal("95.23") * Decimal("-0.22"))


def test_a_lone_bid_far_below_the_stop_gets_nothing_until_it_has_stood_long_enough(tape: Any, house: Any) -> None:
    """The stop is 0.20 and a bid 0.10: half of it. 15 % at first and 5 % more a minute make 50 % after seven minutes: 0.20 x 0.50."""
    bought(tape)
    tape.trade(40, OTHER, "BUY", "500", "0.10")
    home = run(house(), 10, 45, *range(75, 45 + 7 * 60, 30))
    assert only(home.rows(Position)).shares == Decimal("95.23")
    assert only(home.rows(Order, side="SELL")).reason == Reason.SLIPPAGE_TOO_HIGH  # the first try is an order on record, the others are not
    assert only(home.rows(Exit)).held_back == Reason.SLIPPAGE_TOO_HIGH
    home.cycle(45 + 7 * 60)
    assert only(home.rows(Position)).shares == 0
    assert [order.status for order in home.rows(Order, side="SELL")].count(OrderStatus.FILLED) == 1


def test_a_partial_exit_goes_on_until_nothing_is_left(tape: Any, house: Any) -> None:
    """The book has 40 shares a cycle: 95.23 go in three orders, 40 + 40 + 15.23."""
    bought(tape)
    tape.trade(40, LEADER, "SELL", "1000", "0.40")
    tape.trade(41, OTHER, "SELL", "40", "0.40")
    home = run(house(), 10, 45, 75, 105, 135)
    assert [fill.shares for fill in sorted(home.rows(Fill, side="SELL"), key=lambda fill: fill.filled_at)] == [
        Decimal("40"),
        Decimal("40"),
        Decimal("15.23"),
    ]
    assert len({order.order_id for order in home.rows(Order, side="SELL")}) == 3
    done = only(home.rows(Exit))
    assert (done.sold_shares, done.ended_by, done.orders) == (Decimal("95.23"), Reason.EXIT_DONE, 3)
    assert reasons(home) == [Reason.LEADER_EXITED]


def test_half_an_exit_that_found_no_buyers_leaves_the_other_half_alone(tape: Any, house: Any) -> None:
    """The leader sells half at 0.60, but the price is 0.40 by then: 33 % off. 5 % + 5 % a minute allow it after six minutes."""
    bought(tape)
    tape.trade(40, LEADER, "SELL", "500", "0.60")
    tape.trade(41, OTHER, "BUY", "1000", "0.40")
    home = run(house(), 10, 45, 75, 345)
    assert only(home.rows(Position)).shares == Decimal("95.23")
    home = run(home, 405, 435, 465)
    assert only(home.rows(Position)).shares == Decimal("95.23") - Decimal("47.61")
    assert only(home.rows(Exit)).ended_by == Reason.EXIT_DONE


def test_a_halted_exit_is_on_record_and_leaves_when_the_operator_says_so_however_late(tape: Any, house: Any) -> None:
    """Two days later: a leader's sale goes stale after one, an exit never."""
    bought(tape)
    tape.trade(40, LEADER, "SELL", "1000", "0.40")
    home = run(house(), 10)
    run(home.with_kill_switch("HALTED"), 45, 2 * 86_400)
    assert (reasons(home), home.rows(Order, side="SELL"), only(home.rows(Exit)).done_at) == ([Reason.LEADER_EXITED], [], None)
    run(home.with_kill_switch("REDUCING"), 2 * 86_400 + 30)
    assert only(home.rows(Position)).shares == 0


def test_an_exit_that_waits_blocks_no_other_trade_and_nothing_is_added_to_what_we_leave(tape: Any, house: Any) -> None:
    bought(tape)
    tape.trade(40, LEADER, "SELL", "1000", "0.60")
    tape.trade(41, OTHER, "BUY", "1000", "0.40")
    tape.trade(70, LEADER, "BUY", "1000", "0.40")
    tape.trade(71, LEADER, "BUY", "1000", "0.40", market="n")
    home = run(house(), 10, 45, 75)
    assert {(signal.market_id, signal.reason) for signal in home.rows(Signal, side="BUY") if signal.judged_at.minute == 1} == {
        ("m", Reason.EXIT_UNDERWAY),
        ("n", Reason.LEADER_TRADED),
    }


def test_a_stop_takes_over_what_a_weaker_exit_has_left(tape: Any, house: Any) -> None:
    """The leader's half waits at 0.57; at 0.19, seen twice, the stop sells all 95.23, and the leader's exit is over."""
    bought(tape)
    tape.trade(40, LEADER, "SELL", "500", "0.60")
    tape.trade(41, OTHER, "BUY", "1000", "0.40")
    tape.trade(70, OTHER, "BUY", "1000", "0.19")
    home = run(house(), 10, 45, 75, 105, 135)
    assert {(one.reason, one.ended_by, one.sold_shares) for one in home.rows(Exit)} == {
        (Reason.LEADER_EXITED, Reason.EXIT_SUPERSEDED, Decimal(0)),
        (Reason.STOP_LOSS, Reason.EXIT_DONE, Decimal("95.23")),
    }
    assert only(home.rows(Position)).shares == 0


@pytest.mark.parametrize(("at_s", "left"), [(609, "95.23"), (610, "0")])
def test_time_is_up_ten_minutes_after_the_first_fill(tape: Any, house: Any, at_s: float, left: str) -> None:
    bought(tape)
    home = run(house(max_hold_s=600), 10, at_s)
    assert only(home.rows(Position)).shares == Decimal(left)
    assert reasons(home) == ([] if left != "0" else [Reason.TIME_EXIT])


def test_a_ladder_sells_parts_of_what_was_bought_and_each_step_once(tape: Any, house: Any) -> None:
    """33 % of 95.23 at +50 % (0.60) and again at +100 % (0.80): twice 31.42, and 34 % stay."""
    bought(tape)
    tape.trade(40, OTHER, "BUY", "1000", "0.61")
    tape.trade(100, OTHER, "BUY", "1000", "0.85")
    ladder = (TakeProfit(gain=Decimal("0.5"), part=Decimal("0.33")), TakeProfit(gain=Decimal(1), part=Decimal("0.33")))
    home = run(house(take_profit=ladder), 10, 45, 75, 105, 135, 165)
    assert [fill.shares for fill in home.rows(Fill, side="SELL")] == [Decimal("31.42")] * 2
    assert reasons(home) == [Reason.TAKE_PROFIT] * 2
    assert only(home.rows(Position)).shares == Decimal("95.23") - Decimal("62.84")


def test_a_trailing_stop_follows_the_highest_mark_once_it_is_armed(tape: Any, house: Any) -> None:
    """Armed from +20 % (0.48); peak 0.60, 30 % off is 0.42. At 0.43 it stays, at 0.42 it goes."""
    bought(tape)
    for at_s, price in ((40, "0.60"), (70, "0.43"), (100, "0.42")):
        tape.trade(at_s, OTHER, "BUY", "1000", price)
    home = run(house(trailing=Decimal("0.3")), 10, 45, 75)
    assert reasons(home) == []
    assert reasons(run(home, 105)) == [Reason.TRAILING_STOP]
    assert only(home.rows(Position)).shares == 0


def test_a_trailing_stop_is_not_armed_by_a_position_that_never_gained(tape: Any, house: Any) -> None:
    bought(tape)
    tape.trade(40, OTHER, "BUY", "1000", "0.28")  # 30 % below its peak of 0.40, which is its cost
    assert reasons(run(house(trailing=Decimal("0.3")), 10, 45)) == []


def test_with_every_rule_speaking_at_once_the_stop_is_the_only_one_heard(tape: Any, house: Any) -> None:
    bought(tape)
    tape.trade(40, OTHER, "BUY", "1000", "0.60")
    tape.trade(70, OTHER, "SELL", "500", "0.19")
    tape.trade(90, LEADER, "SELL", "500", "0.19")
    home = run(house(trailing=Decimal("0.3"), max_hold_s=90), 10, 45, 75, 105)  # a fall this far is believed at the second look
    assert [(signal.reason, signal.verdict) for signal in home.rows(Signal, side="SELL") if signal.verdict == "COPY"] == [
        (Reason.STOP_LOSS, Verdict.COPY)
    ]
    assert [signal.reason for signal in home.rows(Signal, verdict="SKIP")] == [Reason.NOTHING_HELD]  # the stop was out before it was read
    assert only(home.rows(Position)).shares == 0


def test_an_exit_waits_for_the_answer_about_a_buy_and_then_sells_both(tape: Any, house: Any) -> None:
    """A lost answer may be a fill: what we hold is not known, and an order for a part of it would be wrong either way."""
    bought(tape)
    tape.trade(20, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, OTHER, "BUY", "1000", "0.11")
    first = run(house(), 10)
    before = [row for row_class in (Signal, Order, Fill, Position) for row in first.rows(row_class)]
    second = run(first, 30)
    lost = next(order for order in second.rows(Order) if order.order_id not in {row.order_id for row in before if isinstance(row, Order)})
    home = house()
    home.put(*before, *[row for row in second.rows(Signal) if row not in before], replace(lost, status=OrderStatus.UNKNOWN))
    home.cycle(45)  # the venue is asked first: it never saw the order, which is sent again and finds 0.11; the stop is at 0.1275 then
    assert only(home.rows(Position)).shares == sum(
        (fill.shares if fill.side == Side.BUY else -fill.shares for fill in home.rows(Fill)), Decimal(0)
    )
    home = run(home, 75, 105)
    assert only(home.rows(Position)).shares == 0


def test_three_stops_in_a_row_halve_the_next_copy_until_a_win(tape: Any, house: Any) -> None:
    """Three markets fall from 0.40 to 0.19. The fourth copy is half of 40 USD: 20 / 0.42 = 47.61. It wins, and the fifth is whole."""
    for number, market in enumerate("abc"):
        tape.trade(number * 60, LEADER, "BUY", "1000", "0.40", market=market)
        tape.trade(number * 60 + 20, OTHER, "BUY", "1000", "0.19", market=market)
    tape.trade(200, LEADER, "BUY", "1000", "0.40", market="d")
    tape.resolve(230, "Yes", market="d")
    tape.trade(260, LEADER, "BUY", "1000", "0.40", market="e")
    home = run(house(), *range(10, 221, 30))
    stops = only(home.rows(RiskState))
    assert (json.loads(stops.rules)["stops_in_a_row"]["stops"], stops.size_factor) == (3, Decimal("0.5"))
    home = run(home, 240, 270)
    factors = {signal.market_id: (signal.notional, signal.size_factor) for signal in home.rows(Signal, side="BUY")}
    assert factors["d"] == (Decimal(20), Decimal("0.5"))
    assert factors["e"] == (Decimal(40), Decimal(1))
    assert only(home.rows(RiskState)).size_factor == 1


def test_the_same_cycles_again_ask_for_no_exit_twice(tape: Any, house: Any) -> None:
    """Ids are functions of what they name; a cycle that is run again finds its exit tried already."""
    bought(tape)
    tape.trade(40, OTHER, "BUY", "1000", "0.10")
    home = run(house(), 10, 45, 75)
    before = [home.rows(row_class) for row_class in (Signal, Order, Fill, Exit)]
    run(home, 10, 45, 75)
    assert [home.rows(row_class) for row_class in (Signal, Order, Fill, Exit)] == before


def test_an_exit_ends_with_its_market(tape: Any, house: Any) -> None:
    bought(tape)
    tape.trade(40, LEADER, "SELL", "1000", "0.60")
    tape.trade(41, OTHER, "BUY", "1000", "0.40")
    tape.resolve(60, "Yes")
    home = run(house(), 10, 45, 75)
    position, ended = only(home.rows(Position)), only(home.rows(Exit))
    assert (position.exit_reason, position.realized_pnl) == (Reason.MARKET_RESOLVED, Decimal("95.23") * Decimal("0.60"))
    assert (ended.ended_by, ended.sold_shares) == (Reason.NOTHING_HELD, 0)
