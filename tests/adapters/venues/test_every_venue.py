"""What every venue promises, asked of the simulated and of the live one, both before the same books of the sandbox."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_feed
from adapters.venues.simulated import SimulatedVenue
from data_contracts import Order, OrderStatus, Side
from domain.copying.fees import taker_fee

CENT = Decimal("0.01")


@pytest.fixture(params=["simulated", "polymarket"])
def venue(request: pytest.FixtureRequest, sandbox: Any) -> Any:
    return sandbox.venue if request.param == "polymarket" else SimulatedVenue(open_feed(sandbox.settings))


def signed(venue: Any, sandbox: Any, market: Any, name: str, **changes: Any) -> Any:
    order = sandbox.order(market, name, **changes)
    one: Order = venue.sign(order, market).on(order)
    return one


def test_a_buy_at_the_best_ask_is_filled_there_with_the_markets_fee(venue: Any, sandbox: Any) -> None:
    market = sandbox.market()
    order = signed(venue, sandbox, market, f"at the ask {type(venue).__name__}")
    (answer,) = venue.post([order], {market.token_id: market}, sandbox.now)
    (fill,) = answer.fills
    assert (answer.order_id, answer.status) == (order.order_id, OrderStatus.FILLED)
    assert (fill.price, fill.fee) == (order.limit_price, taker_fee(fill.shares, fill.price, market))
    # A live BUY names its USD, to the cent: it gets less than 0.01 USD of shares less than it was sized for.
    assert 0 <= order.shares - fill.shares < CENT / fill.price
    assert (fill.order_id, fill.strategy_id, fill.token_id, fill.side) == (order.order_id, order.strategy_id, market.token_id, Side.BUY)


def test_nothing_is_filled_past_the_limit(venue: Any, sandbox: Any) -> None:
    market = sandbox.market()
    below = sandbox.book(market).asks[0].price - market.price_increment
    order = signed(venue, sandbox, market, f"below {type(venue).__name__}", limit_price=below, shares=Decimal(20))
    (answer,) = venue.post([order], {market.token_id: market}, sandbox.now)
    assert (answer.status, answer.fills) == (OrderStatus.UNFILLED, ())


def test_more_than_is_there_within_the_limit_is_a_part(venue: Any, sandbox: Any) -> None:
    market = sandbox.market()
    best = sandbox.book(market).asks[0]
    order = signed(venue, sandbox, market, f"part {type(venue).__name__}", shares=best.shares + 50)
    (answer,) = venue.post([order], {market.token_id: market}, sandbox.now)
    assert answer.status is OrderStatus.PARTIAL
    assert sum(fill.shares for fill in answer.fills) == best.shares


def test_there_is_one_answer_an_order_in_their_order(venue: Any, sandbox: Any) -> None:
    market = sandbox.market()
    low = sandbox.book(market).asks[0].price - market.price_increment
    wanted = [("c", {}), ("a", {"limit_price": low, "shares": Decimal(20)}), ("b", {})]
    orders = [signed(venue, sandbox, market, f"{name} {type(venue).__name__}", **changes) for name, changes in wanted]
    answers = venue.post(orders, {market.token_id: market}, sandbox.now)
    assert [answer.order_id for answer in answers] == [order.order_id for order in orders]
    assert [answer.status for answer in answers] == [OrderStatus.FILLED, OrderStatus.UNFILLED, OrderStatus.FILLED]


def test_a_hash_is_a_function_of_the_order_alone(venue: Any, sandbox: Any) -> None:
    market = sandbox.market()
    order = sandbox.order(market)
    assert venue.sign(order, market) == venue.sign(replace(order, status=OrderStatus.UNKNOWN, order_hash="x"), market)
    others = [sandbox.order(market, "another"), replace(order, side=Side.SELL), replace(order, shares=order.shares + 1)]
    assert len({venue.sign(one, market) for one in [order, *others]}) == 4


def test_an_order_nobody_posted_is_not_known(venue: Any, sandbox: Any) -> None:
    market = sandbox.market()
    assert venue.find(signed(venue, sandbox, market, f"never {type(venue).__name__}"), market, sandbox.now) is None
