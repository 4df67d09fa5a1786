"""Looks once more at an order that was just posted, whatever the venue."""

import logging
from datetime import datetime

from adapters.venues.venue import Answer, Venue
from data_contracts import Instrument, Order, OrderStatus, Reason
from data_contracts.errors import Refused, Unavailable, Unsafe

log = logging.getLogger("walletflow.venues")


def look_once(venue: Venue, order: Order, answer: Answer, instrument: Instrument, as_of: datetime) -> Answer:
    """What became of it by now. Where the venue does not say, it stays what it was, and the next cycle asks."""
    try:
        return venue.find(order, instrument, as_of) or answer
    except (Unavailable, Refused) as error:
        log.warning("order %s is asked about again: %s", order.order_id, error)
        return answer
    except Unsafe as error:  # of this order alone: what became of the others must not get lost
        return Answer(order.order_id, OrderStatus.UNKNOWN, (), Reason.VENUE_CONTRADICTS_US, str(error))
