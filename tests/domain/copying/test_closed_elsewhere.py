"""What the ledger adopts of the operator's own sales: no more than it lacks, of each position its part, and nothing lost in between."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from data_contracts import FillKind, HandTrade, Reason, Side, Venue
from domain.copying.closed_elsewhere import SHARE_UNIT, adopted_parts, fills_by_hand, in_proportion
from domain.copying.fills import stake_gained
from domain.copying.ledger import fold
from domain.ids import row_id
from tests.ledger_rows import a_fill, a_position, an_order

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)


def a_sale(name: str = "sale", shares: str = "60", after_s: float = 60, **changes: Any) -> HandTrade:
    """At 0.50 as the taker, a fee of 0.60 USD."""
    plain: dict[str, Any] = {
        "venue": Venue.POLYMARKET,
        "trade_id": name,
        "order_hash": "0xhand",
        "level": 0,
        "order_id": row_id("by hand", name),
        "market_id": "m",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.SELL,
        "price": Decimal("0.50"),
        "shares": Decimal(shares),
        "notional": Decimal(shares) / 2,
        "fee": Decimal("0.60"),
        "tx_hash": "0xtx",
        "traded_at": T0 + timedelta(seconds=after_s),
        "seen_at": T0 + timedelta(seconds=90),
    }
    return HandTrade(**(plain | changes))


def test_a_sale_is_cut_by_what_each_strategy_holds_and_every_sum_is_exact() -> None:
    """Of 60 shares for 30 USD less a fee of 0.60, who holds 100 of 150 has sold 40 for 20 less 0.40."""
    one, two = a_position(T0), a_position(T0, "50", "20", strategy_id="two")
    fills = fills_by_hand(a_sale(), Decimal(60), Decimal(0), [one, two])
    assert [(fill.strategy_id, fill.shares, fill.notional, fill.fee) for fill in fills] == [
        ("one", Decimal(40), Decimal(20), Decimal("0.40")),
        ("two", Decimal(20), Decimal(10), Decimal("0.20")),
    ]
    assert {(fill.kind, fill.reason) for fill in fills} == {(FillKind.BY_HAND, Reason.CLOSED_ELSEWHERE)}


def test_of_what_is_adopted_in_part_the_money_is_a_part_too() -> None:
    """15 of 60 shares: a quarter of 30 USD and of the fee."""
    (fill,) = fills_by_hand(a_sale(), Decimal(15), Decimal(0), [a_position(T0)])
    assert (fill.shares, fill.notional, fill.fee) == (Decimal(15), Decimal("7.50"), Decimal("0.15"))


def test_the_latest_sales_explain_what_is_lacking_and_the_first_sold_what_was_the_operators_own() -> None:
    """Sold 60, then 40 by hand, and the ledger lacks 50: all of the second, and 10 of the first."""
    first, second = a_sale("first"), a_sale("second", "40", 70)
    assert adopted_parts([first, second], {}, Decimal(50), [a_position(T0)]) == [(second, Decimal(40)), (first, Decimal(10))]


def test_what_is_adopted_already_explains_nothing_twice() -> None:
    first, second = a_sale("first"), a_sale("second", "40", 70)
    adopted = {second.order_id: Decimal(40), first.order_id: Decimal(55)}
    assert adopted_parts([first, second], adopted, Decimal(50), [a_position(T0)]) == [(first, Decimal(5))]
    assert adopted_parts([first, second], adopted, Decimal(0), [a_position(T0)]) == []


def test_what_was_bought_after_a_sale_was_not_sold_by_it() -> None:
    """Bought in the very instant it may have been; a second later not."""
    sale = a_sale()
    assert adopted_parts([sale], {}, Decimal(50), [a_position(sale.traded_at)]) == [(sale, Decimal(50))]
    assert adopted_parts([sale], {}, Decimal(50), [a_position(sale.traded_at + timedelta(seconds=1))]) == []


def test_the_rest_of_a_sale_is_another_fill_and_the_same_part_is_the_same_fill() -> None:
    held = [a_position(T0)]
    (one,), (again,) = (fills_by_hand(a_sale(), Decimal(15), Decimal(0), held) for _ in range(2))
    (rest,) = fills_by_hand(a_sale(), Decimal(5), Decimal(15), held)
    assert one.fill_id == again.fill_id != rest.fill_id


def test_the_ledger_books_it_as_any_sale() -> None:
    """100 shares for 40 USD; 60 sold for 30 less 0.60, of a cost of 24: 5.40 realized, 40 shares left."""
    bought = a_fill(an_order(T0))
    (sold,) = fills_by_hand(a_sale(), Decimal(60), Decimal(0), [a_position(T0)])
    derived = fold([bought, sold])
    assert derived is not None
    assert (derived.position.shares, derived.position.realized_pnl) == (Decimal(40), Decimal("5.40"))
    assert derived.position.exit_reason is Reason.CLOSED_ELSEWHERE


units = st.integers(1, 10**9).map(lambda count: count * SHARE_UNIT)


@given(st.lists(units, min_size=1, max_size=6), st.data())
def test_no_position_sells_more_than_it_has_and_no_unit_is_lost(shares: list[Decimal], data: st.DataObject) -> None:
    total = data.draw(st.integers(1, int(sum(shares) / SHARE_UNIT))) * SHARE_UNIT
    parts = in_proportion(total, shares, SHARE_UNIT)
    assert sum(parts) == total
    assert all(0 <= part <= whole for part, whole in zip(parts, shares, strict=True))
    held = [a_position(T0, str(one), strategy_id=f"s{number}") for number, one in enumerate(shares)]
    sale = a_sale(shares=str(total), notional=(total / 3).quantize(SHARE_UNIT))
    gained = sum(stake_gained(fill) for fill in fills_by_hand(sale, total, Decimal(0), held))
    assert gained == sale.notional - Decimal("0.60")
