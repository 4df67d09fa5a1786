"""What a share is worth: one judgement for equity, risk, stops and every page. A book nobody could trade on is no evidence, for a while."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from data_contracts import Doubt, Instrument, Mark, Peak, Position, Side
from domain.copying.amounts import PRICE_UNIT, in_units, rounded
from domain.copying.book import Book
from domain.copying.ledger import PositionKey, key_of

NOTHING = Decimal(0)
OWN = tuple(field.name for field in fields(Position))
OWN_VALUES = attrgetter(*OWN)
# Polymarket itself shows the middle up to a spread of 0.10. Source: https://docs.polymarket.com/polymarket-learn/trading/how-are-prices-calculated
WIDEST, WIDEST_PART = (
    Decimal("0.10"),
    Decimal("0.5"),
)  # of the most a share is ever worth, or of a dearer price; never half of the middle
JUMP, JUMP_TICKS = Decimal("0.20"), 4  # of the same; or half or twice the last price if that is more than some ticks
SECOND_LOOK = timedelta(seconds=10)  # a jump in a good book is believed by the next look
PATIENCE = timedelta(minutes=2)  # what nobody could trade on is believed when it has been so for this long


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPosition(Position):
    """A position with what a share of it is worth, None while nobody knows, the most it was since it was opened, and what is traded."""

    mark_price: Decimal | None = None
    peak_price: Decimal | None = None
    instrument: Instrument | None = None

    @property
    def highest_payout(self) -> Decimal | None:
        """The most a share can be worth; None where nothing bounds it, or nobody knows."""
        return self.instrument.highest_payout if self.instrument else None

    @property
    def never_ends(self) -> bool:
        """Whether nothing ends it but its death: no payout is ever due."""
        return self.instrument is not None and ends_never(self.instrument)

    @property
    def share_increment(self) -> Decimal:
        """The fewest shares that can be sold; 0 where nobody knows."""
        return self.instrument.share_increment if self.instrument else NOTHING

    @property
    def worth(self) -> Decimal:
        """Stake: at the mark; at cost without one."""
        return self.cost if self.mark_price is None else in_units(self.shares * self.mark_price, self.venue)

    @property
    def unrealized_pnl(self) -> Decimal | None:
        """Stake; None without a mark."""
        return None if self.mark_price is None else self.worth - self.cost


@dataclass(frozen=True, slots=True)
class Scale:
    """What is small and what is far in a token's books. `whole`: the most a share can be worth, 0 where nothing bounds it.

    `smallest_order`: stake; bids of less in all are none.
    """

    tick: Decimal
    whole: Decimal
    smallest_order: Decimal


def scale_of(instrument: Instrument | None) -> Scale:
    """The scale of an instrument; without one the finest there is, on which most is far: what is doubted is believed later."""
    if instrument is None:
        return Scale(NOTHING, NOTHING, NOTHING)
    return Scale(instrument.price_increment, instrument.highest_payout or NOTHING, instrument.min_notional)


def ends_never(instrument: Instrument) -> bool:
    """A coin has no end of its own, and no most that it is worth."""
    return instrument.highest_payout is None and instrument.ends_at is None and instrument.ended_at is None


def quote_of(book: Book | None, last: Decimal | None, scale: Scale) -> tuple[Decimal, Doubt | None]:
    """What a share is worth by this book, and why that is no evidence if it is not: the middle of a good book, the bid of another."""
    bid, ask = (book.best(Side.SELL), book.best(Side.BUY)) if book else (None, None)
    if book is None or bid is None:
        return NOTHING, Doubt.NO_BIDS
    if sum(level.price * level.shares for level in book.bids) < scale.smallest_order:
        return bid, Doubt.THIN
    if ask is None or _is_wide(bid, ask, scale):
        return bid, Doubt.WIDE
    if bid > ask:
        return bid, Doubt.CROSSED
    middle = rounded((bid + ask) / 2, PRICE_UNIT)
    return middle, Doubt.JUMP if last is not None and _is_jump(last, middle, scale) else None


def mark_token(before: Mark | None, token_id: str, book: Book | None, scale: Scale, as_of: datetime) -> Mark:
    """The mark after a look at a book; the very same row when nothing of it moved."""
    mark = before or Mark(token_id=token_id, price=None, marked_at=None, doubt=None, doubted_price=None, doubted_at=None)
    price, doubt = quote_of(book, mark.price, scale)
    if doubt is None:
        return _priced(mark, price, as_of)
    if mark.doubted_price is None or mark.doubted_at is None or not _agree(mark.price, mark.doubted_price, price):
        return replace(mark, doubt=doubt, doubted_price=price, doubted_at=as_of)
    if as_of - mark.doubted_at < _patience(doubt):
        return mark if mark.doubt is doubt else replace(mark, doubt=doubt)
    agreed = price if mark.price is None else min(price, mark.doubted_price, key=lambda one: abs(one - (mark.price or NOTHING)))
    still = replace(_priced(mark, agreed, as_of), doubt=doubt, doubted_price=price, doubted_at=mark.doubted_at)
    return _priced(mark, agreed, as_of) if doubt is Doubt.JUMP and agreed == price else mark if still == mark else still


def next_look(mark: Mark) -> datetime | None:
    """From when on the next look may believe what it doubts; None without a doubt."""
    return None if mark.doubted_at is None else mark.doubted_at + _patience(mark.doubt)


def mark_of(position: MarkedPosition) -> Mark:
    """The mark a position was valued at."""
    return Mark(token_id=position.token_id, price=position.mark_price, marked_at=None, doubt=None, doubted_price=None, doubted_at=None)


def peak_of(position: Position, price: Decimal | None, before: Peak | None) -> Peak | None:
    """The highest mark since this opening of the position."""
    own = before if before is not None and before.opened_at == position.opened_at else None
    if price is None or (own is not None and price <= own.price):
        return own
    strategy_id, leader, token_id = key_of(position)
    return Peak(strategy_id=strategy_id, leader=leader, token_id=token_id, opened_at=position.opened_at, price=price)


def with_marks(
    positions: Iterable[Position],
    marks: Mapping[str, Mark],
    peaks: Mapping[PositionKey, Peak],
    instruments: Mapping[str, Instrument],
) -> list[MarkedPosition]:
    """Positions as everybody values them."""
    return [
        _with_mark(position, marks.get(position.token_id), peaks.get(key_of(position)), instruments.get(position.token_id))
        for position in positions
    ]


def marked_as(position: Position, before: MarkedPosition) -> MarkedPosition:
    """A position as it was valued a moment before."""
    own = dict(zip(OWN, OWN_VALUES(position), strict=True))
    highest = before.peak_price if before.opened_at == position.opened_at else None
    return MarkedPosition(**own, mark_price=before.mark_price, peak_price=highest, instrument=before.instrument)


def _with_mark(position: Position, mark: Mark | None, peak: Peak | None, instrument: Instrument | None) -> MarkedPosition:
    own = dict(zip(OWN, OWN_VALUES(position), strict=True))
    is_own = peak is not None and peak.opened_at == position.opened_at
    price, highest = mark.price if mark else None, peak.price if peak and is_own else None
    return MarkedPosition(**own, mark_price=price, peak_price=highest, instrument=instrument)


def _priced(mark: Mark, price: Decimal, as_of: datetime) -> Mark:
    since = mark.marked_at if mark.price == price else as_of
    return replace(mark, price=price, marked_at=since, doubt=None, doubted_price=None, doubted_at=None)


def _patience(doubt: Doubt | None) -> timedelta:
    return SECOND_LOOK if doubt is Doubt.JUMP else PATIENCE


def _agree(last: Decimal | None, doubted: Decimal, price: Decimal) -> bool:
    """Whether two looks in a row say the same: both that it fell, or both that it rose."""
    return last is None or (doubted - last) * (price - last) > 0 or doubted == price


def _is_wide(bid: Decimal, ask: Decimal, scale: Scale) -> bool:
    middle = (bid + ask) / 2
    return ask - bid > 2 * scale.tick and ask - bid > min(WIDEST * max(scale.whole, middle), WIDEST_PART * middle)


def _is_jump(last: Decimal, price: Decimal, scale: Scale) -> bool:
    moved = abs(price - last)
    far = moved > JUMP * max(scale.whole, last) or price < last / 2 or price > last * 2
    return far and moved > JUMP_TICKS * scale.tick
