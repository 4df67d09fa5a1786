"""What do we hold, what did we realize? Derived from the log of fills and settlements, by `fold` and by nobody else.

A position belongs to one leader of one strategy. Its lots go first in first out.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from data_contracts import Fill, FillKind, Peak, Position, Reason, Settlement, Side, Venue
from data_contracts.errors import Unsafe
from domain.copying.amounts import in_units
from domain.ids import row_id

ZERO = Decimal(0)
AFTER_ALL = 10**9  # the place of what no order sent, among what was sent at its instant
Entry = Fill | Settlement
PositionKey = tuple[str, str, str]  # strategy, leader, token


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares bought in one fill that are still ours, and what they cost, fee included."""

    shares: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Derived:
    """What the entries of one position come to: the position, and its settlements with what they ended."""

    position: Position
    settlements: tuple[Settlement, ...] = ()


def key_of(row: Fill | Settlement | Position | Peak) -> PositionKey:
    """Which position a row is about."""
    return row.strategy_id, row.leader, row.token_id


def fold(entries: Iterable[Entry]) -> Derived | None:
    """What these entries of one position make, whatever order they came in; None of no fill.

    Raises Unsafe when more is sold than was held.
    """
    position: Position | None = None
    settlements: list[Settlement] = []
    for entry in in_order(entries):
        if isinstance(entry, Fill):
            position = _after_fill(position, entry)
        else:
            position, settlement = _after_settlement(position, entry)
            settlements.append(settlement)
    return None if position is None else Derived(position, tuple(settlements))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Each once, as they happened: by instant, then as their orders were sent, a settlement after the fills of its instant."""
    once = {_place(entry): entry for entry in entries}
    return [once[place] for place in sorted(once)]


def not_before(known: Iterable[Entry], entry: Entry) -> Entry:
    """What we decided ourselves, a merge or a settlement, comes after what we knew when we did: the venue's clock may be ahead of ours."""
    if isinstance(entry, Fill) and entry.kind is FillKind.TRADE:
        return entry
    places = [_place(one) for one in known]
    if isinstance(entry, Settlement):
        return replace(entry, settled_at=max([entry.settled_at, *(place[0] for place in places)]))
    at = max([entry.filled_at, *(place[0] for place in places)])
    sent_at = max([entry.sent_at, at, *(place[2] for place in places)])
    return replace(entry, filled_at=at, sent_at=sent_at, sequence=AFTER_ALL)


def write_off(derived: Derived, log: Sequence[Entry], increment: Decimal) -> Fill | None:
    """A fill that writes off what a sale left, if that is near nothing, so that the position is closed; else None.

    `increment`: the fewest shares of that token that can be sold.
    """
    position = derived.position
    last = next((entry for entry in reversed(in_order(log)) if isinstance(entry, Fill)), None)
    if last is None or last.side is Side.BUY or not is_near_nothing(position, increment):
        return None
    return replace(
        last,
        fill_id=row_id("write off", last.fill_id),
        order_id=row_id("write off", last.order_id),
        kind=FillKind.WRITE_OFF,
        price=ZERO,
        shares=position.shares,
        notional=ZERO,
        fee=ZERO,
        level=last.level + 1,
        reason=None,
    )


def is_near_nothing(position: Position, increment: Decimal) -> bool:
    """As much as the smallest sale there is, or less: what a sale leaves of that is nothing."""
    return 0 < position.shares <= increment


def lots_of(position: Position) -> list[Lot]:
    """Oldest first."""
    return [Lot(Decimal(shares), Decimal(cost)) for shares, cost in json.loads(position.lots)]


def sell_lots(lots: list[Lot], shares: Decimal, venue: Venue) -> tuple[list[Lot], Decimal]:
    """The lots left after selling from the oldest on, and the cost of what went. Raises Unsafe when more is sold than held."""
    left: list[Lot] = []
    cost_gone = ZERO
    for lot in lots:
        part = min(lot.shares, shares)
        shares -= part
        cost = lot.cost if part == lot.shares else in_units(lot.cost * part / lot.shares, venue)
        cost_gone += cost
        if part < lot.shares:
            left.append(Lot(lot.shares - part, lot.cost - cost))
    if shares > 0:
        raise Unsafe(f"{shares} shares more were sold than the ledger holds: compare it with the venue before trading on")
    return left, cost_gone


def _place(entry: Entry) -> tuple[datetime, bool, datetime, int, int, str]:
    if isinstance(entry, Settlement):
        return entry.settled_at, True, entry.settled_at, 0, 0, ""
    return entry.filled_at, False, entry.sent_at, entry.sequence, entry.level, entry.fill_id


def _after_fill(position: Position | None, fill: Fill) -> Position:
    """Its first fill opens a position, and so does the first after it was closed."""
    if fill.kind is FillKind.WRITE_OFF:
        return _written_off(position, fill)
    position = _reopened(position, fill.filled_at) if position else _open(fill)
    lots = lots_of(position)
    if fill.side is Side.BUY:
        lots.append(Lot(fill.shares, fill.notional + fill.fee))
        gain = ZERO
        position = replace(position, bought_shares=position.bought_shares + fill.shares)
    else:
        lots, cost_gone = sell_lots(lots, fill.shares, fill.venue)
        gain = fill.notional - fill.fee - cost_gone
        position = replace(position, exit_reason=fill.reason)
    return _with_lots(replace(position, fees=position.fees + fill.fee), lots, gain, fill.filled_at)


def _written_off(position: Position | None, fill: Fill) -> Position:
    """As much of it as is still there: a sale that came late may have taken what was nothing."""
    if position is None:
        return _open(fill)
    lots = lots_of(position)
    left, cost_gone = sell_lots(lots, min(fill.shares, position.shares), position.venue)
    return _with_lots(position, left, -cost_gone, fill.filled_at) if lots else position


def _after_settlement(position: Position | None, settlement: Settlement) -> tuple[Position | None, Settlement]:
    """All that is left is paid, redeemed or not. Of nothing, nothing."""
    if position is None or not position.shares:
        return position, replace(settlement, shares=ZERO, realized_pnl=ZERO)
    gain = in_units(position.shares * settlement.payout, position.venue) - position.cost
    over = replace(position, exit_reason=Reason.MARKET_RESOLVED)
    return _with_lots(over, [], gain, settlement.settled_at), replace(settlement, shares=position.shares, realized_pnl=gain)


def settlement_of(position: Position, payout: Decimal, settled_at: datetime) -> Settlement:
    """The entry by which a position ends with its market, at `payout` USD a share. What it ends is derived."""
    return Settlement(
        strategy_id=position.strategy_id,
        leader=position.leader,
        market_id=position.market_id,
        token_id=position.token_id,
        shares=ZERO,
        payout=payout,
        realized_pnl=ZERO,
        settled_at=settled_at,
    )


def _reopened(position: Position, at: datetime) -> Position:
    """What is bought again after all was gone has an age, a size and a result of its own."""
    if position.closed_at is None:
        return position
    return replace(position, opened_at=at, bought_shares=ZERO, realized_before=position.realized_pnl, exit_reason=None)


def _open(fill: Fill) -> Position:
    return Position(
        strategy_id=fill.strategy_id,
        venue=fill.venue,
        leader=fill.leader,
        market_id=fill.market_id,
        token_id=fill.token_id,
        outcome=fill.outcome,
        category=fill.category,
        shares=ZERO,
        cost=ZERO,
        realized_pnl=ZERO,
        fees=ZERO,
        lots="[]",
        opened_at=fill.filled_at,
        updated_at=fill.filled_at,
        closed_at=None,
    )


def _with_lots(position: Position, lots: list[Lot], gain: Decimal, at: datetime) -> Position:
    return replace(
        position,
        shares=sum((lot.shares for lot in lots), ZERO),
        cost=sum((lot.cost for lot in lots), ZERO),
        realized_pnl=position.realized_pnl + gain,
        lots=json.dumps([[_plain(lot.shares), _plain(lot.cost)] for lot in lots]),
        updated_at=at,
        closed_at=None if lots else at,
    )


def _plain(number: Decimal) -> str:
    """Every digit, and no zeros behind the last one: columns have eighteen decimals, lots have what they have."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
