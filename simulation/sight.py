"""What an invariant may look at: every row that is stored, what the exchange has of us, and what the feed said and showed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from data_contracts import OperatorWord, Order, Trade

Rows = Callable[[type], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order of ours as it reached the exchange: the row that was on record with that hash, None where there was none.

    `said` are the operator's words that were on record when the step that sent it began, in the order in which they were given, and
    `said_since` those that came until it arrived.
    """

    order_hash: str
    order: Order | None
    said: tuple[OperatorWord, ...] = ()
    said_since: tuple[OperatorWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What our wallet has at the exchange: USD it gained, and shares by token."""

    usd: Decimal = Decimal(0)
    shares: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """`rows`: of a row class, all there are. `matched`: shares the exchange has matched, by the hash of their order.

    `shown`: trades that could be seen by now; `stored`: the ids of those we have; `claimed_until`: up to when the feed ever said to have
    all. `judged_before`: each verdict as it was first seen, by strategy and trade. `now` is the clock of everybody else.
    """

    rows: Rows
    arrivals: Sequence[Arrival] = ()
    matched: Mapping[str, Decimal] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    shown: Sequence[Trade] = ()
    stored: frozenset[str] = frozenset()
    claimed_until: datetime | None = None
    judged_before: Mapping[tuple[str, str], str] = field(default_factory=dict)
    now: datetime | None = None
