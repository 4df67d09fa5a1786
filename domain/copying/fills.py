"""A fill: what it takes from its order, or from the position it sells of without one, and what the venue says. For every venue."""

from datetime import datetime
from decimal import Decimal

from data_contracts import Fill, FillKind, Order, Position, Reason, Side
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


def sale_of(
    position: Position,
    fill_id: str,
    order_id: str,
    kind: FillKind,
    *,
    price: Decimal,
    shares: Decimal,
    notional: Decimal,
    fee: Decimal,
    filled_at: datetime,
    reason: Reason | None = None,
) -> Fill:
    """Of shares of a position that no order of ours sold."""
    return Fill(
        fill_id=fill_id,
        order_id=order_id,
        strategy_id=position.strategy_id,
        venue=position.venue,
        leader=position.leader,
        market_id=position.market_id,
        token_id=position.token_id,
        outcome=position.outcome,
        side=Side.SELL,
        price=price,
        shares=shares,
        notional=notional,
        fee=fee,
        filled_at=filled_at,
        sent_at=filled_at,
        kind=kind,
        category=position.category,
        reason=reason,
    )


def shares_gained(fill: Fill) -> Decimal:
    """Below zero for what a sale took."""
    return fill.shares if fill.side is Side.BUY else -fill.shares


def stake_gained(fill: Fill) -> Decimal:
    """What a sale brought, its fee taken off; below zero for what a purchase took, its fee included."""
    return -(fill.notional + fill.fee) if fill.side is Side.BUY else fill.notional - fill.fee
