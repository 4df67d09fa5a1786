"""Whom an operator paused or blocked: of what was said, what holds. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data_contracts import LeaderStanding, LeaderWord, Reason
from domain.copying.risk.permission import EVERY_STRATEGY

SEVERITY = [LeaderStanding.FREE, LeaderStanding.PAUSED, LeaderStanding.BLOCKED]
REASONS = {LeaderStanding.PAUSED: Reason.LEADER_PAUSED, LeaderStanding.BLOCKED: Reason.LEADER_BLOCKED}


@dataclass(frozen=True, slots=True)
class LeaderWords:
    """The last word about each wallet, by whom it is for: a strategy, or every one."""

    last: Mapping[tuple[str, str], LeaderWord] = field(default_factory=dict)

    def on(self, wallet: str, strategy_id: str) -> LeaderWord | None:
        """The strictest that holds this wallet back in this strategy; None where none does."""
        mine = [word for name in (EVERY_STRATEGY, strategy_id) if (word := self.last.get((name, wallet)))]
        holding = [word for word in mine if word.standing is not LeaderStanding.FREE]
        return max(holding, key=lambda word: SEVERITY.index(word.standing), default=None)

    def denials(self, strategy_id: str) -> dict[str, Reason]:
        """By wallet that is held back in this strategy: why nothing is entered behind it."""
        wallets = {wallet for name, wallet in self.last if name in (EVERY_STRATEGY, strategy_id)}
        held = {wallet: self.on(wallet, strategy_id) for wallet in wallets}
        return {wallet: REASONS[word.standing] for wallet, word in held.items() if word}

    def blocked(self, strategy_id: str) -> dict[str, str]:
        """The wallets this strategy may not choose, and why."""
        held = {wallet: self.on(wallet, strategy_id) for wallet, said in self.denials(strategy_id).items() if said is Reason.LEADER_BLOCKED}
        return {wallet: f"blocked by a person: {word.why}" for wallet, word in held.items() if word}

    def about(self, wallet: str) -> list[LeaderWord]:
        """What holds of it now, of every strategy first."""
        return [word for (_, name), word in sorted(self.last.items()) if name == wallet and word.standing is not LeaderStanding.FREE]


def words_until(words: Iterable[LeaderWord], as_of: datetime | None = None) -> LeaderWords:
    """What held at an instant, or holds now."""
    said = sorted((word for word in words if as_of is None or word.ordered_at <= as_of), key=lambda word: word.ordered_at)
    return LeaderWords({(word.strategy_id, word.wallet): word for word in said})
