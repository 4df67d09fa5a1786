"""Where orders go. The simulated venue and the live one are asked the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from data_contracts import Fill, Market, Order, OrderStatus, Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What a venue says about one order. UNKNOWN: it was sent and the answer is lost."""

    order_id: str
    status: OrderStatus
    fills: tuple[Fill, ...] = ()
    reason: Reason | None = None


class Venue(Protocol):
    """Fill-and-kill orders with a limit price: what is not filled at once is gone."""

    name: str

    def sign(self, order: Order) -> str:
        """The hash the venue will know the order by; stored before the order is posted."""
        ...

    def post(self, orders: Sequence[Order], markets: Mapping[str, Market], as_of: datetime) -> list[Answer]:
        """One answer per order, in their order. `markets` by token."""
        ...

    def find(self, order: Order) -> Answer | None:
        """What became of an order whose answer is not on record; None when the venue never saw it."""
        ...
