"""Exits that are not done yet: each is tried again, by which rules, until nothing of it is left or a stronger one takes over."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from data_contracts import Exit, Reason, Signal
from domain.copying.amounts import steps_down
from domain.copying.exits.rules import strength, takes_over
from domain.copying.policy import ExitPolicy
from domain.ids import row_id

NOTHING = Decimal(0)
TRIES_AT_ONCE = 10  # posted orders; then the pauses grow, or a market without buyers fills our tables
URGENT = (Reason.STOP_LOSS, Reason.OPERATOR_EXIT)  # to be out counts for more than the price
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)


def supersedes(reason: Reason, waiting: Exit) -> bool:
    """Whether an exit for this reason, if it takes over at all, takes what a waiting one has left."""
    return strength(reason) < strength(waiting.reason)


def remaining(waiting: Exit) -> Decimal:
    """Shares still to be sold."""
    return max(NOTHING, waiting.wanted_shares - waiting.sold_shares)


def update_exits(waiting: Sequence[Exit], signals: Iterable[Signal], held: Decimal, increment: Decimal, as_of: datetime) -> list[Exit]:
    """The exits of one position after these SELL signals: those that waited, ended where they are done, and the new ones.

    Less than an `increment` of shares is no order. What they have left never adds up to more than is held: each takes its part of what
    the others leave free.
    """
    exits = [_end(one, _how(one, increment), as_of) if _is_done(one, held, increment) else one for one in waiting]
    for signal in signals:
        entire = signal.exit_fraction == 1
        if takes_over(signal.reason, signal.exit_fraction):
            exits = [_end(one, Reason.EXIT_SUPERSEDED, as_of) if supersedes(signal.reason, one) else one for one in exits]
        free = max(NOTHING, held - sum((remaining(one) for one in exits if one.done_at is None), NOTHING))
        shares = free if entire else steps_down(free * signal.exit_fraction, increment)
        exits.append(_ask(signal, entire, shares, as_of))
    return exits


def _is_done(waiting: Exit, held: Decimal, increment: Decimal) -> bool:
    return held <= 0 or (waiting.orders > 0 and _is_too_little(waiting, increment))


def _how(waiting: Exit, increment: Decimal) -> Reason:
    """Sold, or gone in another way: its market resolved."""
    return Reason.EXIT_DONE if _is_too_little(waiting, increment) else Reason.NOTHING_HELD


def _is_too_little(waiting: Exit, increment: Decimal) -> bool:
    left = remaining(waiting)
    return left <= 0 or left < increment


def _end(waiting: Exit, how: Reason, as_of: datetime) -> Exit:
    return waiting if waiting.done_at else replace(waiting, done_at=as_of, ended_by=how)


def _ask(signal: Signal, entire: bool, shares: Decimal, as_of: datetime) -> Exit:
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
    return sorted(exits, key=lambda one: (strength(one.reason), one.asked_at, one.signal_id))


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
    first = policy.stop_slippage if waiting.reason in URGENT else policy.max_slippage
    waited = Decimal(int((as_of - waiting.asked_at).total_seconds() // 60))
    return max(first, min(policy.widest_slippage, first + policy.widening_per_minute * waited))


def order_id_of(signal_id: str, number: int) -> str:
    """The id of an exit's first order, and of each further one."""
    return row_id("order", signal_id, number) if number else row_id("order", signal_id)


def orders_of(waiting: Exit) -> list[str]:
    """The ids of all orders it ever had."""
    return [order_id_of(waiting.signal_id, number) for number in range(waiting.orders)]
