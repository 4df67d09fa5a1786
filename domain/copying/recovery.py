"""What becomes of an order that its venue never saw: sent again, left alone, or over."""

from datetime import datetime, timedelta
from enum import StrEnum

from data_contracts import Order, Side

RESEND_WITHIN = timedelta(seconds=60)  # a BUY the venue never saw is not sent after the trade it copies is stale


class Fate(StrEnum):
    """AGAIN: sent as it was signed. ALONE: it is not wanted any more, but may still happen by itself. OVER: it never will."""

    AGAIN = "AGAIN"
    ALONE = "ALONE"
    OVER = "OVER"


def fate_of(never_seen: Order, as_of: datetime) -> Fate:
    """An order that expires is over for certain then and not before; of another, the venue's word that it never saw it is all there is.

    One that expires by the height of its chain is over when the venue says so.
    """
    if never_seen.expires_at is not None and as_of > never_seen.expires_at:
        return Fate.OVER
    if never_seen.side is Side.SELL or as_of - never_seen.created_at <= RESEND_WITHIN:
        return Fate.AGAIN
    return Fate.ALONE if may_happen_alone(never_seen) else Fate.OVER


def may_happen_alone(order: Order) -> bool:
    """Whether it was signed so that anybody who has it can still bring it about."""
    return order.expires_at is not None or order.last_valid_height is not None
