"""What every venue promises (test_every_venue.py), asked of Solana's simulated and live one, both before the same quotes of the sandbox."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.venues.venue import Signed
from data_contracts import Instrument, Order, OrderStatus, Side
from domain.copying.contradictions import contradiction
from tests.adapters.venues.solana.conftest import Chain


@pytest.fixture(params=["simulated", "jupiter"])
def venue(request: pytest.FixtureRequest, chain: Chain) -> Any:
    return chain.venue if request.param == "jupiter" else chain.simulated()


def filled(venue: Any, chain: Chain, order: Order, mint: Instrument) -> Any:
    """Its answer once it is final."""
    signature = venue.sign(order, mint)
    assert isinstance(signature, Signed), signature
    order = signature.on(order)
    (answer,) = venue.post([order], {mint.token_id: mint}, chain.now)
    chain.clock.advance(1)
    return venue.find(order, mint, chain.now) or answer


def test_a_buy_is_filled_at_what_is_quoted_and_its_router_fee_stands_beside(venue: Any, chain: Chain, mint: Instrument) -> None:
    """Of 0.1 SOL half a percent is the router's; the network's fee is a matter of each transaction."""
    order = chain.order(mint)
    quoted = chain.swaps.quote("So11111111111111111111111111111111111111112", mint.token_id, int(order.shares * order.limit_price * 10**9))
    assert quoted is not None
    answer = filled(venue, chain, order, mint)
    (fill,) = answer.fills
    assert (answer.status, fill.shares) == (OrderStatus.FILLED, Decimal(quoted.got).scaleb(-6))
    assert fill.notional == Decimal(quoted.given - quoted.fee).scaleb(-9)
    assert Decimal(quoted.fee).scaleb(-9) < fill.fee < Decimal(quoted.fee).scaleb(-9) + Decimal("0.0002")
    assert contradiction(order, answer.fills, (), Decimal(0)) == ""


def test_a_sale_gives_exactly_what_it_names(venue: Any, chain: Chain, mint: Instrument) -> None:
    chain.bought(mint)
    order = chain.order(mint, side=Side.SELL)
    answer = filled(venue, chain, order, mint)
    (fill,) = answer.fills
    assert (answer.status, fill.shares, fill.side) == (OrderStatus.FILLED, order.shares, Side.SELL)
    assert fill.price >= order.limit_price


def test_nothing_is_filled_past_the_limit(venue: Any, chain: Chain, mint: Instrument) -> None:
    plain = chain.order(mint)
    order = replace(plain, limit_price=plain.limit_price / 2, shares=plain.shares * 2)
    signature = venue.sign(order, mint)
    if isinstance(signature, Signed):
        (answer,) = venue.post([signature.on(order)], {mint.token_id: mint}, chain.now)
        assert (answer.status, answer.fills) == (OrderStatus.UNFILLED, ())
    assert chain.landed() == []


def test_there_is_one_answer_an_order_in_their_order(venue: Any, chain: Chain, mint: Instrument) -> None:
    orders = [chain.order(mint, shares=chain.order(mint).shares / part) for part in (1, 2, 3)]
    signed = [venue.sign(order, mint).on(order) for order in orders]
    answers = venue.post(signed, {mint.token_id: mint}, chain.now)
    assert [answer.order_id for answer in answers] == [order.order_id for order in orders]
    assert len({order.order_hash for order in signed}) == 3


def test_an_order_nobody_posted_is_not_known(venue: Any, chain: Chain, mint: Instrument) -> None:
    order = chain.order(mint)
    assert venue.find(venue.sign(order, mint).on(order), mint, chain.now) is None
