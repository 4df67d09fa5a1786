"""Exit rule: sell in steps as a share gains."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from data_contracts import Venue
from domain.copying.amounts import possible_price
from domain.copying.exits.rule import Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def take_profit(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Parts are of all that was bought: 33 % and 33 % leave 34 %. No step goes into the moonbag."""
    if position.mark_price is None:
        return []
    entry = entry_of(position)
    reached = [step for step in policy.take_profit if position.mark_price >= entry_plus(entry, step.gain, position.venue)]
    return [Asked(entry_plus(entry, step.gain, position.venue), step.part, step.gain, policy.moonbag) for step in reached]


def entry_plus(entry: Decimal, gain: Decimal, venue: Venue) -> Decimal:
    """The price at which a step of the ladder is reached. Never above what a share can be worth."""
    return possible_price(entry * (1 + gain), venue)
