"""Marks what we hold at what its books say, and settles what resolved. One step of a cycle, before it asks how we stand."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.connect import executes_here, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Instrument, Order, Position
from data_contracts.errors import Unsafe
from data_contracts.words import OPEN_ORDERS
from domain.copying.ledger import Entry, PositionKey, fold, is_near_nothing, key_of, settlement_of
from domain.copying.marking import MarkedPosition
from tasks.copying.booking import Log, answer_for, append
from tasks.copying.instruments import at_hand, keep_for_exits
from tasks.copying.marks import look_at_books, read_marked
from tasks.copying.sound_rows import readable_rows, set_broken_aside, sound_rows, unreadable
from tasks.copying.unread import unread
from tasks.copying.venues import books_of, together_in_one, tokens_of
from tasks.copying.watermarks import MARKS, move_watermark, read_watermark
from tasks.steps import step
from tasks.together import together

ASK_AGAIN = timedelta(minutes=2)  # how late we may hear that a held token's market resolved before its end
MARKS_APART = timedelta(seconds=20)  # while something posted waits; by the schedule of thirty seconds they are never skipped twice
ONCE_A_CYCLE = timedelta(microseconds=1)
log = logging.getLogger("walletflow.settling")


@step
def settle_positions(settings: Settings, as_of: datetime) -> list[MarkedPosition]:
    """The open positions as `mark_and_settle` leaves them, where nobody is assessed."""
    return mark_and_settle(settings, as_of)


@step
def resolved_positions(settings: Settings, as_of: datetime) -> list[tuple[Position, Decimal]]:
    """What we hold of markets that resolved, and what a share pays; by what is known of them now, asked for again where that is old."""
    held = [position for position in readable_rows(open_results(settings), Position, closed_at=None) if position.shares > 0]
    instruments = at_hand(tokens_of(held), settings, as_of, _ended_first(as_of)) if held else {}
    pays = {token_id: payout for token_id, instrument in instruments.items() if (payout := _payout(instrument, as_of)) is not None}
    return [(position, pays[position.token_id]) for position in held if position.token_id in pays]


def mark_and_settle(settings: Settings, as_of: datetime) -> list[MarkedPosition]:
    """The open positions at today's marks, after those whose market resolved are settled and stored.

    Where orders are not executed they are only read: marks have one writer. So they are where something posted waits, and they are young.
    """
    results = open_results(settings)
    held = [position for position in _open_positions(results, settings, as_of) if position.shares > 0]
    if not held or not executes_here(settings) or _waits_behind_young_marks(results, as_of):
        return read_marked(results, held)
    tokens = tokens_of(held)
    instruments, books = together(lambda: at_hand(tokens, settings, as_of, _ended_first(as_of)), lambda: books_of(tokens, settings, as_of))
    keep_for_exits(instruments.values(), settings)
    over = _settle(held, instruments, results, settings, as_of)
    left = [position for position in held if key_of(position) not in over]
    shown = [position for position in left if position.venue in books]  # where nobody answers, a mark stays what it was
    unseen = read_marked(results, [position for position in left if position.venue not in books])
    results.write([move_watermark(MARKS, as_of)])
    return [*look_at_books(shown, instruments, together_in_one(books), results, as_of), *unseen]


def _waits_behind_young_marks(results: Results, as_of: datetime) -> bool:
    """To ask for the books of ten coins takes longer than to judge what was delivered."""
    marked_at = read_watermark(results, MARKS) if unread(results) else None
    return marked_at is not None and marked_at > as_of - MARKS_APART


def _open_positions(results: Results, settings: Settings, as_of: datetime) -> list[Position]:
    """One that cannot be read is derived from its fills once more: they are the truth, and it is not."""
    positions, broken = sound_rows(results, Position, closed_at=None)
    if not broken or not executes_here(settings):
        return positions
    log.error("positions cannot be read and are derived anew: %s", unreadable(Position, broken))
    set_broken_aside(Position, broken, results, as_of)
    keys = [(record["strategy_id"], record["leader"], record["token_id"]) for record in (one.record for one in broken)]
    answer_for(append(results, keys, lambda store, known: (), settings, as_of), settings, as_of)
    return readable_rows(results, Position, closed_at=None)


def _settle(
    held: Iterable[Position], instruments: Mapping[str, Instrument], results: Results, settings: Settings, as_of: datetime
) -> Collection[PositionKey]:
    """Ends the positions whose market resolved, and those of which no more is left than nothing. The keys of what is over."""
    payouts = {token_id: payout for token_id, instrument in instruments.items() if (payout := _payout(instrument, as_of)) is not None}
    keys = {key_of(one) for one in held if one.token_id in payouts or is_near_nothing(one, _increment(instruments.get(one.token_id)))}
    if not keys:
        return keys
    booked = append(results, keys, lambda store, known: _settlements(store, known, payouts, as_of), settings, as_of)
    answer_for(booked, settings, as_of)
    return {key_of(position) for position in booked.positions if position.closed_at is not None}


def _settlements(store: Results, known: Log, payouts: Mapping[str, Decimal], as_of: datetime) -> Iterable[Entry]:
    """One for each position of a resolved market that still holds something, and for which no answer is awaited."""
    awaited = _awaited(store, [key for key in known if key[2] in payouts])
    for key, entries in known.items():
        position = _position(entries) if key[2] in payouts and key not in awaited else None
        if position is not None and position.shares > 0:
            yield settlement_of(position, payouts[key[2]], as_of)


def _position(entries: Iterable[Entry]) -> Position | None:
    """None as well where it cannot be derived, which is answered for where it is booked."""
    try:
        derived = fold(entries)
    except (Unsafe, ArithmeticError):
        return None
    return derived.position if derived else None


def _awaited(results: Results, keys: Sequence[PositionKey]) -> set[PositionKey]:
    """What an order without a final answer may still change: its fill belongs before the settlement."""
    if not keys:
        return set()
    return set(results.read(Order, only=["strategy_id", "leader", "token_id"], status=OPEN_ORDERS).iter_rows())


def _ended_first(as_of: datetime) -> Callable[[Instrument], timedelta]:
    """Asked for in every cycle from their end on, also those that tell none: to ask for all of them takes a second at the venue."""
    return lambda instrument: ONCE_A_CYCLE if instrument.ends_at is None or instrument.ends_at <= as_of else ASK_AGAIN


def _increment(instrument: Instrument | None) -> Decimal:
    return instrument.share_increment if instrument else Decimal(0)


def _payout(instrument: Instrument, as_of: datetime) -> Decimal | None:
    return instrument.payout if instrument.ended_at and instrument.ended_at <= as_of else None
