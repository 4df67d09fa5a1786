"""Exit rule: sell what goes nowhere, so that its stake can go elsewhere."""

from collections.abc import Sequence
from datetime import datetime

from domain.copying.exits.rule import Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def stagnation(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """At its mark, while that is within a few percent of what it cost. Without a mark nobody knows whether it moved."""
    if policy.stagnant_after_s is None or position.mark_price is None:
        return []
    if (as_of - position.opened_at).total_seconds() < policy.stagnant_after_s:
        return []
    entry = entry_of(position)
    is_stagnant = abs(position.mark_price - entry) < entry * policy.stagnant_within
    return [Asked(position.mark_price, keep=policy.moonbag)] if is_stagnant else []
