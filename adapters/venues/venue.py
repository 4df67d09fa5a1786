"""Where orders go. The simulated venue and the live one are asked the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from data_contracts import Fill, Instrument, Order, OrderStatus, Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What a venue says about one order, with all fills it ever confirmed. UNKNOWN: it was sent and the answer is lost.

    PENDING: it was not sent, or the venue says it took nothing; it may be sent again. `contradiction` says what cannot be true.
    `price_increment` is the instrument's as the venue has it, where it said another one than we knew.
    """

    order_id: str
    status: OrderStatus
    fills: tuple[Fill, ...] = ()
    reason: Reason | None = None
    contradiction: str = ""
    price_increment: Decimal | None = None


class Venue(Protocol):
    """Fill-and-kill orders with a limit price: what is not filled at once is gone."""

    is_simulated: bool

    def sign(self, order: Order, instrument: Instrument) -> str | Reason:
        """The hash the venue will know the order by, stored before the order is posted; or why it takes no such order. Needs no key."""
        ...

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        """One answer per order, in their order. `instruments` by token."""
        ...

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        """What became of an order whose answer is not on record; None when the venue never saw it."""
        ...
