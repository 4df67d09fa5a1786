"""What we hold and what we realized: to the unit, whatever is bought and sold, and in whatever order we heard of it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Fill, FillKind, Position, Reason, Settlement, Side, Venue
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of, rows_of
from domain.copying.ledger import Derived, Entry, Lot, fold, lots_of, not_before, sell_lots, settlement_of, write_off
from domain.ids import row_id
from domain.polymarket.amounts import CENT

UNITS = st.decimals("0.000001", 100_000, places=6)
SMALL = st.decimals(0, 10, places=5)
SECOND = timedelta(seconds=1)


def lots(*pairs: tuple[object, object]) -> list[Lot]:
    return [Lot(Decimal(str(shares)), Decimal(str(cost))) for shares, cost in pairs]


def position_of(*entries: Entry) -> Position:
    return derived(*entries).position


def derived(*entries: Entry) -> Derived:
    found = fold(entries)
    assert found is not None
    return found


def test_the_oldest_lot_goes_first() -> None:
    """100 and 50 shares: selling half of them, 75, leaves 25 and 50; selling the rest leaves none."""
    left, cost = sell_lots(lots((100, 40), (50, 30)), Decimal(75), Venue.POLYMARKET)
    assert (left, cost) == (lots((25, 10), (50, 30)), 30)
    assert sell_lots(left, Decimal(75), Venue.POLYMARKET) == ([], 40)


def test_selling_a_lot_to_the_last_share_takes_its_whole_cost() -> None:
    """A third of 10 USD three times is 9.999999: what rounding left behind goes with the last share."""
    left = lots((3, 10))
    costs = []
    for _ in range(3):
        left, cost = sell_lots(left, Decimal(1), Venue.POLYMARKET)
        costs.append(cost)
    assert costs == [Decimal("3.333333"), Decimal("3.333334"), Decimal("3.333333")]
    assert (left, sum(costs)) == ([], 10)


@pytest.mark.parametrize(("shares", "raises"), [("150", False), ("150.000001", True)])
def test_selling_more_than_is_held_stops_everything(shares: str, raises: bool) -> None:
    held = lots((100, 40), (50, 30))
    if raises:
        with pytest.raises(Unsafe, match=r"0\.000001 shares more"):
            sell_lots(held, Decimal(shares), Venue.POLYMARKET)
    else:
        assert sell_lots(held, Decimal(shares), Venue.POLYMARKET) == ([], 70)


def test_nothing_can_be_sold_out_of_no_position(a_fill: Any) -> None:
    with pytest.raises(Unsafe):
        fold([a_fill(side=Side.SELL)])


def test_no_entries_are_no_position(a_position: Any, as_of: datetime) -> None:
    assert fold([]) is None
    assert fold([settlement_of(a_position(), Decimal(1), as_of)]) is None


def test_a_fee_is_paid_on_top_of_a_buy_and_out_of_a_sell(a_fill: Any, as_of: datetime) -> None:
    """Bought 100 at 0.40 + 1 fee = 41. Sold 50 at 0.60 - 0.50 fee = 29.50, which cost 20.50: 9.00 gained."""
    bought = a_fill(fee=Decimal(1), category="politics")
    opened = position_of(bought)
    assert (opened.shares, opened.cost, opened.realized_pnl, opened.fees, opened.category) == (100, 41, 0, 1, "politics")
    half = {"side": Side.SELL, "price": Decimal("0.60"), "shares": Decimal(50), "fee": Decimal("0.50"), "filled_at": as_of + SECOND}
    sold = position_of(bought, a_fill("sold", **half, reason=Reason.TAKE_PROFIT))
    assert (sold.shares, sold.cost, sold.realized_pnl, sold.fees) == (50, Decimal("20.5"), 9, Decimal("1.5"))
    assert (sold.closed_at, sold.exit_reason) == (None, Reason.TAKE_PROFIT)


def test_a_position_opened_again_has_an_age_a_size_and_a_result_of_its_own(a_fill: Any, as_of: datetime) -> None:
    """Won 60 - 40 = 20 the first time and lost 30 - 40 = -10 the second. It counted as won: +10 in all."""
    buy, again = a_fill("1"), a_fill("3", filled_at=as_of + 2 * SECOND)
    sell = a_fill("2", side=Side.SELL, price=Decimal("0.60"), filled_at=as_of + SECOND)
    loss = a_fill("4", side=Side.SELL, price=Decimal("0.30"), filled_at=as_of + 3 * SECOND)
    first = position_of(buy, sell)
    assert (first.shares, first.cost, first.lots, first.closed_at, first.realized_before) == (0, 0, "[]", as_of + SECOND, 0)
    second = position_of(buy, sell, again)
    assert (second.shares, second.closed_at, second.opened_at, second.bought_shares) == (100, None, as_of + 2 * SECOND, 100)
    over = position_of(buy, sell, again, loss)
    assert (over.realized_pnl, over.realized_before) == (10, 20)
    assert over.realized_pnl - over.realized_before == -10


@pytest.mark.parametrize(("payout", "gain"), [("1", "60"), ("0", "-40"), ("0.5", "10")])
def test_a_resolved_market_pays_each_share_redeemed_or_not(a_fill: Any, as_of: datetime, payout: str, gain: str) -> None:
    """100 shares that cost 40: 100 - 40, 0 - 40, 50 - 40."""
    end = settlement_of(position_of(a_fill()), Decimal(payout), as_of + SECOND)
    over = derived(a_fill(), end)
    position, (settlement,) = over.position, over.settlements
    assert (position.shares, position.cost, position.realized_pnl, position.closed_at) == (0, 0, Decimal(gain), as_of + SECOND)
    assert (settlement.shares, settlement.realized_pnl, settlement.payout) == (100, Decimal(gain), Decimal(payout))
    assert position.exit_reason is Reason.MARKET_RESOLVED


def test_a_fill_that_comes_after_its_settlement_counts_where_it_belongs(a_fill: Any, as_of: datetime) -> None:
    """Sold 40 at 0.90 before the end, and heard of it after: 36 - 16 = 20, and the end pays 60 - 24 = 36, not 100 - 40."""
    end = settlement_of(position_of(a_fill()), Decimal(1), as_of + 2 * SECOND)
    late = a_fill("late", side=Side.SELL, price=Decimal("0.90"), shares=Decimal(40), filled_at=as_of + SECOND)
    over = derived(a_fill(), end, late)
    assert (over.position.realized_pnl, over.settlements[0].shares, over.settlements[0].realized_pnl) == (56, 60, 36)


def test_settled_twice_is_settled_once(a_fill: Any, as_of: datetime) -> None:
    ends = [settlement_of(position_of(a_fill()), Decimal(1), as_of + seconds * SECOND) for seconds in (1, 2)]
    over = derived(a_fill(), *ends)
    assert [(end.shares, end.realized_pnl) for end in over.settlements] == [(100, 60), (0, 0)]
    assert over.position.realized_pnl == 60


def test_a_settlement_and_its_position_realize_the_same_in_the_stores_too(a_fill: Any, as_of: datetime) -> None:
    """A millionth of a share pays 0.0000005. Stored with six digits the settlement said 0, and the position 0.000001 + 0.0000005 became
    0.000002: a millionth that no settlement explains."""
    least = a_fill(shares=Decimal("0.000001"), notional=Decimal(0))
    over = derived(least, settlement_of(position_of(least), Decimal("0.5"), as_of + SECOND))
    (stored,) = rows_of(frame_of([over.position], Position), Position)
    (record,) = rows_of(frame_of(over.settlements, Settlement), Settlement)
    assert stored.realized_pnl == record.realized_pnl


@pytest.mark.parametrize(("sold", "left"), [("99.99", "0"), ("99.995", "0"), ("99.98", "0.02"), ("100", "0")])
def test_near_nothing_is_nothing(a_fill: Any, as_of: datetime, sold: str, left: str) -> None:
    """Bought 100, sold 99.99: a hundredth stayed open until the market resolved, and nothing of that token was bought again."""
    log = [a_fill(), a_fill("sold", side=Side.SELL, shares=Decimal(sold), filled_at=as_of + SECOND, reason=Reason.LEADER_EXITED)]
    rest = write_off(derived(*log), log, CENT)
    position = position_of(*log, *([rest] if rest else []))
    assert (position.shares, position.closed_at is not None) == (Decimal(left), left == "0")
    assert position.exit_reason is Reason.LEADER_EXITED
    assert (rest is not None) == (sold in ("99.99", "99.995"))


def test_what_is_written_off_is_lost_and_said_so(a_fill: Any, as_of: datetime) -> None:
    """100 at 0.40 = 40; 99.99 at 0.60 = 59.994. What is left cost 0.004: 59.994 - 40 = 19.994."""
    log = [a_fill(), a_fill("sold", side=Side.SELL, price=Decimal("0.60"), shares=Decimal("99.99"), filled_at=as_of + SECOND)]
    rest = write_off(derived(*log), log, CENT)
    assert rest is not None
    assert (rest.kind, rest.shares, rest.notional) == (FillKind.WRITE_OFF, CENT, 0)
    assert position_of(*log, rest).realized_pnl == Decimal("19.994")


@pytest.mark.parametrize(("increment", "is_nothing"), [("0.01", True), ("0.009999", False), ("1e-9", False), ("0", False)])
def test_how_little_is_nothing_is_said_by_the_instrument(a_fill: Any, as_of: datetime, increment: str, is_nothing: bool) -> None:
    """A hundredth of a share is less than Polymarket sells; of a mint of 9 decimals it is ten million units."""
    log = [a_fill(), a_fill("sold", side=Side.SELL, shares=Decimal("99.99"), filled_at=as_of + SECOND)]
    assert (write_off(derived(*log), log, Decimal(increment)) is not None) is is_nothing


def test_a_small_buy_is_not_written_off(a_fill: Any) -> None:
    log = [a_fill(shares=Decimal("0.005"))]
    assert write_off(derived(*log), log, CENT) is None


def test_a_sale_that_comes_after_the_write_off_takes_what_was_nothing(a_fill: Any, as_of: datetime) -> None:
    """Of 100, 99.995 were sold, 0.005 written off, and the last level of the order is heard of late: nothing is sold twice."""
    log = [a_fill(), a_fill("sold", side=Side.SELL, shares=Decimal("99.995"), filled_at=as_of + SECOND)]
    rest = write_off(derived(*log), log, CENT)
    late = a_fill("late", side=Side.SELL, shares=Decimal("0.005"), filled_at=as_of + SECOND)
    assert rest is not None
    assert position_of(*log, rest, late).realized_pnl == 0  # sold at what it cost
    assert position_of(*log, rest, late).shares == 0


def test_fills_of_one_instant_count_as_they_were_sent(a_fill: Any, as_of: datetime) -> None:
    """Bought at 0.40, 0.42 and 0.50 within a second, sold 100: the first sent goes first, whatever its id is called."""
    prices = {"z": ("0.40", 0, 0), "m": ("0.42", 0, 1), "a": ("0.50", 1, 0)}
    buys = [a_fill(name, price=Decimal(price), sequence=place, level=level) for name, (price, place, level) in prices.items()]
    earlier = a_fill("y", price=Decimal("0.30"), sequence=9, sent_at=as_of - SECOND)
    sale = a_fill("sale", side=Side.SELL, sequence=2)
    left = lots_of(position_of(sale, *reversed(buys), earlier))
    assert [lot.cost for lot in left] == [40, 42, 50]


@pytest.mark.parametrize("ahead_s", [0, 3])
def test_what_we_decided_ourselves_comes_after_what_we_knew(a_fill: Any, as_of: datetime, ahead_s: int) -> None:
    """The venue is three seconds ahead: bought at its 12:00:03, merged at our 12:00:00. The merge sold what was not there."""
    bought = a_fill(filled_at=as_of + ahead_s * SECOND, sequence=7)
    merge = not_before([bought], a_fill("merge", side=Side.SELL, shares=Decimal(60), kind=FillKind.MERGE))
    end = not_before([bought, merge], settlement_of(position_of(bought), Decimal(1), as_of))
    assert [lot.shares for lot in lots_of(position_of(merge, bought))] == [40]
    assert derived(end, merge, bought).settlements[0].shares == 40


@given(st.lists(st.tuples(UNITS, UNITS), min_size=1, max_size=8), st.lists(st.fractions(0, 1), max_size=8))
def test_lots_conserve_shares_and_cost_to_the_unit(bought: list[tuple[Decimal, Decimal]], parts: list[Any]) -> None:
    left = [Lot(shares, cost) for shares, cost in bought]
    gone_shares = gone_cost = Decimal(0)
    for part in parts:
        held = sum((lot.shares for lot in left), Decimal(0))
        shares = (held * part.numerator / part.denominator).quantize(Decimal("0.000001"))
        left, cost = sell_lots(left, min(shares, held), Venue.POLYMARKET)
        gone_shares, gone_cost = gone_shares + min(shares, held), gone_cost + cost
    assert gone_shares + sum(lot.shares for lot in left) == sum(shares for shares, _ in bought)
    assert gone_cost + sum(lot.cost for lot in left) == sum(cost for _, cost in bought)
    assert all(lot.shares > 0 and lot.cost >= 0 for lot in left)


MOVES = st.lists(st.tuples(st.sampled_from(Side), UNITS, st.decimals(0, 1, places=4), SMALL), min_size=1, max_size=10)


def a_log(moves: Sequence[Any], a_fill: Any, as_of: datetime) -> list[Fill]:
    """Never more sold than is held; some of one second."""
    log: list[Fill] = []
    for number, (side, shares, price, fee) in enumerate(moves):
        held = position_of(*log).shares if log else Decimal(0)
        if side is Side.SELL and held == 0:
            continue
        amount = min(shares, held) if side is Side.SELL else shares
        notional = (amount * price).quantize(Decimal("0.000001"))
        at = {"filled_at": as_of + number // 3 * SECOND, "sent_at": as_of, "sequence": number}
        log.append(a_fill(row_id(number), side=side, shares=amount, price=price, notional=notional, fee=fee, **at))
    return log


@given(moves=MOVES, payout=st.none() | st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]))
def test_realized_and_bound_money_is_the_cash_that_moved(a_fill: Any, as_of: datetime, moves: list[Any], payout: Decimal | None) -> None:
    """Realized PnL - cost of what is still held = all the cash that came in - all that went out, exactly, at each step."""
    log = a_log(moves, a_fill, as_of)
    cash = Decimal(0)
    for number, fill in enumerate(log):
        position = position_of(*log[: number + 1])
        cash += fill.notional - fill.fee if fill.side is Side.SELL else -fill.notional - fill.fee
        assert position.realized_pnl - position.cost == cash
        assert position.shares == sum(lot.shares for lot in lots_of(position))
        assert (position.closed_at is not None) == (position.shares == 0)
    if log and position.shares and payout is not None:
        cash += (position.shares * payout).quantize(Decimal("0.000001"))
        over = derived(*log, settlement_of(position, payout, as_of + 9 * SECOND))
        assert over.position.realized_pnl - over.position.cost == cash
        assert over.position.closed_at == over.settlements[0].settled_at


@given(moves=MOVES, data=st.data())
def test_a_log_makes_the_same_position_in_whatever_order_it_is_read_and_however_often(
    a_fill: Any, as_of: datetime, moves: list[Any], data: st.DataObject
) -> None:
    log = a_log(moves, a_fill, as_of)
    entries: list[Entry] = [*log, *([settlement_of(position_of(*log), Decimal(1), as_of + 9 * SECOND)] if log else [])]
    again = data.draw(st.permutations(entries + entries[:3]))
    assert fold(again) == fold(entries)


@given(moves=MOVES)
def test_a_log_that_was_stored_makes_the_same_position(a_fill: Any, as_of: datetime, moves: list[Any]) -> None:
    """A restart between two cycles must not cost a millionth."""
    log = a_log(moves, a_fill, as_of)
    stored = rows_of(frame_of(log, Fill), Fill)
    kept = fold(log)
    assert (kept and rows_of(frame_of([kept.position], Position), Position)) == (
        (found := fold(stored)) and rows_of(frame_of([found.position], Position), Position)
    )


def test_lots_are_kept_as_text_so_that_no_digit_is_lost(a_fill: Any) -> None:
    position = position_of(a_fill(shares=Decimal("0.1"), notional=Decimal("0.2"), fee=Decimal("0.1")))
    assert json.loads(position.lots) == [["0.1", "0.3"]]
