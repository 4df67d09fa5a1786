"""What must be true after every step, and once all is calm. Pure: each says what is wrong, or nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from data_contracts import (
    AccountLimits,
    Contradiction,
    Deferral,
    Exit,
    Fill,
    FillKind,
    Gap,
    JudgedTrade,
    Leader,
    OperatorWord,
    Order,
    OrderStatus,
    Position,
    Reason,
    Settlement,
    Side,
    Signal,
    Strategy,
    TradingState,
    Verdict,
    Watermark,
)
from data_contracts.words import OPEN_STATUSES
from domain.copying.denials import may_deny
from domain.copying.fills import stake_gained
from domain.copying.ledger import Entry, PositionKey, key_of
from domain.copying.risk.permission import EVERY_STRATEGY
from simulation.sight import Sight
from tasks.copying.rebuilding import differences_in
from tasks.copying.watermarks import OVERLAP

NOTHING = Decimal(0)
CENT = Decimal("0.01")
LATELY = timedelta(minutes=2)
AGES = (Reason.TRADE_STALE, Reason.TRADE_FROM_THE_FUTURE)
WITHOUT_A_BUYER = (Reason.SLIPPAGE_TOO_HIGH, Reason.BOOK_MISSING, Reason.PRICE_BEYOND_LIMIT)
Faults = Iterator[str]


def is_on_record_before_it_is_posted(sight: Sight) -> Faults:
    """Whatever reaches the exchange was stored with the hash it is known by."""
    for one in sight.arrivals:
        if one.order is None:
            yield f"{_short(one.order_hash)} reached the exchange and is on no record"


def is_bought_once_for_a_signal(sight: Sight) -> Faults:
    """A signal to buy has one order, and that is matched under one hash."""
    bought: dict[str, set[str]] = defaultdict(set)
    for one in sight.arrivals:
        if one.order and one.order.side is Side.BUY and sight.matched.get(one.order_hash):
            bought[one.order.signal_id].add(one.order_hash)
    yield from (f"signal {_short(name)} was bought {len(hashes)} times" for name, hashes in bought.items() if len(hashes) > 1)


def is_matched_once_for_an_order(sight: Sight) -> Faults:
    """An exit may get further orders; each is matched under one hash."""
    matched: dict[str, set[str]] = defaultdict(set)
    for one in sight.arrivals:
        if one.order and sight.matched.get(one.order_hash):
            matched[one.order.order_id].add(one.order_hash)
    yield from (f"order {_short(name)} was matched {len(hashes)} times" for name, hashes in matched.items() if len(hashes) > 1)


def no_more_is_sold_than_was_bought(sight: Sight) -> Faults:
    """At the exchange, of each strategy, leader and token."""
    held: dict[PositionKey, Decimal] = defaultdict(Decimal)
    orders = {one.order_hash: one.order for one in sight.arrivals if one.order}
    for order_hash, order in orders.items():
        shares = sight.matched.get(order_hash, NOTHING)
        held[order.strategy_id, order.leader, order.token_id] += shares if order.side is Side.BUY else -shares
    yield from (f"{key[0]} sold {-shares} shares of {_short(key[2])} that it never had" for key, shares in held.items() if shares < 0)


def nothing_is_entered_while_halted(sight: Sight) -> Faults:
    """No purchase leaves in a step that began after somebody had said stop, and in which nobody said go on."""
    for one in sight.arrivals:
        word = _halting(one.order, one.said) if one.order and one.order.side is Side.BUY else ""
        if word and one.order and _halting(one.order, (*one.said, *one.said_since)):
            yield f"{one.order.strategy_id} bought while it was {word}"


def _halting(order: Order, said: Sequence[OperatorWord]) -> str:
    """The word by which it may not be bought, if there is one."""
    last = {word.strategy_id: word for word in said if word.state}
    own = [last[name] for name in (order.strategy_id, EVERY_STRATEGY) if name in last]
    return next((f"{word.state} by a word of {word.ordered_at:%H:%M:%S}" for word in own if word.state is not TradingState.ACTIVE), "")


def each_verdict_is_given_once(sight: Sight) -> Faults:
    """A verdict stays as it was given, and names a signal that is there."""
    now = {(one.strategy_id, one.trade_id): one.signal_id for one in sight.rows(JudgedTrade)}
    signals = {one.signal_id for one in sight.rows(Signal)}
    for key, signal_id in sight.judged_before.items():
        if now.get(key) != signal_id:
            yield f"the verdict of {key[0]} on {_short(key[1])} was {_short(signal_id)} and is {_short(now.get(key) or 'gone')}"
    yield from (f"a verdict of {key[0]} names a signal that is not there" for key, name in now.items() if name not in signals)


def each_copy_has_its_order(sight: Sight) -> Faults:
    """What is judged is never judged again: a signal to buy without an order would never get one."""
    orders = {one.signal_id for one in sight.rows(Order)}
    for one in sight.rows(Signal):
        if one.verdict is Verdict.COPY and one.side is Side.BUY and one.signal_id not in orders:
            yield f"signal {_short(one.signal_id)} of {one.strategy_id} says COPY and has no order"


def positions_are_what_their_fills_make(sight: Sight) -> Faults:
    """Each derived once more from its log."""
    for one in differences_in((*sight.rows(Fill), *sight.rows(Settlement)), sight.rows(Position)):
        yield f"{one.key[0]} {_short(one.key[2])}: {one.column} is {one.stored} and its fills make {one.derived}"


def cash_is_what_fills_left_and_never_negative(sight: Sight) -> Faults:
    """Of each strategy: its balance, less what it paid, with what it got."""
    for strategy in sight.rows(Strategy):
        mine = strategy.strategy_id
        own = [one for one in sight.rows(Position) if one.strategy_id == mine]
        counted = strategy.balance + sum((one.realized_pnl - one.cost for one in own), NOTHING)
        moved = strategy.balance + sum(
            (_moved(one) for one in (*sight.rows(Fill), *sight.rows(Settlement)) if one.strategy_id == mine), NOTHING
        )
        if counted < 0:
            yield f"{mine} has {counted} USD"
        if abs(counted - moved) > Decimal("0.0001"):
            yield f"{mine} counts {counted} USD and its fills leave {moved}"


def _moved(entry: Entry) -> Decimal:
    if isinstance(entry, Settlement):
        return entry.shares * entry.payout
    return stake_gained(entry)


def no_watermark_is_past_the_data(sight: Sight) -> Faults:
    """What lies before it is in store, or in a gap on record; and the feed said that it had it."""
    marks = [one for one in sight.rows(Watermark) if one.name.startswith("trades:")]
    gaps = [one for one in sight.rows(Gap) if one.closed_at is None]
    for mark in marks:
        if sight.claimed_until is None or mark.reached_at > sight.claimed_until:
            yield f"the watermark is at {mark.reached_at:%H:%M:%S}, and the feed never said that it had so much ({sight.claimed_until})"
        lost = [one for one in sight.shown if one.traded_at <= mark.reached_at - OVERLAP and one.trade_id not in sight.stored]
        for one in lost:
            if not any(gap.from_at - OVERLAP < one.traded_at <= gap.until_at for gap in gaps):
                yield f"trade {_short(one.trade_id)} of {one.traded_at:%H:%M:%S} is not stored, the mark is at {mark.reached_at:%H:%M:%S}"


def no_exit_is_denied_for_what_denies_entries(sight: Sight) -> Faults:
    """Nor for its age: a sale of a leader's after whom we hold takes us out, however late it came."""
    for one in sight.rows(Signal):
        if one.side is Side.SELL and one.verdict is Verdict.SKIP and (one.reason in AGES or not may_deny(one.reason, Side.SELL)):
            yield f"{one.strategy_id}: an exit of {_short(one.token_id)} was denied: {one.reason}"
    for one in sight.rows(Order):
        if one.side is Side.SELL and one.status is OrderStatus.DENIED and one.reason and not may_deny(one.reason, Side.SELL):
            yield f"{one.strategy_id}: an order to leave {_short(one.token_id)} was denied: {one.reason}"


def the_account_keeps_its_limits(sight: Sight) -> Faults:
    """What the exchange took and what is held, at cost, under each limit. A cent of rounding is none."""
    limits = max(sight.rows(AccountLimits), key=lambda one: one.set_at, default=None)
    if limits is None:
        return
    opened = list(_opened(sight))
    groups: list[tuple[Decimal | None, str, Callable[[PositionKey], str]]] = [
        (limits.max_open_usd, "in all", lambda key: ""),
        (limits.max_leader_usd, "after one leader", lambda key: key[1]),
        (limits.max_token_usd, "in one token", lambda key: key[2]),
    ]
    for most, where, group_of in groups:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for key, usd in opened:
            sums[group_of(key)] += usd
        yield from (
            f"{usd} USD are open {where} {_short(name)}, and {most} may be"
            for name, usd in sums.items()
            if most is not None and usd > most + CENT
        )


def _opened(sight: Sight) -> Iterator[tuple[PositionKey, Decimal]]:
    for one in sight.rows(Position):
        if one.closed_at is None:
            yield key_of(one), one.cost
    for order in sight.rows(Order):
        if order.side is Side.BUY and order.status in (OrderStatus.UNKNOWN, OrderStatus.MATCHED):
            yield (order.strategy_id, order.leader, order.token_id), order.shares * order.limit_price


def the_venue_never_contradicts_us(sight: Sight) -> Faults:
    """It is honest here: where our ledger cannot believe it, the fault is ours."""
    yield from (f"{one.strategy_id} is halted: {one.says}" for one in sight.rows(Contradiction))


# Once all is calm.


def nothing_waits_for_ever(sight: Sight) -> Faults:
    """Every order has its end, every sale of a leader its verdict, every gap is filled; an exit is done, being tried, or has no buyer."""
    yield from (f"order {_short(one.order_id)} is {one.status} still" for one in sight.rows(Order) if one.status in OPEN_STATUSES)
    yield from (f"a sale waits for {one.waits_for} still" for one in sight.rows(Deferral) if one.ended_at is None)
    yield from (f"the gap before {one.until_at:%H:%M:%S} is open still" for one in sight.rows(Gap) if one.closed_at is None)
    for one in sight.rows(Exit):
        is_tried = sight.now is not None and one.tried_at is not None and sight.now - one.tried_at < LATELY
        if one.done_at is None and not is_tried and one.held_back not in WITHOUT_A_BUYER:
            yield f"an exit of {_short(one.token_id)} is not done, after {one.orders} orders, held back by {one.held_back}"


def every_followed_trade_has_its_verdict(sight: Sight) -> Faults:
    """Of every strategy that follows its wallet."""
    judged = {(one.strategy_id, one.trade_id) for one in sight.rows(JudgedTrade)}
    for leader in sight.rows(Leader):
        for trade in sight.shown:
            if trade.wallet == leader.wallet and (leader.strategy_id, trade.trade_id) not in judged:
                yield f"{leader.strategy_id} never judged the {trade.side} {_short(trade.trade_id)} of {trade.traded_at:%H:%M:%S}"


def our_ledger_is_the_venues(sight: Sight) -> Faults:
    """To the unit: what we booked is what was paid, and what we hold or settled is what lies there."""
    fills = sight.rows(Fill)
    usd = sum((stake_gained(one) for one in fills), NOTHING)
    if usd != sight.account.usd:
        yield f"our fills moved {usd} USD, the exchange {sight.account.usd}"
    held: dict[str, Decimal] = defaultdict(Decimal)
    written_off = [one for one in fills if one.kind is FillKind.WRITE_OFF]
    for row in (*sight.rows(Position), *sight.rows(Settlement), *written_off):  # nobody redeems or sells these: they are still there
        held[row.token_id] += row.shares
    for token_id in sorted(held.keys() | sight.account.shares.keys()):
        if held[token_id] != sight.account.shares.get(token_id, NOTHING):
            yield f"we hold {held[token_id]} of {_short(token_id)}, the exchange has {sight.account.shares.get(token_id, NOTHING)}"


VENUE, FEED = "venue", "feed"  # what changes besides rows


@dataclass(frozen=True, slots=True)
class Invariant:
    """`reads`: only where something of this changed it is looked at again."""

    holds: Callable[[Sight], Faults]
    reads: tuple[type | str, ...]

    @property
    def name(self) -> str:
        return self.holds.__name__


ALWAYS = (
    Invariant(is_on_record_before_it_is_posted, (VENUE,)),
    Invariant(is_bought_once_for_a_signal, (VENUE,)),
    Invariant(is_matched_once_for_an_order, (VENUE,)),
    Invariant(no_more_is_sold_than_was_bought, (VENUE,)),
    Invariant(nothing_is_entered_while_halted, (VENUE,)),
    Invariant(each_verdict_is_given_once, (JudgedTrade, Signal)),
    Invariant(each_copy_has_its_order, (Signal, Order)),
    Invariant(positions_are_what_their_fills_make, (Fill, Settlement, Position)),
    Invariant(cash_is_what_fills_left_and_never_negative, (Fill, Settlement, Position)),
    Invariant(no_watermark_is_past_the_data, (Watermark, Gap)),
    Invariant(no_exit_is_denied_for_what_denies_entries, (Signal, Order)),
    Invariant(the_account_keeps_its_limits, (Position, Order)),
    Invariant(the_venue_never_contradicts_us, (Contradiction,)),
)
CALM = (nothing_waits_for_ever, every_followed_trade_has_its_verdict, our_ledger_is_the_venues)


def _short(name: str) -> str:
    return name if len(name) <= 10 else f"{name[:8]}…"
