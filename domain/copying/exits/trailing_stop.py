"""Exit rule: sell when a share that had gained lost too much of its highest mark."""

from collections.abc import Sequence
from datetime import datetime

from domain.copying.exits.rule import Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def trailing_stop(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Armed by the peak; the peak goes on rising whatever halts the strategy."""
    if policy.trailing is None or position.mark_price is None or position.peak_price is None:
        return []
    stop = position.peak_price * (1 - policy.trailing)
    armed = position.peak_price >= entry_of(position) * (1 + policy.trailing_from)
    return [Asked(stop, keep=policy.moonbag)] if armed and position.mark_price <= stop else []
