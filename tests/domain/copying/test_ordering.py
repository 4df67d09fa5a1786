"""At what price, and no worse: the limit, the guard of the book, and the size of an order."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import OrderStatus, Reason, Side
from domain.copying.book import Book, Level
from domain.copying.ordering import guard, limit_price, order_for
from domain.copying.policy import OrderPolicy

TICKS = [Decimal(tick) for tick in ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")]  # all the venue has
PRICES = st.decimals(0, 1, places=4)
SLIPPAGE = st.decimals(0, "0.99", places=4)
POLICY = OrderPolicy()


def a_book(bid: object = "0.39", ask: object = "0.40", shares: object = 1_000) -> Book:
    def level(price: object) -> tuple[Level, ...]:
        return (Level(Decimal(str(price)), Decimal(str(shares))),) if price is not None else ()

    return Book("yes", level(bid), level(ask))


@pytest.mark.parametrize(
    ("side", "observed", "tick", "limit"),
    [
        (Side.BUY, "0.40", "0.01", "0.42"),  # 0.40 x 1.05 = 0.42
        (Side.BUY, "0.50", "0.01", "0.52"),  # 0.525 goes down
        (Side.SELL, "0.40", "0.01", "0.38"),  # 0.40 x 0.95 = 0.38
        (Side.SELL, "0.50", "0.01", "0.48"),  # 0.475 goes up
        (Side.BUY, "0.50", "0.001", "0.525"),
        (Side.BUY, "0.98", "0.01", "0.99"),
        (Side.BUY, "0.95", "0.001", "0.99"),  # 0.9975 would pay for nothing but the fee
        (Side.SELL, "0.004", "0.001", "0.01"),
        (Side.SELL, "0.005", "0.01", "0.01"),
        (Side.BUY, "0.95", "0.1", "0.9"),
        (Side.BUY, "1", "0.1", "0.9"),  # 0.99 once, which is on no tick of a tenth: the venue refuses it
        (Side.SELL, "0", "0.1", "0.1"),  # 0.01 once
        (Side.BUY, "0.005", "0.01", "0"),  # no tick is as cheap: no order
    ],
)
def test_a_limit_is_the_slippage_rounded_in_our_favour(a_market: Any, side: Side, observed: str, tick: str, limit: str) -> None:
    assert limit_price(side, Decimal(observed), a_market(price_increment=Decimal(tick)), Decimal("0.05")) == Decimal(limit)


@pytest.mark.parametrize(("side", "limit"), [(Side.BUY, "0.42"), (Side.SELL, "0.38")])
def test_where_a_venue_has_no_increment_the_limit_is_the_slippage_itself(a_market: Any, side: Side, limit: str) -> None:
    """It was divided by: one such instrument ended the cycle of every strategy."""
    assert limit_price(side, Decimal("0.40"), a_market(price_increment=Decimal(0)), Decimal("0.05")) == Decimal(limit)


@given(side=st.sampled_from(Side), observed=PRICES, slip=SLIPPAGE, tick=st.sampled_from(TICKS))
def test_a_limit_is_on_the_tick_within_the_venues_prices_and_never_worse_than_the_slippage(
    a_market: Any, side: Side, observed: Decimal, slip: Decimal, tick: Decimal
) -> None:
    limit = limit_price(side, observed, a_market(price_increment=tick), slip)
    assert limit % tick == 0
    if side is Side.BUY:
        assert limit <= observed * (1 + slip)
        assert 0 <= limit <= min(1 - tick, Decimal("0.99"))
    else:
        assert limit >= observed * (1 - slip)
        assert max(tick, Decimal("0.01")) <= limit <= 1


@pytest.mark.parametrize(
    ("side", "observed", "expected"),
    [
        (Side.BUY, "0.51", None),  # (0.52 - 0.51) / 0.51 = 1.96 %
        (Side.BUY, "0.50", Reason.SLIPPAGE_TOO_HIGH),  # 4.00 %
        (Side.BUY, "0.60", None),  # cheaper than observed
        (Side.SELL, "0.49", Reason.SLIPPAGE_TOO_HIGH),  # (0.49 - 0.48) / 0.49 = 2.04 %
        (Side.SELL, "0.4897", None),  # 1.78 %
        (Side.SELL, "0.40", None),  # dearer than observed
    ],
)
def test_the_book_must_be_near_what_the_leader_paid(side: Side, observed: str, expected: Reason | None) -> None:
    assert guard(side, Decimal(observed), None, a_book("0.48", "0.52"), Decimal("0.02")) is expected


@pytest.mark.parametrize(("ask", "expected"), [("0.525", None), ("0.5251", Reason.SLIPPAGE_TOO_HIGH)])
def test_slippage_of_exactly_the_maximum_passes(ask: str, expected: Reason | None) -> None:
    assert guard(Side.BUY, Decimal("0.50"), None, a_book("0.48", ask), Decimal("0.05")) is expected


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        (Side.BUY, "0.52", None),
        (Side.BUY, "0.5199", Reason.PRICE_BEYOND_LIMIT),
        (Side.SELL, "0.48", None),
        (Side.SELL, "0.4801", Reason.PRICE_BEYOND_LIMIT),
    ],
)
def test_a_price_limit_of_its_own_is_kept_to_the_digit(side: Side, limit: str, expected: Reason | None) -> None:
    assert guard(side, None, Decimal(limit), a_book("0.48", "0.52"), Decimal("0.02")) is expected


@pytest.mark.parametrize(("side", "book"), [(Side.BUY, a_book(ask=None)), (Side.SELL, a_book(bid=None)), (Side.BUY, None)])
def test_nobody_on_the_other_side_is_a_no(side: Side, book: Book | None) -> None:
    assert guard(side, Decimal("0.40"), None, book, Decimal("0.05")) is Reason.BOOK_MISSING


def test_a_buy_spends_its_notional_at_the_limit(a_signal: Any, a_market: Any, as_of: Any) -> None:
    """40 USD at a limit of 0.42 is 95.238 shares: 95.23, for at most 39.9966 USD."""
    order = order_for(a_signal(), a_market(), a_book(), Decimal(0), POLICY, True, as_of)
    assert (order.status, order.reason, order.limit_price, order.shares) == (OrderStatus.PENDING, None, Decimal("0.42"), Decimal("95.23"))


@pytest.mark.parametrize(("notional", "status"), [("1.00", OrderStatus.PENDING), ("0.99", OrderStatus.DENIED)])
def test_a_buy_that_comes_to_less_than_a_dollar_is_denied(a_signal: Any, a_market: Any, as_of: Any, notional: str, status: Any) -> None:
    """0.48 x 1.05 = 0.504, a limit of 0.50: 1.00 buys 2 shares for exactly 1.00; 0.99 buys 1.98 for 0.99."""
    signal = a_signal(notional=Decimal(notional), leader_price=Decimal("0.48"))
    order = order_for(signal, a_market(), a_book(ask="0.48"), Decimal(0), POLICY, True, as_of)
    assert order.status is status
    assert (order.reason is Reason.ORDER_BELOW_MINIMUM) == (status is OrderStatus.DENIED)


@pytest.mark.parametrize(
    ("fraction", "held", "shares"),
    [
        ("0.5", "150", "75"),
        ("1", "75.123456", "75.123456"),  # all of it, to the last digit: a rest would stay for ever
        ("0.3333333333", "100", "33.33"),
        ("0.9999999999", "75.123456", "75.12"),
    ],
)
def test_a_sell_takes_its_part_of_what_we_hold(a_signal: Any, a_market: Any, as_of: Any, fraction: str, held: str, shares: str) -> None:
    exit_signal = a_signal(side=Side.SELL, notional=Decimal(0), exit_fraction=Decimal(fraction))
    order = order_for(exit_signal, a_market(), a_book(bid="0.40"), Decimal(held), POLICY, True, as_of)
    assert (order.status, order.shares, order.limit_price) == (OrderStatus.PENDING, Decimal(shares), Decimal("0.38"))


@pytest.mark.parametrize(("fraction", "held"), [("1", "0"), ("0.5", "0"), ("0.0001", "1")])
def test_nothing_to_sell_is_no_order(a_signal: Any, a_market: Any, as_of: Any, fraction: str, held: str) -> None:
    exit_signal = a_signal(side=Side.SELL, notional=Decimal(0), exit_fraction=Decimal(fraction))
    order = order_for(exit_signal, a_market(), a_book(bid="0.40"), Decimal(held), POLICY, True, as_of)
    assert (order.status, order.reason) == (OrderStatus.DENIED, Reason.ORDER_BELOW_MINIMUM)


def test_a_buy_at_a_price_below_the_first_tick_is_denied_and_not_divided_by(a_signal: Any, a_market: Any, as_of: Any) -> None:
    order = order_for(a_signal(leader_price=Decimal("0.005")), a_market(), a_book(ask="0.005"), Decimal(0), POLICY, True, as_of)
    assert (order.status, order.reason) == (OrderStatus.DENIED, Reason.ORDER_BELOW_MINIMUM)


def test_the_books_no_is_said_before_the_orders_size(a_signal: Any, a_market: Any, as_of: Any) -> None:
    order = order_for(a_signal(notional=Decimal("0.01")), a_market(), None, Decimal(0), POLICY, True, as_of)
    assert (order.status, order.reason) == (OrderStatus.DENIED, Reason.BOOK_MISSING)


def test_the_same_signal_is_the_same_order_in_every_cycle(a_signal: Any, a_market: Any, as_of: Any) -> None:
    first, second = (order_for(a_signal(), a_market(), book, Decimal(0), POLICY, True, as_of) for book in (a_book(), None))
    other = order_for(a_signal(signal_id="another"), a_market(), a_book(), Decimal(0), POLICY, True, as_of)
    assert first.order_id == second.order_id != other.order_id


@given(
    side=st.sampled_from(Side),
    notional=st.decimals(0, 10_000, places=2),
    observed=PRICES,
    fraction=st.decimals(0, 1, places=10),
    held=st.decimals(0, 100_000, places=6),
    tick=st.sampled_from(TICKS),
)
def test_no_order_spends_more_than_its_notional_or_sells_more_than_is_held(
    a_signal: Any,
    a_market: Any,
    as_of: Any,
    side: Side,
    notional: Decimal,
    observed: Decimal,
    fraction: Decimal,
    held: Decimal,
    tick: Decimal,
) -> None:
    signal = a_signal(side=side, notional=notional, leader_price=observed, exit_fraction=fraction if side is Side.SELL else Decimal(0))
    order = order_for(signal, a_market(price_increment=tick), a_book(observed, observed), held, POLICY, True, as_of)
    assert (order.status is OrderStatus.DENIED) == (order.reason is not None)
    assert order.shares >= 0
    assert order.shares * order.limit_price <= notional if side is Side.BUY else order.shares <= held
    assert order.status is OrderStatus.DENIED or order.shares > 0
