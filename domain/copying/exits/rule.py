"""What an exit rule is: it looks at one position and asks for a part of it at a price, or for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Protocol

from data_contracts import Reason, Side, Trade
from domain.copying.amounts import in_units, possible_price, rounded
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy
from domain.ids import row_id

FRACTION_UNIT = Decimal("0.0000000001")
NOTHING, WHOLE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Leave at `price` or not far below: `part` of all that was bought, or everything but the part to `keep`.

    `step` tells the steps of one rule apart.
    """

    price: Decimal
    part: Decimal | None = None
    step: Decimal | None = None
    keep: Decimal = NOTHING


class ExitRule(Protocol):
    """One file a rule, one line in `rules.RULES`. What it needs to remember is kept with the position: its peak, its opening."""

    def __call__(self, position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> Sequence[Asked]: ...


@dataclass(frozen=True, slots=True)
class OwnExit:
    """A rule of our own asks for `part` of what was bought, or for all but what it keeps. `trade` stands for it in the Signal."""

    reason: Reason
    trade: Trade
    part: Decimal | None = None
    keep: Decimal = NOTHING

    @property
    def takes_over(self) -> bool:
        """Whether it takes what weaker exits have not sold yet."""
        return self.part is None

    def fraction_of(self, bought: Decimal, free: Decimal) -> Decimal:
        """What is asked for as a part of the shares free to sell, 0 to 1. A step is rounded up, but never into what is kept."""
        if free <= 0:
            return WHOLE
        most = max(NOTHING, rounded((free - bought * self.keep) / free, FRACTION_UNIT, ROUND_DOWN))
        return most if self.part is None else min(most, rounded(bought * self.part / free, FRACTION_UNIT, ROUND_CEILING))


def entry_of(position: MarkedPosition) -> Decimal:
    """The average cost of a share of the position, fee included."""
    return position.cost / position.shares


def own_exit(position: MarkedPosition, reason: Reason, asked: Asked, as_of: datetime) -> OwnExit:
    """Named by position, opening, rule and step: whichever cycle sees it first, it is asked for once."""
    price = possible_price(asked.price, position.highest_payout)
    opened = position.opened_at.isoformat()
    trade = Trade(
        trade_id=row_id("own exit", position.strategy_id, position.leader, position.token_id, opened, reason, asked.step),
        source="own rule",
        venue=position.venue,
        wallet=position.leader,
        market_id=position.market_id,
        token_id=position.token_id,
        outcome=position.outcome,
        side=Side.SELL,
        price=price,
        shares=position.shares,
        notional=in_units(price * position.shares, position.venue),
        traded_at=as_of,
        seen_at=as_of,
        tx_hash="",
        ordinal=0,
    )
    return OwnExit(reason, trade, asked.part, asked.keep)
