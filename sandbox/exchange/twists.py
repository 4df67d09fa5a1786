"""What may go wrong with one order that the exchange accepts: asked for over the control door, each used once."""

from dataclasses import dataclass
from fractions import Fraction

from sandbox.exchange.orders import TradeStatus


@dataclass(frozen=True)
class Twist:
    unmatched: bool = False  # nobody is there
    share: Fraction = Fraction(1)  # of every maker that is there
    path: tuple[TradeStatus, ...] = (TradeStatus.MINED, TradeStatus.CONFIRMED)


PLAIN = Twist()
TWISTS = {
    "unmatched": Twist(unmatched=True),
    "failed": Twist(path=(TradeStatus.FAILED,)),
    "retrying": Twist(path=(TradeStatus.RETRYING, TradeStatus.MINED, TradeStatus.CONFIRMED)),
}
