"""What a cycle makes of the trades of a leader: small tapes, in memory, every number by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Fill, Order, OrderStatus, Position, Reason, Settlement, Side, Signal, TradingState
from data_contracts.errors import Unavailable
from domain.copying.policy import Policy

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
House = Callable[[Any], Any]


@pytest.fixture
def house(tape: Any, before_tape: House, mirror: Policy) -> Callable[[], Any]:
    """A house that follows LEADER with 10,000 USD, once the tape is complete."""

    def made() -> Any:
        found = before_tape(tape)
        found.follow([LEADER], mirror)
        return found

    return made


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


# The leader spends 1,000 x 0.40 = 400 USD. 10 % are 40 USD; at the limit of 0.42 (5 % worse) that is 95.23 shares. At 0.40: 38.092 USD.


def test_a_buy_is_copied_at_the_price_that_is_there(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    home = house()
    home.cycle(10)
    fill = only(home.rows(Fill))
    assert (fill.price, fill.shares, fill.notional) == (Decimal("0.40"), Decimal("95.23"), Decimal("38.092"))


def test_a_loser_that_nobody_redeems_is_settled_when_its_market_resolved(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.resolve(100, "No")
    home = house()
    home.cycle(10)
    home.cycle(110)
    position, settlement = only(home.rows(Position)), only(home.rows(Settlement))
    assert (settlement.payout, settlement.realized_pnl) == (0, Decimal("-38.092"))
    assert (position.shares, position.realized_pnl, position.closed_at) == (0, Decimal("-38.092"), settlement.settled_at)


def test_a_winner_is_settled_at_one_dollar_a_share(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.resolve(100, "Yes")
    home = house()
    home.cycle(10)
    home.cycle(110)
    assert only(home.rows(Settlement)).realized_pnl == Decimal("95.23") - Decimal("38.092")


def test_the_instant_of_resolution_decides_not_the_cycle_before_it(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.resolve(100, "No")
    home = house()
    home.cycle(10)
    home.cycle(99)
    assert home.rows(Settlement) == []
    home.cycle(100)
    assert len(home.rows(Settlement)) == 1


def test_when_the_leader_sells_half_we_sell_half_of_ours_the_oldest_first(tape: Any, house: Any) -> None:
    """Ours: 95.23 at 0.40 and 25 USD / 0.525 = 47.61 at 0.50. Half of 142.84 is 71.42, all of it from the first lot.

    71.42 x 0.60 - 71.42 x 0.40 = 42.852 - 28.568 = 14.284 USD.
    """
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "BUY", "500", "0.50")
    tape.trade(70, LEADER, "SELL", "750", "0.60")
    home = house()
    for at_s in (10, 45, 75):
        home.cycle(at_s)
    position = only(home.rows(Position))
    assert position.realized_pnl == Decimal("14.284")
    assert position.lots == '[["23.81", "9.524"], ["47.61", "23.805"]]'


def test_when_the_leader_sells_all_nothing_of_ours_stays(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "1000", "0.50")
    home = house()
    home.cycle(10)
    home.cycle(45)
    position = only(home.rows(Position))
    assert (position.shares, position.lots) == (0, "[]")
    assert position.realized_pnl == Decimal("9.523")  # 95.23 x (0.50 - 0.40)


def test_a_sell_in_the_same_cycle_as_its_buy_waits_for_the_next_and_is_not_lost(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(5, LEADER, "SELL", "1000", "0.40")
    home = house()
    home.cycle(10)
    assert [signal.side for signal in home.rows(Signal)] == [Side.BUY]
    assert only(home.rows(Position)).shares == Decimal("95.23")
    home.cycle(40)
    assert sorted(signal.side for signal in home.rows(Signal)) == [Side.BUY, Side.SELL]
    assert only(home.rows(Position)).shares == 0


def test_a_sell_that_waits_is_judged_once_only(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(5, LEADER, "SELL", "500", "0.40")
    home = house()
    for at_s in (10, 40, 70, 100):
        home.cycle(at_s)
    assert len(home.rows(Signal)) == len(home.rows(Order)) == 2
    assert only(home.rows(Position)).shares == Decimal("47.62")  # 95.23 less 47.61: half, rounded down to the hundredth


def test_a_leader_that_is_dropped_still_takes_us_out(tape: Any, house: Any) -> None:
    from data_contracts import Leader

    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "1000", "0.40")
    home = house()
    home.cycle(10)
    home.put(replace(only(home.rows(Leader)), dropped_at=datetime.fromisoformat("2022-11-08T12:00:20+00:00")))
    home.cycle(45)
    assert only(home.rows(Position)).shares == 0


@pytest.mark.parametrize(
    ("switch", "reason"), [("ACTIVE", Reason.LEADER_TRADED), ("REDUCING", Reason.KILL_SWITCH), ("HALTED", Reason.KILL_SWITCH)]
)
def test_the_kill_switch_stops_entries_and_leaves_their_verdict_on_record(tape: Any, house: Any, switch: str, reason: Reason) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    home = house().with_kill_switch(switch)
    home.cycle(10)
    assert only(home.rows(Signal)).reason == reason
    assert len(home.rows(Order)) == (switch == "ACTIVE")


@pytest.mark.parametrize(("switch", "shares"), [("ACTIVE", "0"), ("REDUCING", "0"), ("HALTED", "95.23")])
def test_the_kill_switch_lets_exits_through_until_it_says_halted(tape: Any, house: Any, switch: str, shares: str) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "1000", "0.40")
    home = house()
    home.cycle(10)
    home.with_kill_switch(switch).cycle(45)
    assert only(home.rows(Position)).shares == Decimal(shares)


def test_an_exit_that_met_a_halt_is_not_lost_when_trading_goes_on(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "1000", "0.40")
    home = house()
    home.cycle(10)
    for at_s in (45, 75, 600):
        home.with_kill_switch("HALTED").cycle(at_s)
    home.cycle(630)
    assert [signal.reason for signal in home.rows(Signal, side="SELL")] == [Reason.LEADER_EXITED]
    assert only(home.rows(Position)).shares == 0


def test_an_operator_halts_one_strategy_and_the_other_goes_on(tape: Any, house: Any, mirror: Policy) -> None:
    from tasks.operating.trading_state import order_state
    from tasks.steps import bare_steps

    tape.trade(20, LEADER, "BUY", "1000", "0.40")
    home = house()
    home.follow([LEADER], mirror, "second")
    begin = home.cycle(0).as_of
    with bare_steps():
        order_state("mirror", TradingState.HALTED, home.settings, begin)
    home.cycle(30)
    assert {signal.strategy_id: signal.reason for signal in home.rows(Signal)} == {
        "mirror": Reason.OPERATOR,
        "second": Reason.LEADER_TRADED,
    }


def test_two_strategies_keep_their_own_lots_and_share_what_the_book_has(tape: Any, house: Any, mirror: Policy) -> None:
    """The book offers what the leader traded: 100 shares. Fixed 30 USD / 0.42 = 71.42 for the first leave 28.58 for the second."""
    fixed = mirror.model_copy(update={"sizing": mirror.sizing.model_copy(update={"kind": "fixed", "amount": Decimal(30)})})
    tape.trade(0, LEADER, "BUY", "100", "0.40")
    home = house()
    home.follow([LEADER], fixed)
    home.follow([LEADER], fixed, "second")
    home.cycle(10)
    assert {row.strategy_id: row.shares for row in home.rows(Position)} == {"mirror": Decimal("71.42"), "second": Decimal("28.58")}
    assert {row.strategy_id: row.status for row in home.rows(Order)} == {"mirror": OrderStatus.FILLED, "second": OrderStatus.PARTIAL}


def test_an_old_as_of_on_empty_stores_makes_the_old_cycles_happen_again(tape: Any, before_tape: House, mirror: Policy) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "300", "0.50")
    tape.trade(41, OTHER, "BUY", "300", "0.49")
    tape.resolve(100, "No")
    outcomes = []
    for _ in range(2):
        home = before_tape(tape)
        home.follow([LEADER], mirror)
        for at_s in (10, 45, 110):
            home.cycle(at_s)
        outcomes.append([home.rows(row_class) for row_class in (Signal, Order, Fill, Position, Settlement)])
    assert outcomes[0] == outcomes[1]
    assert [len(rows) for rows in outcomes[0]] == [2, 2, 2, 1, 1]


def left_by_a_dead_cycle(home: Any, status: OrderStatus) -> Order:
    """The cycle at 10 s as if it had died when its order was on record and its fill was not: the order alone is put into a new house."""
    home.cycle(10)
    return replace(only(home.rows(Order)), status=status)


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.UNKNOWN])
def test_an_order_that_a_dead_cycle_left_is_completed_once(tape: Any, house: Any, status: OrderStatus) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    left = left_by_a_dead_cycle(house(), status)
    home = house()
    home.put(left)
    for at_s in (40, 41, 70):
        home.cycle(at_s)
    assert only([fill for fill in home.rows(Fill) if fill.order_id == left.order_id]).shares == Decimal("95.23")
    assert only(home.rows(Order, order_id=left.order_id)).status == OrderStatus.FILLED


@pytest.mark.parametrize(("at_s", "status"), [(70, OrderStatus.FILLED), (71, OrderStatus.REFUSED)])
def test_a_buy_the_venue_never_saw_is_sent_again_for_sixty_seconds(tape: Any, house: Any, at_s: int, status: OrderStatus) -> None:
    """It was made at 10 s."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    left = left_by_a_dead_cycle(house(), OrderStatus.UNKNOWN)
    home = house()
    home.put(left)
    home.cycle(at_s)
    assert only(home.rows(Order, order_id=left.order_id)).status == status


def test_a_buy_that_was_given_up_says_why_and_left_no_fill(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    left = left_by_a_dead_cycle(house(), OrderStatus.UNKNOWN)
    home = house()
    home.put(left)
    home.cycle(71)
    assert only(home.rows(Order, order_id=left.order_id)).reason == Reason.VENUE_NEVER_SAW_IT
    assert home.rows(Fill, order_id=left.order_id) == []


def test_an_exit_the_venue_never_saw_is_sent_again_however_late(tape: Any, house: Any) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(20, LEADER, "SELL", "1000", "0.40")
    home = house()
    home.cycle(10)
    bought = [home.rows(row_class) for row_class in (Signal, Order, Fill, Position)]
    home.cycle(30)
    sell = only(home.rows(Order, side="SELL"))
    again = house()
    again.put(*[row for rows in bought for row in rows], replace(sell, status=OrderStatus.UNKNOWN))
    again.put(*home.rows(Signal))
    again.cycle(600)
    assert only(again.rows(Position)).shares == 0


def test_the_watermark_stays_when_clickhouse_did_not_take_the_rows(tape: Any, house: Any) -> None:
    from pydantic import SecretStr

    from adapters.connect import open_feed, open_results
    from tasks.copying.observing import keep_trades, observe_trades
    from tasks.copying.watermarks import read_watermark, trades_of
    from tasks.steps import bare_steps

    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    home = house()
    end = datetime.fromisoformat("2022-11-08T12:00:10+00:00")
    mark = trades_of(open_feed(home.settings).source)
    with bare_steps():
        seen = observe_trades(home.settings, end)
    refusing = home.settings.model_copy(update={"clickhouse_url": SecretStr("http://127.0.0.1:9/walletflow")})  # the discard port: nobody
    with bare_steps(), pytest.raises(Unavailable, match="clickhouse"):
        keep_trades(seen.trades, seen, refusing, end)
    assert read_watermark(open_results(home.settings), mark) is None
    with bare_steps():
        keep_trades(seen.trades, seen, home.settings, end)
    assert read_watermark(open_results(home.settings), mark) == end
