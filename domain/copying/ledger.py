"""What do we hold, what did we realize? Lots go first in first out; a position belongs to one leader of one strategy."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from data_contracts import Fill, Position, Reason, Settlement, Side
from data_contracts.errors import Unsafe

ZERO = Decimal(0)
USD_UNIT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares bought in one fill that are still ours, and what they cost, fee included."""

    shares: Decimal
    cost: Decimal


def lots_of(position: Position) -> list[Lot]:
    """Oldest first."""
    return [Lot(Decimal(shares), Decimal(cost)) for shares, cost in json.loads(position.lots)]


def sell_lots(lots: list[Lot], shares: Decimal) -> tuple[list[Lot], Decimal]:
    """The lots left after selling from the oldest on, and the cost of what went. Raises Unsafe when more is sold than held."""
    left: list[Lot] = []
    cost_gone = ZERO
    for lot in lots:
        part = min(lot.shares, shares)
        shares -= part
        cost = lot.cost if part == lot.shares else (lot.cost * part / lot.shares).quantize(USD_UNIT)
        cost_gone += cost
        if part < lot.shares:
            left.append(Lot(lot.shares - part, lot.cost - cost))
    if shares > 0:
        raise Unsafe(f"{shares} shares more were sold than the ledger holds: compare it with the venue before trading on")
    return left, cost_gone


def booked(position: Position | None, fill: Fill, category: str, exit_reason: Reason | None = None) -> Position:
    """The position after a fill, and why it was sold if it was. Its first fill opens it, and so does the first after it was closed."""
    position = _reopened(position, fill.filled_at) if position else _opened(fill, category)
    lots = lots_of(position)
    if fill.side is Side.BUY:
        lots.append(Lot(fill.shares, fill.notional + fill.fee))
        gain = ZERO
        position = replace(position, bought_shares=position.bought_shares + fill.shares)
    else:
        lots, cost_gone = sell_lots(lots, fill.shares)
        gain = fill.notional - fill.fee - cost_gone
        position = replace(position, exit_reason=exit_reason)
    return _with_lots(replace(position, fees=position.fees + fill.fee), lots, gain, fill.filled_at)


def settled(position: Position, payout: Decimal, settled_at: datetime) -> tuple[Position, Settlement]:
    """The position after its market resolved at `payout` USD a share, redeemed or not, and the record of it."""
    gain = (position.shares * payout).quantize(USD_UNIT) - position.cost
    settlement = Settlement(
        strategy_id=position.strategy_id,
        leader=position.leader,
        market_id=position.market_id,
        token_id=position.token_id,
        shares=position.shares,
        payout=payout,
        realized_pnl=gain,
        settled_at=settled_at,
    )
    over = replace(position, mark_price=payout, exit_reason=Reason.MARKET_RESOLVED)
    return _with_lots(over, [], gain, settled_at), settlement


def marked(position: Position, price: Decimal, mid: Decimal | None = None) -> Position:
    """The position at the price it could be sold at, and in the middle of the book."""
    peak = price if position.peak_price is None else max(price, position.peak_price)
    worth = (position.shares * price).quantize(USD_UNIT)
    return replace(position, mark_price=price, mid_price=mid, peak_price=peak, unrealized_pnl=worth - position.cost)


def _reopened(position: Position, at: datetime) -> Position:
    """What is bought again after all was gone has an age, a peak and a size of its own; what was realized stays."""
    if position.closed_at is None:
        return position
    return replace(position, opened_at=at, bought_shares=ZERO, peak_price=None, mark_price=None, mid_price=None, exit_reason=None)


def _opened(fill: Fill, category: str) -> Position:
    return Position(
        strategy_id=fill.strategy_id,
        venue=fill.venue,
        leader=fill.leader,
        market_id=fill.market_id,
        token_id=fill.token_id,
        outcome=fill.outcome,
        category=category,
        shares=ZERO,
        cost=ZERO,
        realized_pnl=ZERO,
        fees=ZERO,
        lots="[]",
        mark_price=None,
        unrealized_pnl=None,
        opened_at=fill.filled_at,
        updated_at=fill.filled_at,
        closed_at=None,
    )


def _with_lots(position: Position, lots: list[Lot], gain: Decimal, at: datetime) -> Position:
    shares = sum((lot.shares for lot in lots), ZERO)
    cost = sum((lot.cost for lot in lots), ZERO)
    mark = position.mark_price
    return replace(
        position,
        shares=shares,
        cost=cost,
        realized_pnl=position.realized_pnl + gain,
        lots=json.dumps([[str(lot.shares), str(lot.cost)] for lot in lots]),
        unrealized_pnl=None if mark is None else (shares * mark).quantize(USD_UNIT) - cost,
        updated_at=at,
        closed_at=None if lots else at,
    )
