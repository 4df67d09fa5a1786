"""Leave in steps as it gains."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.copying.exits.rule import WHOLE, Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def take_profit(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Parts are of all that was bought: 33 % and 33 % leave 34 %."""
    if position.mark_price is None:
        return []
    entry = entry_of(position)
    reached = [step for step in policy.take_profit if position.mark_price >= entry_plus(entry, step.gain)]
    return [Asked(entry_plus(entry, step.gain), step.part, step.gain) for step in reached]


def entry_plus(entry: Decimal, gain: Decimal) -> Decimal:
    """The price at which a step of the ladder is reached. Never above 1 USD: no share is worth more."""
    return min(WHOLE, entry * (1 + gain))
