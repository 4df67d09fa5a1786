"""Leave when a share lost too much of what it cost."""

from collections.abc import Sequence
from datetime import datetime

from data_contracts import Position
from domain.copying.exits.rule import Asked, entry_of
from domain.copying.policy import ExitPolicy


def stop_loss(position: Position, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Judged by the middle of the book: bought at 0.02 before a bid of 0.01, a share is no loser yet; half is the spread.

    Its price is the stop's, not the mark: a lone bid far below must not make us sell to it.
    """
    worth = position.mark_price if position.mid_price is None else position.mid_price
    if policy.stop_loss is None or worth is None:
        return []
    stop = entry_of(position) * (1 - policy.stop_loss)
    return [Asked(stop)] if worth <= stop else []
