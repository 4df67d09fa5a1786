"""What a wallet holds of a coin, what it cost and what it realized: by average cost, and first in first out. All amounts are raw.

What came by transfer has a cost nobody knows: it is held, it can be sold, and neither its proceeds nor a cost of it are realized. Rounding
is downwards and what it leaves stays with the lots, so that in the end every lamport was realized or left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.solana.programs import LAMPORTS

NEAR_NOTHING = 50  # a fiftieth of the most that was held, or less: what a sale leaves of that is nothing


@dataclass(frozen=True, slots=True)
class HoldingPolicy:
    """`least_spent`: less than so many lamports buys nothing whose cost means something. Deposits and fees are of that size."""

    least_spent: int = LAMPORTS // 100


@dataclass(frozen=True, slots=True)
class Lot:
    """Coins that came together, and what they cost; None where nobody knows."""

    raw: int
    cost: int | None


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a wallet did with coins, in lamports all told: what it paid with all costs, or what it was left with.

    Without `lamports` it was a coin for a coin where it has both `gave` and `got`, else a transfer; or it `is_unpriced`: traded for dollars
    of which nobody knows what they were worth in SOL.
    """

    gave: str | None
    gave_raw: int
    got: str | None
    got_raw: int
    lamports: int | None = None
    is_unpriced: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """One coin of one wallet. `average_cost` and `known_raw` are the average method's; lots are the other's."""

    lots: tuple[Lot, ...] = ()
    known_raw: int = 0
    average_cost: int = 0
    realized_pnl: int = 0  # by average cost
    realized_first_in: int = 0
    paid: int = 0
    received: int = 0
    most_raw: int = 0  # held at once since it last held nothing
    sold_of_unknown_cost: int = 0  # or for a price nobody knows

    @property
    def raw(self) -> int:
        return sum(lot.raw for lot in self.lots)

    @property
    def is_closed(self) -> bool:
        """Nothing is left, or next to nothing."""
        return self.raw * NEAR_NOTHING <= self.most_raw

    @property
    def is_unbacked(self) -> bool:
        """Something was sold that nobody saw coming: its result is not known."""
        return self.sold_of_unknown_cost > 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What left a holding: of known cost and not, and that cost by either method."""

    raw: int
    known_raw: int
    cost: int
    known_first_in: int
    first_in_cost: int


NOTHING = Holding()
Holdings = Mapping[str, Holding]


def fold(deeds: Iterable[Deed], policy: HoldingPolicy = HoldingPolicy()) -> dict[str, Holding]:
    """By mint, after these deeds in their order."""
    holdings: dict[str, Holding] = {}
    for deed in deeds:
        holdings |= after(holdings, deed, policy)
    return holdings


def after(holdings: Holdings, deed: Deed, policy: HoldingPolicy) -> dict[str, Holding]:
    """The holdings that a deed changed."""
    gave, got = holdings.get(deed.gave or "", NOTHING), holdings.get(deed.got or "", NOTHING)
    if deed.gave is not None and deed.got is not None:
        return {deed.gave: _without(gave, deed.gave_raw), deed.got: _with_carried(got, deed.got_raw, take(gave, deed.gave_raw))}
    if deed.gave is not None:
        return {deed.gave: _given(gave, deed)}
    cost = deed.lamports if deed.lamports is not None and deed.lamports >= policy.least_spent else None
    return {} if deed.got is None else {deed.got: _bought(got, deed.got_raw, cost)}


def _given(holding: Holding, deed: Deed) -> Holding:
    if deed.lamports is not None:
        return _sold(holding, deed.gave_raw, deed.lamports)
    left = _without(holding, deed.gave_raw)
    return replace(left, sold_of_unknown_cost=left.sold_of_unknown_cost + deed.gave_raw) if deed.is_unpriced else left


def take(holding: Holding, raw: int) -> Taken:
    """So many coins, or all there are."""
    held = holding.raw
    raw = min(raw, held)
    known = raw * holding.known_raw // held if held else 0
    cost = holding.average_cost * known // holding.known_raw if known else 0
    parts = _first_in(holding.lots, raw)
    known_parts = [part for part in parts if part.cost is not None]
    return Taken(raw, known, cost, sum(part.raw for part in known_parts), sum(part.cost or 0 for part in known_parts))


def _first_in(lots: Iterable[Lot], raw: int) -> list[Lot]:
    """The oldest so many."""
    parts = []
    for lot in lots:
        part = min(lot.raw, raw)
        raw -= part
        parts.append(Lot(part, None if lot.cost is None else lot.cost * part // lot.raw))
    return [part for part in parts if part.raw]


def _without(holding: Holding, raw: int) -> Holding:
    """After so many left it, with their cost."""
    taken = take(holding, raw)
    parts = iter(_first_in(holding.lots, taken.raw))
    left = []
    for lot in holding.lots:
        part = next(parts, Lot(0, 0))
        cost = None if lot.cost is None else lot.cost - (part.cost or 0)
        left.append(Lot(lot.raw - part.raw, cost))
    return replace(
        holding,
        lots=tuple(lot for lot in left if lot.raw),
        known_raw=holding.known_raw - taken.known_raw,
        average_cost=holding.average_cost - taken.cost,
    )


def _sold(holding: Holding, raw: int, lamports: int) -> Holding:
    """Proceeds belong to what was held, by the coin. More than was held is what nobody saw coming: all proceeds are for what was."""
    taken = take(holding, raw)
    known, first_in = (lamports * part // taken.raw if taken.raw else 0 for part in (taken.known_raw, taken.known_first_in))
    return replace(
        _without(holding, raw),
        realized_pnl=holding.realized_pnl + known - taken.cost,
        realized_first_in=holding.realized_first_in + first_in - taken.first_in_cost,
        received=holding.received + lamports,
        sold_of_unknown_cost=holding.sold_of_unknown_cost + raw - taken.known_raw,
    )


def _bought(holding: Holding, raw: int, cost: int | None) -> Holding:
    """Also what came by transfer, at a cost nobody knows."""
    known_raw = 0 if cost is None else raw
    held = holding.raw + raw
    return replace(
        holding,
        lots=(*holding.lots, Lot(raw, cost)) if raw else holding.lots,
        known_raw=holding.known_raw + known_raw,
        average_cost=holding.average_cost + (cost or 0),
        paid=holding.paid + (cost or 0),
        most_raw=max(held, holding.most_raw if holding.raw else 0),
    )


def _with_carried(holding: Holding, raw: int, taken: Taken) -> Holding:
    """A coin for a coin realizes nothing: the new one cost what the old one did, as far as that is known."""
    known, first_in = (raw * part // taken.raw if taken.raw else 0 for part in (taken.known_raw, taken.known_first_in))
    lots = [Lot(first_in, taken.first_in_cost), Lot(raw - first_in, None)]
    bought = _bought(holding, raw, None)
    return replace(
        bought,
        lots=(*holding.lots, *(lot for lot in lots if lot.raw)),
        known_raw=holding.known_raw + known,
        average_cost=holding.average_cost + taken.cost,
    )
