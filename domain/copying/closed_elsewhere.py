"""Which of the operator's own sales at the venue the ledger follows, and whose shares they were. Pure.

The wallet says how much is gone, the account's trades say how. What the wallet holds beyond the ledger is the operator's own: his sales
take that first, and only what the ledger then lacks is adopted. So no sale is adopted that the ledger knows already.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from data_contracts import Fill, FillKind, HandTrade, Position, Reason
from data_contracts.words import STAKE_OF
from domain.copying.amounts import UNIT_OF, in_units
from domain.copying.fills import sale_of
from domain.copying.ledger import key_of
from domain.ids import row_id

NOTHING = Decimal(0)
SHARE_UNIT = Decimal("0.000001")


def adopted_parts(
    sales: Iterable[HandTrade], adopted: Mapping[str, Decimal], lacking: Decimal, held: Sequence[Position]
) -> list[tuple[HandTrade, Decimal]]:
    """The sales that explain what is lacking, the latest first, each with its part. `adopted`: shares by `order_id` the ledger has of them.

    What was bought after a sale was not sold by it.
    """
    parts: list[tuple[HandTrade, Decimal]] = []
    for sale in sorted(sales, key=lambda one: (one.traded_at, one.trade_id, one.level), reverse=True):
        gone = sum((shares for _, shares in parts), NOTHING)
        there = sum((one.shares for one in open_before(sale, held)), NOTHING)
        shares = min(sale.shares - adopted.get(sale.order_id, NOTHING), lacking - gone, there - gone)
        if shares > 0:
            parts.append((sale, shares))
    return parts


def open_before(sale: HandTrade, held: Iterable[Position]) -> list[Position]:
    """Those that held something when it was sold."""
    return [one for one in held if one.opened_at <= sale.traded_at]


def fills_by_hand(sale: HandTrade, shares: Decimal, before: Decimal, held: Sequence[Position]) -> list[Fill]:
    """The sale of so many of its shares, of each position in proportion to what it holds; every sum is exact. `before`: adopted already.

    Its USD and fee are cut by the same parts.
    """
    parts = in_proportion(shares, [one.shares for one in held], SHARE_UNIT)
    whole = shares / sale.shares
    totals = (in_units(sale.notional * whole, sale.venue), in_units((sale.fee or NOTHING) * whole, sale.venue))
    paid, charged = (in_proportion(total, parts, UNIT_OF[STAKE_OF[sale.venue]]) for total in totals)
    cut = zip(held, parts, paid, charged, strict=True)
    return [_fill(sale, position, part, money, cost, before) for position, part, money, cost in cut if part > 0]


def in_proportion(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """The total, a multiple of the unit, cut by these weights: each part rounded down, and a unit more for those that lost most by it.

    So no part of `total` shares is more than its weight, as long as the total is not more than all of them.
    """
    weight = sum(weights, NOTHING)
    exact = [total * one / weight for one in weights]
    parts = [one.quantize(unit, ROUND_DOWN) for one in exact]
    left = int((total - sum(parts, NOTHING)) / unit)
    for index in sorted(range(len(parts)), key=lambda one: parts[one] - exact[one])[:left]:
        parts[index] += unit
    return parts


def _fill(sale: HandTrade, position: Position, shares: Decimal, usd: Decimal, fee: Decimal, before: Decimal) -> Fill:
    return sale_of(
        position,
        row_id("by hand", sale.order_id, before, *key_of(position)),
        sale.order_id,
        FillKind.BY_HAND,
        price=sale.price,
        shares=shares,
        notional=usd,
        fee=fee,
        filled_at=sale.traded_at,
        reason=Reason.CLOSED_ELSEWHERE,
    )
