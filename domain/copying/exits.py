"""What of ours goes, and when: with the leader, or by a rule of our own. Stop before leader, trailing stop, time and profits.

An exit that is wanted stays wanted until nothing of it is left: what a book or a venue denied it is asked for again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from data_contracts import Exit, Position, Reason, Side, Signal, Trade
from domain.copying.policy import ExitPolicy
from domain.ids import row_id

FRACTION_UNIT = Decimal("0.0000000001")
SHARE_UNIT = Decimal("0.01")  # less is not an order; it stays until the market resolves
NOTHING = Decimal(0)
PRIORITY = (Reason.STOP_LOSS, Reason.LEADER_EXITED, Reason.TRAILING_STOP, Reason.TIME_EXIT, Reason.TAKE_PROFIT)
TRIES_AT_ONCE = 10  # posted orders; then the pauses grow, or a market without buyers fills our tables
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class OwnExit:
    """A rule of our own asks for `part` of what was bought, or for everything. `trade` stands for it in the Signal."""

    reason: Reason
    trade: Trade
    part: Decimal | None = None

    def fraction_of(self, bought: Decimal, free: Decimal) -> Decimal:
        """Of what is still free to sell, 0 to 1."""
        if self.part is None or free <= 0:
            return Decimal(1)
        return min(Decimal(1), (bought * self.part / free).quantize(FRACTION_UNIT, ROUND_CEILING))


def exit_fraction(sold_shares: Decimal, held_before: Decimal) -> Decimal:
    """Leader sold / leader held before, clamped to 0 … 1. A leader that sells all, or more than we saw it buy, takes all of ours along."""
    if held_before <= sold_shares:
        return Decimal(1)
    return (sold_shares / held_before).quantize(FRACTION_UNIT, ROUND_DOWN)


def own_exits(position: Position, policy: ExitPolicy, as_of: datetime) -> list[OwnExit]:
    """Every rule that speaks for this position now, the strongest first. None for a position that is younger than the cycle."""
    if position.shares <= 0 or position.opened_at > as_of:
        return []
    entry = position.cost / position.shares
    rules = (_stop(position, entry, policy), _trailing(position, entry, policy), _time(position, entry, policy, as_of))
    entire = [_own(position, *rule, as_of) for rule in rules if rule]
    return entire + _profits(position, entry, policy, as_of)


def _stop(position: Position, entry: Decimal, policy: ExitPolicy) -> tuple[Reason, Decimal] | None:
    """Judged by the middle of the book: bought at 0.02 before a bid of 0.01, a share is no loser yet; half is the spread.

    Its price is the stop's, not the mark: a lone bid far below must not make us sell to it.
    """
    worth = position.mark_price if position.mid_price is None else position.mid_price
    if policy.stop_loss is None or worth is None:
        return None
    stop = entry * (1 - policy.stop_loss)
    return (Reason.STOP_LOSS, stop) if worth <= stop else None


def _trailing(position: Position, entry: Decimal, policy: ExitPolicy) -> tuple[Reason, Decimal] | None:
    if policy.trailing is None or position.mark_price is None or position.peak_price is None:
        return None
    stop = position.peak_price * (1 - policy.trailing)
    armed = position.peak_price >= entry * (1 + policy.trailing_from)
    return (Reason.TRAILING_STOP, stop) if armed and position.mark_price <= stop else None


def _time(position: Position, entry: Decimal, policy: ExitPolicy, as_of: datetime) -> tuple[Reason, Decimal] | None:
    if policy.max_hold_s is None or (as_of - position.opened_at).total_seconds() < policy.max_hold_s:
        return None
    return Reason.TIME_EXIT, entry if position.mark_price is None else position.mark_price


def _profits(position: Position, entry: Decimal, policy: ExitPolicy, as_of: datetime) -> list[OwnExit]:
    """Parts are of all that was bought: 33 % and 33 % leave 34 %."""
    if position.mark_price is None:
        return []
    reached = [step for step in policy.take_profit if position.mark_price >= entry_plus(entry, step.gain)]
    return [_own(position, Reason.TAKE_PROFIT, entry_plus(entry, step.gain), as_of, step.gain, step.part) for step in reached]


def entry_plus(entry: Decimal, gain: Decimal) -> Decimal:
    """The price at which a step of the ladder is reached. Never above 1 USD: no share is worth more."""
    return min(Decimal(1), entry * (1 + gain))


def _own(
    position: Position, reason: Reason, price: Decimal, as_of: datetime, step: Decimal | None = None, part: Decimal | None = None
) -> OwnExit:
    """Named by position, opening, rule and step: whichever cycle sees it first, it is asked for once."""
    price = min(price, Decimal(1)).quantize(FRACTION_UNIT, ROUND_DOWN)
    opened = position.opened_at.isoformat()
    trade = Trade(
        trade_id=row_id("own exit", position.strategy_id, position.leader, position.token_id, opened, reason, step),
        source="own rule",
        wallet=position.leader,
        market_id=position.market_id,
        token_id=position.token_id,
        outcome=position.outcome,
        side=Side.SELL,
        price=price,
        shares=position.shares,
        notional=(price * position.shares).quantize(Decimal("0.000001")),
        traded_at=as_of,
        seen_at=as_of,
        tx_hash="",
        ordinal=0,
    )
    return OwnExit(reason, trade, part)


def supersedes(reason: Reason, waiting: Exit) -> bool:
    """Whether an exit of everything for this reason takes over what a waiting one has left."""
    return PRIORITY.index(reason) < PRIORITY.index(waiting.reason)


def remaining(waiting: Exit) -> Decimal:
    """Shares still to be sold."""
    return max(NOTHING, waiting.wanted_shares - waiting.sold_shares)


def wanted(waiting: Sequence[Exit], signals: Iterable[Signal], held: Decimal, as_of: datetime) -> list[Exit]:
    """The exits of one position after these SELL signals: those that waited, ended where they are done, and the new ones.

    What they have left never adds up to more than is held: each takes its part of what the others leave free.
    """
    exits = [_ended(one, _how(one), as_of) if _is_done(one, held) else one for one in waiting]
    for signal in signals:
        entire = signal.exit_fraction == 1
        if entire:
            exits = [_ended(one, Reason.EXIT_SUPERSEDED, as_of) if supersedes(signal.reason, one) else one for one in exits]
        free = max(NOTHING, held - sum((remaining(one) for one in exits if one.done_at is None), NOTHING))
        shares = free if entire else (free * signal.exit_fraction).quantize(SHARE_UNIT, ROUND_DOWN)
        exits.append(_asked(signal, entire, shares, as_of))
    return exits


def _is_done(waiting: Exit, held: Decimal) -> bool:
    return held <= 0 or (waiting.orders > 0 and remaining(waiting) < SHARE_UNIT)


def _how(waiting: Exit) -> Reason:
    """Sold, or gone in another way: its market resolved."""
    return Reason.EXIT_DONE if remaining(waiting) < SHARE_UNIT else Reason.NOTHING_HELD


def _ended(waiting: Exit, how: Reason, as_of: datetime) -> Exit:
    return waiting if waiting.done_at else replace(waiting, done_at=as_of, ended_by=how)


def _asked(signal: Signal, entire: bool, shares: Decimal, as_of: datetime) -> Exit:
    """An exit of nothing is over at once: there is nothing to wait for."""
    return Exit(
        signal_id=signal.signal_id,
        strategy_id=signal.strategy_id,
        leader=signal.leader,
        market_id=signal.market_id,
        token_id=signal.token_id,
        reason=signal.reason,
        entire=entire,
        wanted_shares=shares,
        sold_shares=NOTHING,
        orders=0,
        held_back=None,
        asked_at=as_of,
        tried_at=None,
        done_at=None if shares > 0 else as_of,
        ended_by=None if shares > 0 else Reason.NOTHING_HELD,
    )


def in_order(exits: Iterable[Exit]) -> list[Exit]:
    """The strongest reason first, then the oldest."""
    return sorted(exits, key=lambda one: (PRIORITY.index(one.reason), one.asked_at, one.signal_id))


def may_try(waiting: Exit, as_of: datetime) -> bool:
    """Whether it is this exit's turn: not twice in one cycle, and after many orders for nothing not in every cycle."""
    if waiting.tried_at is None:
        return True
    pause = min(LONGEST_PAUSE, PAUSE * max(0, waiting.orders - TRIES_AT_ONCE))
    return as_of > waiting.tried_at and as_of - waiting.tried_at >= pause


def slippage_allowed(waiting: Exit, policy: ExitPolicy, as_of: datetime) -> Decimal:
    """How far below its price it may sell now: wider with each minute it waits. Profits are taken at their price or not at all."""
    if waiting.reason is Reason.TAKE_PROFIT:
        return policy.max_slippage
    first = policy.stop_slippage if waiting.reason is Reason.STOP_LOSS else policy.max_slippage
    waited = Decimal(int((as_of - waiting.asked_at).total_seconds() // 60))
    return max(first, min(policy.widest_slippage, first + policy.widening_per_minute * waited))


def order_id_of(signal_id: str, number: int) -> str:
    """The id of an exit's first order, and of each further one."""
    return row_id("order", signal_id, number) if number else row_id("order", signal_id)


def orders_of(waiting: Exit) -> list[str]:
    """The ids of all orders it ever had."""
    return [order_id_of(waiting.signal_id, number) for number in range(waiting.orders)]
