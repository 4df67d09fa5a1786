"""What we hold and what we realized: to the unit, whatever is bought and sold."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Position, Settlement, Side
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of, rows_of
from domain.copying.ledger import Lot, booked, lots_of, marked, sell_lots, settled
from domain.ids import row_id

UNITS = st.decimals("0.000001", 100_000, places=6)
SMALL = st.decimals(0, 10, places=5)


def lots(*pairs: tuple[object, object]) -> list[Lot]:
    return [Lot(Decimal(str(shares)), Decimal(str(cost))) for shares, cost in pairs]


def test_the_oldest_lot_goes_first() -> None:
    """100 and 50 shares: selling half of them, 75, leaves 25 and 50; selling the rest leaves none."""
    left, cost = sell_lots(lots((100, 40), (50, 30)), Decimal(75))
    assert (left, cost) == (lots((25, 10), (50, 30)), 30)
    assert sell_lots(left, Decimal(75)) == ([], 40)


def test_selling_a_lot_to_the_last_share_takes_its_whole_cost() -> None:
    """A third of 10 USD three times is 9.999999: what rounding left behind goes with the last share."""
    left = lots((3, 10))
    costs = []
    for _ in range(3):
        left, cost = sell_lots(left, Decimal(1))
        costs.append(cost)
    assert costs == [Decimal("3.333333"), Decimal("3.333334"), Decimal("3.333333")]
    assert (left, sum(costs)) == ([], 10)


@pytest.mark.parametrize(("shares", "raises"), [("150", False), ("150.000001", True)])
def test_selling_more_than_is_held_stops_everything(shares: str, raises: bool) -> None:
    held = lots((100, 40), (50, 30))
    if raises:
        with pytest.raises(Unsafe, match=r"0\.000001 shares more"):
            sell_lots(held, Decimal(shares))
    else:
        assert sell_lots(held, Decimal(shares)) == ([], 70)


def test_nothing_can_be_sold_out_of_no_position(a_fill: Any) -> None:
    with pytest.raises(Unsafe):
        booked(None, a_fill(side=Side.SELL), "politics")


def test_a_fee_is_paid_on_top_of_a_buy_and_out_of_a_sell(a_fill: Any) -> None:
    """Bought 100 at 0.40 + 1 fee = 41. Sold 50 at 0.60 - 0.50 fee = 29.50, which cost 20.50: 9.00 gained."""
    opened = booked(None, a_fill(fee=Decimal(1)), "politics")
    assert (opened.shares, opened.cost, opened.realized_pnl, opened.fees, opened.category) == (100, 41, 0, 1, "politics")
    sold = booked(opened, a_fill(side=Side.SELL, price=Decimal("0.60"), shares=Decimal(50), fee=Decimal("0.50")), "politics")
    assert (sold.shares, sold.cost, sold.realized_pnl, sold.fees) == (50, Decimal("20.5"), 9, Decimal("1.5"))
    assert sold.closed_at is None


def test_a_position_closes_with_its_last_share_and_opens_again_with_the_next(a_fill: Any, as_of: Any) -> None:
    later = as_of + timedelta(hours=1)
    closed = booked(booked(None, a_fill(), ""), a_fill(side=Side.SELL, filled_at=later), "")
    assert (closed.shares, closed.cost, closed.lots, closed.closed_at) == (0, 0, "[]", later)
    again = booked(closed, a_fill(filled_at=later), "")
    assert (again.shares, again.closed_at, again.opened_at, again.bought_shares) == (100, None, later, 100)


@pytest.mark.parametrize(("payout", "gain"), [("1", "60"), ("0", "-40"), ("0.5", "10")])
def test_a_resolved_market_pays_each_share_redeemed_or_not(a_position: Any, as_of: Any, payout: str, gain: str) -> None:
    """100 shares that cost 40: 100 - 40, 0 - 40, 50 - 40."""
    position, settlement = settled(a_position(realized_pnl=Decimal(5)), Decimal(payout), as_of)
    assert (position.shares, position.cost, position.realized_pnl, position.closed_at) == (0, 0, 5 + Decimal(gain), as_of)
    assert (settlement.shares, settlement.realized_pnl, settlement.payout) == (100, Decimal(gain), Decimal(payout))
    assert (position.mark_price, position.unrealized_pnl) == (Decimal(payout), 0)


def test_a_settlement_and_its_position_realize_the_same_in_the_stores_too(a_position: Any, as_of: Any) -> None:
    """A millionth of a share pays 0.0000005. Stored with six digits the settlement said 0, and the position 0.000001 + 0.0000005 became
    0.000002: a millionth that no settlement explains."""
    before = a_position(shares=Decimal("0.000001"), cost=Decimal(0), realized_pnl=Decimal("0.000001"))
    position, settlement = settled(before, Decimal("0.5"), as_of)
    (stored,), (record,) = rows_of(frame_of([position], Position), Position), rows_of(frame_of([settlement], Settlement), Settlement)
    assert stored.realized_pnl - before.realized_pnl == record.realized_pnl


def test_a_mark_values_what_is_held_and_moves_nothing(a_position: Any) -> None:
    position = marked(a_position(), Decimal("0.55"))
    assert (position.mark_price, position.unrealized_pnl) == (Decimal("0.55"), 15)  # 55 - 40
    assert (position.cost, position.realized_pnl) == (40, 0)


def test_a_marked_position_stays_marked_when_shares_are_sold(a_position: Any, a_fill: Any) -> None:
    position = booked(marked(a_position(), Decimal("0.55")), a_fill(side=Side.SELL, shares=Decimal(60)), "")
    assert position.unrealized_pnl == 6  # 40 x 0.55 - 16


@given(st.lists(st.tuples(UNITS, UNITS), min_size=1, max_size=8), st.lists(st.fractions(0, 1), max_size=8))
def test_lots_conserve_shares_and_cost_to_the_unit(bought: list[tuple[Decimal, Decimal]], parts: list[Any]) -> None:
    left = [Lot(shares, cost) for shares, cost in bought]
    gone_shares = gone_cost = Decimal(0)
    for part in parts:
        held = sum((lot.shares for lot in left), Decimal(0))
        shares = (held * part.numerator / part.denominator).quantize(Decimal("0.000001"))
        left, cost = sell_lots(left, min(shares, held))
        gone_shares, gone_cost = gone_shares + min(shares, held), gone_cost + cost
    assert gone_shares + sum(lot.shares for lot in left) == sum(shares for shares, _ in bought)
    assert gone_cost + sum(lot.cost for lot in left) == sum(cost for _, cost in bought)
    assert all(lot.shares > 0 and lot.cost >= 0 for lot in left)


MOVES = st.lists(st.tuples(st.sampled_from(Side), UNITS, st.decimals(0, 1, places=4), SMALL), min_size=1, max_size=10)


@given(moves=MOVES, payout=st.none() | st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]))
def test_realized_and_bound_money_is_the_cash_that_moved(a_fill: Any, as_of: Any, moves: list[Any], payout: Decimal | None) -> None:
    """Realized PnL - cost of what is still held = all the cash that came in - all that went out, exactly, at each step."""
    position: Position | None = None
    cash = Decimal(0)
    for number, (side, shares, price, fee) in enumerate(moves):
        held = position.shares if position else Decimal(0)
        if side is Side.SELL and held == 0:
            continue
        amount = min(shares, held) if side is Side.SELL else shares
        notional = (amount * price).quantize(Decimal("0.000001"))
        fill = a_fill(row_id(number), side=side, shares=amount, price=price, notional=notional, fee=fee)
        position = booked(position, fill, "")
        cash += notional - fee if side is Side.SELL else -notional - fee
        assert position.realized_pnl - position.cost == cash
        assert position.shares == sum(lot.shares for lot in lots_of(position))
        assert (position.closed_at is not None) == (position.shares == 0)
    if position and position.shares and payout is not None:
        cash += (position.shares * payout).quantize(Decimal("0.000001"))
        position, settlement = settled(position, payout, as_of)
        assert position.realized_pnl - position.cost == cash
        assert position.closed_at == settlement.settled_at


@given(moves=MOVES)
def test_a_position_that_was_stored_between_two_fills_is_the_same_as_one_that_was_not(a_fill: Any, moves: list[Any]) -> None:
    """A restart between two cycles must not cost a millionth."""
    kept: Position | None = None
    stored: Position | None = None
    for _, shares, price, fee in moves:
        fill = a_fill(shares=shares, price=price, notional=(shares * price).quantize(Decimal("0.000001")), fee=fee)
        kept = booked(kept, fill, "")
        stored = rows_of(frame_of([booked(stored, fill, "")], Position), Position)[0]
    assert stored == kept


def test_lots_are_kept_as_text_so_that_no_digit_is_lost(a_fill: Any) -> None:
    position = booked(None, a_fill(shares=Decimal("0.1"), notional=Decimal("0.2"), fee=Decimal("0.1")), "")
    assert json.loads(position.lots) == [["0.1", "0.3"]]
