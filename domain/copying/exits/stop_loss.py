"""Exit rule: sell when a share lost too much of what it cost."""

from collections.abc import Sequence
from datetime import datetime

from domain.copying.exits.rule import NOTHING, Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def stop_loss(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Its price is the stop's, not the mark: a lone bid far below must not make us sell to it. The moonbag has a stop of its own."""
    if position.mark_price is None:
        return []
    entry, mark = entry_of(position), position.mark_price
    stops = ((policy.stop_loss, policy.moonbag), (policy.moonbag_stop, NOTHING))
    return [
        Asked(entry * (1 - lost), step=None if keep or not policy.moonbag else lost, keep=keep)
        for lost, keep in stops
        if lost is not None and mark <= entry * (1 - lost)
    ]
