"""The visible order book of one token, and what an order would get from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter

from data_contracts import Side

DIGITS = range(-18, 20)  # places of the first digit that a column of ours can hold; 1e9999999 shares at 0.50 overflow Decimal itself


@dataclass(frozen=True, slots=True)
class Level:
    """Shares on offer at one price."""

    price: Decimal
    shares: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """Best price first on either side."""

    token_id: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    def facing(self, side: Side) -> tuple[Level, ...]:
        """The side an order of ours would take from."""
        return self.asks if side is Side.BUY else self.bids

    def best(self, side: Side) -> Decimal | None:
        """The price an order of ours would meet first; None when nobody is there."""
        levels = self.facing(side)
        return levels[0].price if levels else None


def book_of(token_id: str, bids: Iterable[Level], asks: Iterable[Level], price_below: Decimal | None = None) -> Book:
    """A book of levels in any order, without those that are none: no shares, no price, a price the token cannot have.

    Lines of one price are one level.
    """
    bid, asked = (_by_price(level for level in side if _is_level(level, price_below)) for side in (bids, asks))
    return Book(token_id, bid[::-1], asked)


def _by_price(levels: Iterable[Level]) -> tuple[Level, ...]:
    """The lowest first, each price once."""
    lines = sorted(levels, key=attrgetter("price"))
    is_once = all(one.price != after.price for one, after in pairwise(lines))
    return tuple(lines) if is_once else tuple(Level(price, shares) for price, shares in _summed(lines).items())


def _summed(levels: Iterable[Level]) -> dict[Decimal, Decimal]:
    """Price → shares."""
    shares: dict[Decimal, Decimal] = defaultdict(Decimal)
    for level in levels:
        shares[level.price] += level.shares
    return shares


def _is_level(level: Level, price_below: Decimal | None) -> bool:
    """A best bid of 0.97 x 0 shares once made a mark, a peak, and an exit from a position that had never risen."""
    if not (_is_kept(level.price) and _is_kept(level.shares)):
        return False
    return level.shares > 0 and level.price > 0 and (price_below is None or level.price < price_below)


def _is_kept(number: Decimal) -> bool:
    return number.is_finite() and number.adjusted() in DIGITS


def takes(levels: Sequence[Level], side: Side, shares: Decimal, limit_price: Decimal) -> list[Level]:
    """What a fill-and-kill order gets, level by level: never past its limit, never more than is there."""
    taken: list[Level] = []
    for level in levels:
        if shares <= 0 or (level.price > limit_price if side is Side.BUY else level.price < limit_price):
            break
        part = min(shares, level.shares)
        if part > 0:  # a level may be empty: no shares are no fill
            taken.append(Level(level.price, part))
            shares -= part
    return taken


def without(levels: Sequence[Level], taken: Sequence[Level]) -> tuple[Level, ...]:
    """The levels after `taken` left them: what the next order of the same cycle finds."""
    gone = _summed(taken)
    left = (Level(price, shares - gone.get(price, Decimal(0))) for price, shares in _summed(levels).items())
    return tuple(level for level in left if level.shares > 0)
