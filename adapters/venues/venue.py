"""Where orders go. The simulated venue and the live one are asked the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from data_contracts import Fill, HandTrade, Instrument, Order, OrderStatus, Reason, SwapReceipt


@dataclass(frozen=True, slots=True)
class Answer:
    """What a venue says about one order, with all fills it ever confirmed. UNKNOWN: it was sent and the answer is lost.

    PENDING: it was not sent, or the venue says it took nothing; it may be sent again. `contradiction` says what cannot be true.
    `price_increment` is the instrument's as the venue has it, where it said another one than we knew. `receipt`: what it did on its chain.
    """

    order_id: str
    status: OrderStatus
    fills: tuple[Fill, ...] = ()
    reason: Reason | None = None
    contradiction: str = ""
    price_increment: Decimal | None = None
    receipt: SwapReceipt | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """By what hash the venue will know an order. `signed_bytes`: what is posted as it is, base64; empty where it is made when it is posted.

    What was never seen by `expires_at` will not happen any more, and `find` knows what did; None: there is no such instant. Where a chain's
    blocks are counted instead of seconds, `last_valid_height` is the last that may hold it, and `find` says when it is over.
    """

    order_hash: str
    signed_bytes: str = ""
    expires_at: datetime | None = None
    last_valid_height: int | None = None

    def on(self, order: Order) -> Order:
        """The order, so signed."""
        return replace(
            order,
            order_hash=self.order_hash,
            signed_bytes=self.signed_bytes,
            expires_at=self.expires_at,
            last_valid_height=self.last_valid_height,
        )


UNSIGNED = Signed("")  # its key is elsewhere, or its venue is away: it is signed, and stored so, before it is posted


class Venue(Protocol):
    """Fill-and-kill orders with a limit price: what is not filled at once is gone."""

    is_simulated: bool

    def sign(self, order: Order, instrument: Instrument) -> Signed | Reason:
        """What is stored with the order before it is posted; or why the venue takes no such order. A hash alone needs no key.

        Where a signature is the hash, it is UNSIGNED in a process without the key. Raises Unavailable while the venue is away, Unsafe where
        what it would have us sign does more than the order: that gets no signature.
        """
        ...

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        """One answer per order, in their order. `instruments` by token."""
        ...

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        """What became of an order whose answer is not on record; None when the venue never saw it."""
        ...


@dataclass(frozen=True, slots=True)
class AccountTrades:
    """What an account traded, by whatever order. `waiting`: tokens of trades that are not final yet, `since` the first of these."""

    final: tuple[HandTrade, ...] = ()
    waiting: frozenset[str] = frozenset()
    since: datetime | None = None


@runtime_checkable
class TellsAccount(Protocol):
    """A venue that says what its account did and has, also what was done by hand. It needs the key's log-in."""

    def account_trades(self, after: datetime, instruments: Mapping[str, Instrument], as_of: datetime) -> AccountTrades:
        """All trades since then; whoever asks knows which orders are his. Their fee is null where the instrument is not among these."""
        ...

    def held(self, token_id: str) -> Decimal:
        """Shares in the wallet now."""
        ...
