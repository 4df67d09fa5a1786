"""Exit rule: sell when a position was held long enough."""

from collections.abc import Sequence
from datetime import datetime

from domain.copying.exits.rule import Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def time_exit(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """At its mark; without one at what it cost, and below as it waits."""
    if policy.max_hold_s is None or (as_of - position.opened_at).total_seconds() < policy.max_hold_s:
        return []
    return [Asked(entry_of(position) if position.mark_price is None else position.mark_price, keep=policy.moonbag)]
