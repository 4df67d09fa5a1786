"""Orders go to the venue, and what it answers comes back as fills. What has no answer yet is asked about first."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

import polars as pl

from adapters.connect import VENUES, executes_here, open_results, open_venue
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from adapters.venues.venue import Answer
from adapters.venues.venue import Venue as OrderTaker
from data_contracts import Fill, Instrument, Order, OrderStatus, Position, Reason, Side, SwapReceipt, TradingState, Venue
from data_contracts.errors import Refused, Unavailable, Unsafe
from data_contracts.frames import frame_of, rows_of
from data_contracts.words import OPEN_ORDERS, OPEN_STATUSES
from domain.copying.contradictions import contradiction
from domain.copying.fills import shares_gained
from domain.copying.leader_words import REASONS, LeaderWords
from domain.copying.ordering import refitted
from domain.copying.recovery import Fate, fate_of, may_happen_alone
from domain.copying.risk.permission import Permission
from domain.ids import row_id
from tasks.copying.executors_guard import note_money, sealed, within_money, without_forged
from tasks.copying.instruments import asked_anew, at_hand
from tasks.copying.leader_words import read_leader_words
from tasks.copying.permissions import permissions
from tasks.copying.signing import sign_order, sign_unsigned
from tasks.copying.sound_rows import readable_rows
from tasks.copying.venues import ask_each, tokens_of
from tasks.log_ids import ids
from tasks.operating.trading_halt import halt_for
from tasks.steps import step

SILENCES = 3  # questions in a row without an answer, each of which may take ten seconds: then the venue is away
CONTRADICTED = (Reason.MARKET_CHANGED, Reason.VENUE_INVALID_ORDER)
Answered = Sequence[tuple[Order, Answer]]
log = logging.getLogger("walletflow.executing")


@dataclass(frozen=True, slots=True)
class Execution:
    """Order rows as they stand after the venue's answer, and the Fill rows it gave. `before`: by id, the orders as they were until then."""

    orders: pl.DataFrame
    fills: pl.DataFrame
    before: Mapping[str, Order] = field(default_factory=dict)


@step
def post_orders(orders: pl.DataFrame, settings: Settings, as_of: datetime) -> Execution:
    """Posts what is PENDING. Where no key is, orders stay on record for the worker that has it."""
    pending = [order for order in rows_of(orders, Order) if order.status is OrderStatus.PENDING]
    return _posted(_as_on_record([order for order in pending if executes_here(settings, order.venue)], settings), settings, as_of)


def _as_on_record(orders: Sequence[Order], settings: Settings) -> list[Order]:
    """Another cycle at work may have stored them first, with another limit, or be done with them: what is on record is what leaves."""
    if not orders:
        return []
    stored = {order.order_id: order for order in open_results(settings).rows(Order, order_id=[order.order_id for order in orders])}
    known = [stored.get(order.order_id, order) for order in orders]
    return [order for order in known if order.status is OrderStatus.PENDING]


def has_open_orders(settings: Settings) -> bool:
    """Whether an order has no answer on record. In doubt it has: who recovers them asks more than once."""
    try:
        return bool(open_results(settings).records(Order, status=OPEN_ORDERS))
    except Unavailable:
        return True


@step
def recover_orders(settings: Settings, as_of: datetime) -> Execution:
    """Orders an earlier cycle left without an answer: the venue is asked about each before anything else is done.

    What it never saw is sent again, as long as that still makes sense; what it did see is booked, never sent twice. A BUY waits as long as
    another order of its token stays unknown. What expires may happen until then, wanted or not, and is over for certain afterwards.
    """
    here = [venue.value for venue in VENUES if executes_here(settings, venue)]
    left = readable_rows(open_results(settings), Order, status=OPEN_ORDERS, venue=here) if here else []
    if not left:
        return _execution([], settings, as_of)
    log.warning("%d orders have no answer on record", len(left))
    honest = without_forged(left, settings, as_of)
    instruments = at_hand(tokens_of(honest.going), settings, as_of)
    left = [order for order in honest.going if order.token_id in instruments]
    asks = {name: partial(_all_found, name, own, instruments, settings, as_of) for name, own in _by_venue(left).items()}
    found = [one for told in ask_each(asks, settings, as_of).values() for one in told]
    answered = [(order, answer) for order, answer in found if answer is not None]
    never_seen = [order for order, answer in found if answer is None]
    fates = {order.order_id: fate_of(order, as_of) for order in never_seen}
    told = {order.order_id for order, _ in found}
    in_doubt = [order for order, answer in answered if answer.status is OrderStatus.UNKNOWN]
    unknown = {(order.strategy_id, order.token_id) for order in (*in_doubt, *(one for one in left if one.order_id not in told))}
    frozen = [order for order in never_seen if order.side is Side.BUY and (order.strategy_id, order.token_id) in unknown]
    again = [order for order in never_seen if fates[order.order_id] is Fate.AGAIN and order not in frozen]
    resent = _posted(_without_those_to_leave_alone(again, settings), settings, as_of)
    over = [order for order in never_seen if fates[order.order_id] is Fate.OVER]
    given_up = [(order, Answer(order.order_id, OrderStatus.REFUSED, reason=Reason.VENUE_NEVER_SAW_IT)) for order in over]
    known = _execution([*answered, *given_up, *honest.denied], settings, as_of)
    return Execution(pl.concat([known.orders, resent.orders]), pl.concat([known.fills, resent.fills]), {**known.before, **resent.before})


def _all_found(
    name: Venue, orders: Sequence[Order], instruments: Mapping[str, Instrument], settings: Settings, as_of: datetime
) -> list[tuple[Order, Answer | None]]:
    """Those that the venue tells of, in their order: one that it cannot tell of holds up no other.

    After three in a row without an answer it is away, and the next cycle begins with others. Raises the last error where it told of none.
    """
    venue, found, silences = open_venue(name, settings), dict[str, Answer | None](), list[Exception]()
    for order in sorted(orders, key=lambda one: row_id(one.order_id, as_of.isoformat())):
        try:
            found[order.order_id] = _find(venue, order, instruments[order.token_id], as_of)
            silences = []
        except (Unavailable, Refused) as error:
            log.warning("order %s stays open: %s", order.order_id, error)
            silences.append(error)
        if len(silences) == SILENCES:
            break
    if silences and not found:
        raise silences[-1]
    return [(order, found[order.order_id]) for order in orders if order.order_id in found]


def _by_venue(orders: Iterable[Order]) -> dict[Venue, list[Order]]:
    grouped: dict[Venue, list[Order]] = defaultdict(list)
    for order in orders:
        grouped[order.venue].append(order)
    return grouped


def _find(venue: OrderTaker, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
    try:
        return venue.find(order, instrument, as_of)
    except Unsafe as error:  # of this order alone: what became of the others must not get lost
        return Answer(order.order_id, OrderStatus.UNKNOWN, (), Reason.VENUE_CONTRADICTS_US, str(error))


def _posted(orders: Sequence[Order], settings: Settings, as_of: datetime) -> Execution:
    """Whoever posts looks once more whether it may: the switch may have been thrown since the order was judged."""
    if not orders:
        return _execution([], settings, as_of)
    allowed = permissions(open_results(settings), TradingState(settings.trading_state))
    honest = without_forged(orders, settings, as_of)
    words = read_leader_words(open_results(settings))
    stopped = [order for order in honest.going if _is_stopped(order, allowed[order.strategy_id]) or _held_back(order, words)]
    instruments = at_hand(tokens_of(honest.going), settings, as_of)
    going = [order for order in honest.going if order not in stopped and order.token_id in instruments]
    signed = sign_unsigned(going, instruments, settings, as_of)
    afforded = within_money(signed.ready, settings)
    answered = _once_more(_post(afforded.going, instruments, settings, as_of), instruments, settings, as_of)
    halted = [(order, _stop(order, allowed[order.strategy_id], _held_back(order, words))) for order in stopped]
    return _execution([*answered, *signed.answered, *halted, *honest.denied, *afforded.denied], settings, as_of)


def _post(orders: Sequence[Order], instruments: Mapping[str, Instrument], settings: Settings, as_of: datetime) -> Answered:
    """In their order. What a venue that is away was to get stays PENDING, and is asked about before it is sent again."""
    asks = {name: partial(_post_to, name, own, instruments, settings, as_of) for name, own in _by_venue(orders).items()}
    answers = {answer.order_id: answer for given in ask_each(asks, settings, as_of).values() for answer in given}
    return [(order, answers[order.order_id]) for order in orders if order.order_id in answers]


def _post_to(
    name: Venue, orders: Sequence[Order], instruments: Mapping[str, Instrument], settings: Settings, as_of: datetime
) -> list[Answer]:
    return open_venue(name, settings).post(orders, instruments, as_of)


def _once_more(answered: Answered, instruments: Mapping[str, Instrument], settings: Settings, as_of: datetime) -> Answered:
    """Where the venue contradicts what we know of an instrument it is read again, and what did not go out for it is sent once more.

    It gets another hash, which is on record before it leaves. What is refused now may have been taken before, by another worker or by this
    step before it was tried again: whatever the venue knows of the former hash, or nobody can say of it, gets no second one.
    """
    doubted = {order.token_id: answer.price_increment for order, answer in answered if answer.reason in CONTRADICTED}
    if not doubted:
        return answered
    now = asked_anew(tokens_of(order for order, _ in answered if order.token_id in doubted), doubted, settings, as_of)
    changed = {token_id for token_id, one in now.items() if one != replace(instruments[token_id], updated_at=one.updated_at)}
    refused = [order for order, answer in answered if answer.reason in CONTRADICTED and order.token_id in changed]
    sent = {order.order_id: told for order in refused if (told := _sent_before(order, now[order.token_id], settings, as_of)) is not None}
    answered = [(order, sent.get(order.order_id, answer)) for order, answer in answered]
    again = {order.order_id: order for order in refused if order.order_id not in sent}
    fitted = sealed([refitted(order, now[order.token_id], as_of) for order in again.values()], settings)
    drafts = [sign_order(order, now[order.token_id], settings, as_of) for order in fitted]
    ready = [order for order in drafts if order.status is OrderStatus.PENDING and order.order_hash]
    signed = _store_anew(ready, again, open_results(settings))
    afforded = within_money(signed, settings)  # another hash, and never dearer
    posted = [*_post(afforded.going, now, settings, as_of), *afforded.denied]
    answers = {order.order_id: answer for order, answer in posted}
    anew_by_id = {order.order_id: order for order in signed}
    return [(anew_by_id.get(order.order_id, order), answers.get(order.order_id, answer)) for order, answer in answered]


def _sent_before(order: Order, instrument: Instrument, settings: Settings, as_of: datetime) -> Answer | None:
    """What became of its former hash; None where the venue never saw it, UNKNOWN where it does not say."""
    try:
        return _find(open_venue(order.venue, settings), order, instrument, as_of)
    except (Unavailable, Refused) as error:
        log.warning("order %s is not signed anew before its former hash is asked about: %s", order.order_id, error)
        return Answer(order.order_id, OrderStatus.UNKNOWN)


def _store_anew(signed: Sequence[Order], before: Mapping[str, Order], results: Results) -> list[Order]:
    """Those of which no other worker has written anything since they were as `before`, each on record with its new hash."""

    def act(store: Results) -> list[Order]:
        stored = {order.order_id: order for order in store.rows(Order, order_id=[order.order_id for order in signed])}
        now = {order.order_id: stored.get(order.order_id, before[order.order_id]) for order in signed}
        kept = [one for one in signed if now[one.order_id].order_hash == before[one.order_id].order_hash]
        kept = [one for one in kept if now[one.order_id].status in OPEN_STATUSES]
        store.write([Write(Order, frame_of(kept, Order), "put")])
        return kept

    return results.alone([f"order {order.order_id}" for order in signed], act) if signed else []


def _without_those_to_leave_alone(orders: Sequence[Order], settings: Settings) -> list[Order]:
    """An order that may happen by itself until it expires is not sent again while it may not go, but to call it denied would be a lie."""
    alive = [order for order in orders if may_happen_alone(order)]
    allowed = permissions(open_results(settings), TradingState(settings.trading_state)) if alive else {}
    return [order for order in orders if order not in alive or not _is_stopped(order, allowed[order.strategy_id])]


def _is_stopped(order: Order, allowed: Permission) -> bool:
    return not allowed.may_leave if order.side is Side.SELL else allowed.state is not TradingState.ACTIVE


def _held_back(order: Order, words: LeaderWords) -> Reason | None:
    """Why nothing is entered behind its leader, if a person said so."""
    word = words.on(order.leader, order.strategy_id) if order.side is Side.BUY else None
    return REASONS[word.standing] if word else None


def _stop(order: Order, allowed: Permission, held_back: Reason | None) -> Answer:
    """An exit waits until it may go; a BUY is given up."""
    status = OrderStatus.PENDING if order.side is Side.SELL else OrderStatus.DENIED
    return Answer(order.order_id, status, reason=held_back or allowed.reason)


def _execution(answered: Answered, settings: Settings, as_of: datetime) -> Execution:
    believed = _believed(answered, settings, as_of)
    note_money(believed, settings)
    receipts = [answer.receipt for _, answer in answered if answer.receipt is not None]
    if receipts:  # what the chain did is on record whether or not our ledger believes it
        open_results(settings).write([Write(SwapReceipt, frame_of(receipts, SwapReceipt), "put")])
    orders = [replace(order, status=answer.status, reason=answer.reason, updated_at=as_of) for order, answer in believed]
    for order in orders:
        about = ids(order_id=order.order_id, signal_id=order.signal_id, strategy_id=order.strategy_id)
        log.info("order %s of %s is %s %s", order.order_id, order.strategy_id, order.status, order.reason or "", extra=about)
    fills = [fill for _, answer in believed for fill in answer.fills]
    return Execution(frame_of(orders, Order), frame_of(fills, Fill), {order.order_id: order for order, _ in believed})


def _believed(answered: Answered, settings: Settings, as_of: datetime) -> Answered:
    """What contradicts our ledger is not booked: its order stays open, its strategy halts, the operator is told."""
    if not any(answer.fills or answer.contradiction for _, answer in answered):
        return answered
    checked = _checked(answered, open_results(settings))
    for order, answer in checked:
        if answer.contradiction:
            halt_for(order.strategy_id, answer.contradiction, settings, as_of)
    return checked


def _checked(answered: Answered, results: Results) -> Answered:
    """In their order: what one order sold, the next does not find in the ledger.

    What is held is read first: a fill that another worker books meanwhile is known then, and the other way round its sale would be a
    sale of what nobody has.
    """
    held = _held(results, {order.token_id for order, _ in answered})
    booked = set(results.read(Fill, only=["fill_id"], order_id=[order.order_id for order, _ in answered])["fill_id"])
    checked = []
    for order, answer in answered:
        key = (order.strategy_id, order.leader, order.token_id)
        wrong = answer.contradiction or contradiction(order, answer.fills, booked, held[key])
        if wrong:
            answer = Answer(order.order_id, OrderStatus.UNKNOWN, (), Reason.VENUE_CONTRADICTS_US, wrong)
        held[key] += sum((shares_gained(fill) for fill in answer.fills if fill.fill_id not in booked), Decimal(0))
        checked.append((order, answer))
    return checked


def _held(results: Results, token_ids: set[str]) -> dict[tuple[str, str, str], Decimal]:
    held: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for position in readable_rows(results, Position, token_id=sorted(token_ids), closed_at=None):  # of what is closed nothing is held
        held[position.strategy_id, position.leader, position.token_id] = position.shares
    return held
