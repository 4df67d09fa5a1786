"""What must be true of a house that was killed and lied to, once it is calm again. Pure: rows in, differences in words out.

Each check names the rows that contradict each other. `tests/chaos/test_invariants.py` plants a difference for each of them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from data_contracts import (
    Deferral,
    Exit,
    Fill,
    FillKind,
    Gap,
    JudgedTrade,
    Order,
    Position,
    Settlement,
    Side,
    Signal,
    TakenIntent,
    Trade,
    TradeIntent,
    Verdict,
)
from data_contracts.columns import LATEST
from data_contracts.words import OPEN_STATUSES
from domain.copying.fills import shares_gained, stake_gained
from domain.copying.ledger import PositionKey, key_of
from domain.polymarket.amounts import UNITS

TRIED_LATELY = timedelta(minutes=20)  # pauses between tries grow to 15


@dataclass(frozen=True)
class Ledger:
    """Our rows."""

    signals: Sequence[Signal] = ()
    judged: Sequence[JudgedTrade] = ()
    deferrals: Sequence[Deferral] = ()
    orders: Sequence[Order] = ()
    fills: Sequence[Fill] = ()
    positions: Sequence[Position] = ()
    settlements: Sequence[Settlement] = ()
    exits: Sequence[Exit] = ()
    intents: Sequence[TradeIntent] = ()
    taken: Sequence[TakenIntent] = ()
    gaps: Sequence[Gap] = ()
    stored: Sequence[Trade] = ()  # of ClickHouse
    set_aside: Collection[str] = frozenset()  # trade ids in quarantine
    trades_until: datetime | None = None  # the watermark of the feed
    halts: Sequence[str] = ()  # what the venue is said to contradict


@dataclass(frozen=True)
class Truth:
    """What the venue, the feed and the senders know."""

    orders: Sequence[Mapping[str, Any]] = ()  # of our wallet, as the exchange keeps them
    trades: Sequence[Mapping[str, Any]] = ()  # of our wallet
    tokens: Mapping[str, int] = field(default_factory=dict)
    collateral: int = 0
    collateral_before: int = 0
    traded: Sequence[Trade] = ()  # of everybody, from `began` to `ended`
    leaders: Mapping[str, Collection[str]] = field(default_factory=dict)  # by strategy
    accepted: Collection[str] = frozenset()  # intents of which a sender was told that we have them
    offered: Collection[str] = frozenset()  # every intent that was sent at all
    began: datetime = LATEST
    ended: datetime = LATEST


def duplicate_orders(ours: Ledger, truth: Truth) -> list[str]:
    """What is at the venue twice: an order we do not know, two purchases of one signal, more sold than an exit wanted."""
    known = {order.order_hash: order for order in ours.orders if order.order_hash}
    counted = Counter(str(order["order_hash"]) for order in truth.orders)
    found = [f"order {name} is at the venue {count} times" for name, count in counted.items() if count > 1]
    found += [f"order {name} is at the venue, and not on record" for name in counted if name not in known]
    bought = Counter(known[name].signal_id for name in counted if name in known and known[name].side is Side.BUY)
    found += [f"signal {name} was bought {count} times" for name, count in bought.items() if count > 1]
    wanted = {one.signal_id: one.wanted_shares for one in ours.exits}
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for order in truth.orders:
        mine = known.get(str(order["order_hash"]))
        if mine is not None and mine.side is Side.SELL:
            sold[mine.signal_id] += Decimal(_confirmed(str(order["order_hash"]), truth)) / UNITS
    return found + [
        f"exit {name} sold {shares}, and wanted {wanted[name]}" for name, shares in sold.items() if shares > wanted.get(name, shares)
    ]


def lost_verdicts(ours: Ledger, truth: Truth) -> list[str]:
    """Trades of leaders without their one verdict of each strategy that follows them. A sale that waits for an answer is not lost."""
    answered = {(row.strategy_id, row.trade_id) for row in ours.judged}
    answered |= {(row.strategy_id, row.trade_id) for row in ours.deferrals if row.ended_at is None}
    happened = {trade.trade_id: trade.wallet for trade in truth.traded if truth.began < trade.traded_at <= truth.ended}
    happened |= {row.trade_id: row.leader for row in ours.taken if row.reason is None}
    return [
        f"{strategy_id} gave no verdict on {trade_id} of {wallet}"
        for strategy_id, wallets in truth.leaders.items()
        for trade_id, wallet in happened.items()
        if wallet in wallets and (strategy_id, trade_id) not in answered and trade_id not in ours.set_aside
    ]


def double_verdicts(ours: Ledger, truth: Truth) -> list[str]:
    """A verdict is of one signal, and a signal of as many trades as it says."""
    of_trade: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in ours.judged:
        of_trade[row.strategy_id, row.trade_id].add(row.signal_id)
    found = [f"{strategy_id} judged {trade_id} {len(ids)} times" for (strategy_id, trade_id), ids in of_trade.items() if len(ids) > 1]
    counted = Counter(row.signal_id for row in ours.judged)
    signals = {signal.signal_id: signal for signal in ours.signals}
    found += [f"signal {name} has verdicts, and is not on record" for name in counted if name not in signals]
    return found + [
        f"signal {name} is of {signals[name].fills} trades, and {count} are judged with it"
        for name, count in counted.items()
        if name in signals and signals[name].fills != count
    ]


def order_differences(ours: Ledger, truth: Truth) -> list[str]:
    """Order by order: what we booked is what the venue confirmed, and each has its end."""
    found = [
        f"order {order.order_id} is still {order.status}"
        for order in ours.orders
        if order.status in OPEN_STATUSES and not _waits(order, ours)
    ]
    booked: dict[str, Decimal] = defaultdict(Decimal)
    for fill in ours.fills:
        booked[fill.order_id] += fill.shares
    for order in ours.orders:
        confirmed = Decimal(_confirmed(order.order_hash, truth)) / UNITS if order.order_hash else Decimal(0)
        if booked[order.order_id] != confirmed:
            found.append(f"order {order.order_id}: {booked[order.order_id]} shares are booked, the venue confirmed {confirmed}")
        if booked[order.order_id] > order.shares and order.side is Side.SELL:
            found.append(f"order {order.order_id} sold {booked[order.order_id]}, and was for {order.shares}")
    known = {order.order_id for order in ours.orders}
    return found + [
        f"fill {fill.fill_id} is of no order" for fill in ours.fills if fill.kind is FillKind.TRADE and fill.order_id not in known
    ]


def ledger_differences(ours: Ledger, truth: Truth) -> list[str]:
    """Cash and shares: what the wallet has is what our fills say. What resolved or was written off is still there."""
    traded = [fill for fill in ours.fills if fill.kind is FillKind.TRADE]
    cash = sum((stake_gained(fill) for fill in traded), Decimal(0))
    gained = Decimal(truth.collateral - truth.collateral_before) / UNITS
    found = [] if gained == cash else [f"cash: our fills make {cash}, the wallet's change is {gained}"]
    held: dict[str, Decimal] = defaultdict(Decimal)
    for fill in traded:
        held[fill.token_id] += shares_gained(fill)
    for token_id in held.keys() | truth.tokens.keys():
        there = Decimal(truth.tokens.get(token_id, 0)) / UNITS
        if there != held[token_id]:
            found.append(f"token {token_id}: our fills make {held[token_id]} shares, the wallet has {there}")
    return found


def position_differences(ours: Ledger, truth: Truth) -> list[str]:
    """Positions are what their fills and settlements leave."""
    left: dict[PositionKey, Decimal] = defaultdict(Decimal)
    for fill in ours.fills:
        left[key_of(fill)] += shares_gained(fill)
    for settlement in ours.settlements:
        left[key_of(settlement)] -= settlement.shares
    held = {key_of(row): row.shares for row in ours.positions}
    return [
        f"position {' '.join(key)}: {held.get(key, Decimal(0))} shares on record, {left[key]} by its log"
        for key in left.keys() | held.keys()
        if held.get(key, Decimal(0)) != left[key]
    ]


def exit_differences(ours: Ledger, truth: Truth) -> list[str]:
    """Every copied sale is an exit on record; it is done, or something is left to sell and it was tried of late."""
    known = {one.signal_id for one in ours.exits}
    asked = [signal for signal in ours.signals if signal.side is Side.SELL and signal.verdict is Verdict.COPY]
    found = [f"sale {signal.signal_id} is copied, and no exit is on record" for signal in asked if signal.signal_id not in known]
    held = {(row.strategy_id, row.token_id) for row in ours.positions if row.shares > 0}
    for one in ours.exits:
        if one.done_at is not None:
            continue
        if (one.strategy_id, one.token_id) not in held:
            found.append(f"exit {one.signal_id} waits, and nothing is held")
        elif one.tried_at is None or truth.ended - one.tried_at > TRIED_LATELY:
            found.append(f"exit {one.signal_id} waits, and was last tried at {one.tried_at}")
    return found


def watermark_differences(ours: Ledger, truth: Truth) -> list[str]:
    """All that happened up to the watermark is stored, once, or on record as missing or as broken."""
    stored = Counter(trade.trade_id for trade in ours.stored)
    found = [f"trade {name} is stored {count} times" for name, count in stored.items() if count > 1]
    if ours.trades_until is None:
        return [*found, "the feed has no watermark"]
    due = (trade for trade in truth.traded if truth.began < trade.traded_at <= ours.trades_until)
    missing = [trade for trade in due if trade.trade_id not in stored and trade.trade_id not in ours.set_aside]
    return found + [
        f"trade {trade.trade_id} of {trade.traded_at:%H:%M:%S} lies before the watermark {ours.trades_until:%H:%M:%S}, and is not stored"
        for trade in missing
        if not any(gap.closed_at is None and gap.from_at < trade.traded_at <= gap.until_at for gap in ours.gaps)
    ]


def intent_differences(ours: Ledger, truth: Truth) -> list[str]:
    """What a sender was told that we have is stored, once, and taken in; what nobody sent is not there."""
    stored, taken = Counter(row.intent_id for row in ours.intents), Counter(row.intent_id for row in ours.taken)
    found = [f"intent {name} was accepted, and is not stored" for name in truth.accepted if name not in stored]
    found += [f"intent {name} is stored, and nobody sent it" for name in stored if name not in truth.offered]
    found += [f"intent {name} is stored, and no cycle took it in" for name in stored if name not in taken]
    return found + [f"intent {name} was taken in {count} times" for name, count in (stored | taken).items() if count > 1]


def contradictions(ours: Ledger, truth: Truth) -> list[str]:
    """The venue is right: where we say that it contradicts us, we are wrong."""
    return [f"a strategy was halted: {halt}" for halt in ours.halts]


CHECKS = {
    "duplicate orders": duplicate_orders,
    "lost verdicts": lost_verdicts,
    "two verdicts": double_verdicts,
    "orders": order_differences,
    "cash and shares": ledger_differences,
    "positions": position_differences,
    "exits": exit_differences,
    "watermark": watermark_differences,
    "intents": intent_differences,
    "halts": contradictions,
}


def differences(ours: Ledger, truth: Truth) -> dict[str, list[str]]:
    """By what they are of; empty lists where all is well."""
    return {name: check(ours, truth) for name, check in CHECKS.items()}


def _confirmed(order_hash: str, truth: Truth) -> int:
    """Shares, in units, of the order's trades that are final at the venue."""
    return sum(int(trade["shares"]) for trade in truth.trades if trade["taker_order"] == order_hash and trade["status"] == "CONFIRMED")


def _waits(order: Order, ours: Ledger) -> bool:
    """An exit's last try may be under way: the exit is on record, and `exit_differences` says whether it is tried."""
    return order.side is Side.SELL and any(one.signal_id == order.signal_id and one.done_at is None for one in ours.exits)
