"""Complete sets: a share of each outcome of a market is worth a USD, now and without the venue's fee."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from data_contracts import Fill, FillKind, Position
from domain.copying.fills import sale_of
from domain.copying.ledger import ZERO
from domain.ids import row_id

UNIT = Decimal("0.000001")


def sets_of(one: Decimal, other: Decimal) -> Decimal:
    """Complete sets that so many shares of each outcome make."""
    return min(one, other).quantize(UNIT, ROUND_DOWN)


def unbooked(ledger: tuple[Decimal, Decimal], chain: tuple[Decimal, Decimal]) -> Decimal:
    """Sets that were merged and are not in the ledger: only a merge takes as much from both outcomes."""
    return max(ZERO, min(ledger[0] - chain[0], ledger[1] - chain[1]))


def merge_fills(positions: Sequence[tuple[Sequence[Position], Decimal]], sets: Decimal, name: str, as_of: datetime) -> list[Fill]:
    """The sale of `sets` shares of each outcome: per outcome its positions, the oldest first, and the price its share of the USD."""
    return [fill for held, price in positions for fill in _sold(held, sets, price, name, as_of)]


def _sold(held: Iterable[Position], sets: Decimal, price: Decimal, name: str, as_of: datetime) -> Iterable[Fill]:
    for position in sorted(held, key=lambda position: (position.opened_at, position.strategy_id, position.leader)):
        shares = min(position.shares, sets)
        sets -= shares
        if shares > 0:
            yield sale_of(
                position,
                row_id("merge", name, position.strategy_id, position.leader, position.token_id),
                row_id("merge", name),
                FillKind.MERGE,
                price=price,
                shares=shares,
                notional=(shares * price).quantize(UNIT, ROUND_DOWN),
                fee=ZERO,
                filled_at=as_of,
            )
