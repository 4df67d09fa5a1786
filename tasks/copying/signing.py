"""Orders get the hash their venue will know them by: with their signal, or where the key is just before they are posted."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.connect import open_results, open_venue
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from adapters.venues.venue import Answer
from data_contracts import Instrument, Order, OrderStatus, Reason
from data_contracts.errors import Refused, Unavailable, Unsafe
from data_contracts.frames import frame_of
from data_contracts.words import OPEN_STATUSES
from tasks.operating.trading_halt import halt_for

log = logging.getLogger("walletflow.executing")
Answered = Sequence[tuple[Order, Answer]]


@dataclass(frozen=True, slots=True)
class SignedOrders:
    """Those that may be posted, each on record with its hash; and what became of the others."""

    ready: Sequence[Order]
    answered: Answered


def sign_order(order: Order, instrument: Instrument, settings: Settings, as_of: datetime) -> Order:
    """With its hash; DENIED with the reason; or as it is, where the key is elsewhere or the venue is away.

    What a venue would have us sign and does more than the order gets no signature, and its strategy stops until an operator has looked.
    """
    try:
        signature = open_venue(order.venue, settings).sign(order, instrument)
    except (Unavailable, Refused) as error:
        log.warning("order %s is not signed yet: %s", order.order_id, error)
        return order
    except Unsafe as error:
        halt_for(order.strategy_id, f"order {order.order_id} is not signed: {error}", settings, as_of)
        return replace(order, status=OrderStatus.DENIED, reason=Reason.TRANSACTION_UNSAFE, updated_at=as_of)
    if isinstance(signature, Reason):
        return replace(order, status=OrderStatus.DENIED, reason=signature, updated_at=as_of)
    return signature.on(order)


def sign_unsigned(orders: Sequence[Order], instruments: Mapping[str, Instrument], settings: Settings, as_of: datetime) -> SignedOrders:
    """What was stored without a hash gets one, and is stored with it before anything is posted. What is over by now is left out."""
    drafts = [order if order.order_hash else _signed_once(order, instruments[order.token_id], settings, as_of) for order in orders]
    left = [order for order in drafts if order.status in (*OPEN_STATUSES, OrderStatus.DENIED)]
    return SignedOrders([order for order in left if order.order_hash], [(order, _answer(order)) for order in left if not order.order_hash])


def _signed_once(order: Order, instrument: Instrument, settings: Settings, as_of: datetime) -> Order:
    """By one at a time, and as it is on record: a step that is tried again, or another worker, may have signed and sent it meanwhile.

    A second signature of an order that may expire only later would be a second swap.
    """

    def act(store: Results) -> Order:
        known = next(iter(store.rows(Order, order_id=[order.order_id])), order)
        if known.order_hash or known.status is not OrderStatus.PENDING:
            return known
        signed = sign_order(known, instrument, settings, as_of)
        if signed.order_hash:
            store.write([Write(Order, frame_of([signed], Order), "put")])
        return signed

    return open_results(settings).alone([f"order {order.order_id}"], act)


def _answer(order: Order) -> Answer:
    """Of one without a signature: our no, or that it is tried again."""
    if order.status is OrderStatus.DENIED:
        return Answer(order.order_id, OrderStatus.DENIED, reason=order.reason)
    return Answer(order.order_id, OrderStatus.PENDING, reason=Reason.VENUE_UNAVAILABLE)
