"""Exit rule: sell in steps as a share gains."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.copying.amounts import possible_price
from domain.copying.exits.rule import Asked, entry_of
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy


def take_profit(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]:
    """Parts are of all that was bought: 33 % and 33 % leave 34 %. No step goes into the moonbag."""
    if position.mark_price is None:
        return []
    steps = [(step, entry_plus(entry_of(position), step.gain, position.highest_payout)) for step in policy.take_profit]
    return [Asked(price, step.part, step.gain, policy.moonbag) for step, price in steps if position.mark_price >= price]


def entry_plus(entry: Decimal, gain: Decimal, highest: Decimal | None) -> Decimal:
    """The price at which a step of the ladder is reached. Never above the most a share can be worth, if there is such a thing."""
    return possible_price(entry * (1 + gain), highest)
