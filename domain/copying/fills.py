"""A fill of an order: what it takes from the order, and what the venue says. Written here for every venue."""

from datetime import datetime
from decimal import Decimal

from data_contracts import Fill, Order, Side
from domain.ids import row_id


def fill_from(
    order: Order, *names: object, price: Decimal, shares: Decimal, notional: Decimal, fee: Decimal, filled_at: datetime, level: int = 0
) -> Fill:
    """`names`: what tells it from the order's other fills, so that one answer makes one row. `level`: its place within the order."""
    return Fill(
        fill_id=row_id("fill", order.order_id, *names),
        order_id=order.order_id,
        strategy_id=order.strategy_id,
        venue=order.venue,
        leader=order.leader,
        market_id=order.market_id,
        token_id=order.token_id,
        outcome=order.outcome,
        side=Side(order.side),
        price=price,
        shares=shares,
        notional=notional,
        fee=fee,
        filled_at=filled_at,
        sent_at=order.created_at,
        sequence=order.sequence,
        level=level,
    )


def shares_gained(fill: Fill) -> Decimal:
    """Below zero for what a sale took."""
    return fill.shares if fill.side is Side.BUY else -fill.shares


def stake_gained(fill: Fill) -> Decimal:
    """What a sale brought, its fee taken off; below zero for what a purchase took, its fee included."""
    return -(fill.notional + fill.fee) if fill.side is Side.BUY else fill.notional - fill.fee
