"""What a strategy may do now: the strictest of the kill switch, the operator's word, the venue's contradictions and the rules.

The same is said of all of them together, the account, and a strategy may do no more than that.

HALTED by a person or by a contradiction: nothing leaves, exits neither, until a person says so. HALTED by a rule of ours: nothing is
entered and exits go on, for a loss is no reason to stay in.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from data_contracts import AccountState, Contradiction, OperatorWord, Reason, RiskState, Side, TradingState
from domain.copying.denials import may_deny
from domain.copying.risk.rules import rules_of

SEVERITY = [TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED]


@dataclass(frozen=True, slots=True)
class Permission:
    """`reason` says why not more, and `since` when; both None where nothing is in the way."""

    state: TradingState = TradingState.ACTIVE
    reason: Reason | None = None
    since: datetime | None = None

    @property
    def may_leave(self) -> bool:
        """Whether exits go out."""
        return self.state is not TradingState.HALTED or not may_deny(self.reason or Reason.TRADING_HALTED, Side.SELL)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What operator and venue said of one strategy, all of it, the oldest first. `closings` are words about a token alone."""

    words: tuple[OperatorWord, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    closings: tuple[OperatorWord, ...] = ()

    @property
    def word(self) -> OperatorWord | None:
        """What the operator said last; it holds until the next word."""
        return self.words[-1] if self.words else None

    @property
    def exits(self) -> tuple[OperatorWord, ...]:
        """The words that ask for exits now."""
        return (*self.closings, *(word for word in self.words[-1:] if word.leaves))

    @property
    def cleared(self) -> frozenset[str]:
        """The halts an operator looked at and ended."""
        return frozenset(halt_id for word in self.words for halt_id in cleared_by(word))

    @property
    def standing(self) -> list[Contradiction]:
        """Contradictions nobody cleared."""
        return [one for one in self.contradictions if one.contradiction_id not in self.cleared]


UNLIMITED, SILENCE = Permission(), Spoken()
EVERY_STRATEGY = "*"  # whom a word is about that an operator says of all of them; no strategy can be called so
Computed = RiskState | AccountState


def cleared_by(word: OperatorWord) -> list[str]:
    """The halts this word ended, by name. Raises ValueError for what cannot be read."""
    names = json.loads(word.clears)
    if not isinstance(names, list):
        raise ValueError(f"{word.clears[:40]!r} are no names of halts")
    return names


def permission(switch: TradingState, spoken: Spoken, computed: Computed | None, is_readable: bool = True) -> Permission:
    """The strictest of the kill switch, the operator's word, the venue's contradictions and the computed state.

    Where a row of the strategy's own cannot be read nothing is entered: what it may spend, or has lost, is not known.
    """
    standing = spoken.standing
    return strictest(
        [
            Permission(TradingState.HALTED, Reason.VENUE_CONTRADICTS_US, standing[0].seen_at) if standing else UNLIMITED,
            _ordered(spoken.word),
            Permission(switch, Reason.KILL_SWITCH) if switch is not TradingState.ACTIVE else UNLIMITED,
            _computed(computed, spoken),
            UNLIMITED if is_readable else Permission(TradingState.HALTED, Reason.STRATEGY_UNREADABLE),
        ]
    )


def strictest(permissions: Iterable[Permission]) -> Permission:
    """The one that allows least, the first of equals."""
    return max(permissions, key=lambda one: (SEVERITY.index(one.state), not one.may_leave))


def halts(spoken: Spoken, computed: Computed | None) -> dict[str, Reason]:
    """What stands against a strategy now and an operator may clear: the halts by name, with their reasons."""
    by_rules = [(rule.halt_id, rule.reason) for rule in rules_of(computed.rules).values()] if computed else []
    by_venue = [(one.contradiction_id, Reason.VENUE_CONTRADICTS_US) for one in spoken.standing]
    return {halt_id: reason for halt_id, reason in (*by_venue, *by_rules) if halt_id and halt_id not in spoken.cleared}


def resumed_at(words: Sequence[OperatorWord]) -> datetime | None:
    """When an operator last let the strategy go on; a HALT is no such word."""
    return max((word.ordered_at for word in words if word.state is not TradingState.HALTED), default=None)


def _ordered(word: OperatorWord | None) -> Permission:
    if word is None or word.state is None or word.state is TradingState.ACTIVE:
        return UNLIMITED
    return Permission(word.state, Reason.OPERATOR, word.ordered_at)


def _computed(state: Computed | None, spoken: Spoken) -> Permission:
    """What the rules said; of a halt that was cleared since, nothing."""
    if state is None or state.state is TradingState.ACTIVE:
        return UNLIMITED
    if state.resumed_at == resumed_at(spoken.words):
        return Permission(state.state, state.reason, state.changed_at)
    speaking = [rule for rule in rules_of(state.rules).values() if rule.state is not TradingState.ACTIVE]
    left = [rule for rule in speaking if rule.halt_id not in spoken.cleared]
    return strictest([UNLIMITED, *(Permission(rule.state, rule.reason, rule.since) for rule in left)])
