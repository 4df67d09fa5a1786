"""Exit rule: sell when a share lost too much of what it cost."""

from collections.abc import Sequence
from datetime import datetime

from domain.copying.exits.rule import Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def stop_loss(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Its price is the stop's, not the mark: a lone bid far below must not make us sell to it."""
    if policy.stop_loss is None or position.mark_price is None:
        return []
    stop = entry_of(position) * (1 - policy.stop_loss)
    return [Asked(stop)] if position.mark_price <= stop else []
