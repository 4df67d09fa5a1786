"""What a venue may not say. Boundaries come in pairs: what is just possible, and one unit more."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Fill, Order, OrderStatus, Side, Venue
from domain.copying.contradictions import contradiction
from domain.ids import row_id

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
UNIT = Decimal("0.000001")


def an_order(**changes: Any) -> Order:
    """Buy 10 shares at 0.50 or better: 5 USD."""
    fields: dict[str, Any] = {
        "order_id": row_id("order"),
        "signal_id": row_id("signal"),
        "strategy_id": "strategy",
        "venue": Venue.POLYMARKET,
        "leader": "0x" + "a" * 40,
        "market_id": "market",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.BUY,
        "shares": Decimal(10),
        "limit_price": Decimal("0.50"),
        "observed_price": Decimal("0.49"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": False,
        "order_hash": "0x1",
        "created_at": AS_OF,
        "updated_at": AS_OF,
    }
    return Order(**(fields | changes))


def a_fill(shares: str, price: str, side: Side = Side.BUY, name: str = "fill") -> Fill:
    return Fill(
        fill_id=row_id(name),
        order_id=row_id("order"),
        strategy_id="strategy",
        venue=Venue.POLYMARKET,
        leader="0x" + "a" * 40,
        market_id="market",
        token_id="yes",
        outcome="Yes",
        side=side,
        price=Decimal(price),
        shares=Decimal(shares),
        notional=Decimal(shares) * Decimal(price),
        fee=Decimal(0),
        filled_at=AS_OF,
        sent_at=AS_OF,
    )


SELL = an_order(side=Side.SELL)


@pytest.mark.parametrize(
    ("order", "fills", "said"),
    [
        (an_order(), [a_fill("10", "0.50")], ""),
        (an_order(), [a_fill("12.5", "0.40")], ""),  # 5 USD at a better price are more shares
        (an_order(), [a_fill("12.500001", "0.40")], "spent 5.00000040 USD of at most 5.00"),
        (an_order(), [a_fill("5", "0.50"), a_fill("5.000001", "0.50")], "spent"),
        (an_order(), [a_fill("1", "0.51")], "past its limit of 0.50"),
        (SELL, [a_fill("10", "0.50", Side.SELL)], ""),
        (SELL, [a_fill("10.000001", "0.50", Side.SELL)], "sold 10.000001 shares of 10"),
        (SELL, [a_fill("1", "0.49", Side.SELL)], "past its limit of 0.50"),
        (an_order(), [], ""),
    ],
)
def test_an_order_gets_no_more_than_it_asked_and_at_no_worse_price(order: Order, fills: list[Fill], said: str) -> None:
    found = contradiction(order, fills, [], held_shares=Decimal(10))
    assert said in found
    assert bool(found) is bool(said)


@pytest.mark.parametrize(("held", "possible"), [(Decimal(4), True), (Decimal(4) - UNIT, False)])
def test_no_more_is_sold_than_the_ledger_holds(held: Decimal, possible: bool) -> None:
    fills = [a_fill("4", "0.50", Side.SELL)]
    assert bool(contradiction(SELL, fills, [], held)) is not possible
    assert contradiction(SELL, fills, [fills[0].fill_id], Decimal(0)) == ""  # booked before: gone from the ledger already


def test_the_limit_is_the_orders_own() -> None:
    assert contradiction(replace(an_order(), limit_price=Decimal("0.51")), [a_fill("1", "0.51")], [], Decimal(0)) == ""
