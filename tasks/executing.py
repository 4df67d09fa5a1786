"""Orders go to the venue, and what it answers comes back as fills. What has no answer yet is asked about first."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_results, open_venue
from adapters.settings import Settings
from adapters.venues.venue import Answer, Venue
from data_contracts import Fill, Order, OrderStatus, Reason, Side
from data_contracts.frames import frame_of, rows_of
from data_contracts.words import OPEN_STATUSES
from tasks.markets import markets_of
from tasks.steps import step

RESEND_WITHIN = timedelta(seconds=60)  # a BUY the venue never saw is not sent after the trade it copies is stale
log = logging.getLogger("walletflow.executing")


@dataclass(frozen=True, slots=True)
class Execution:
    """Order rows as they stand after the venue's answer, and the Fill rows it gave."""

    orders: pl.DataFrame
    fills: pl.DataFrame


@step
def post_orders(orders: pl.DataFrame, settings: Settings, as_of: datetime) -> Execution:
    """Posts what is PENDING."""
    pending = rows_of(orders.filter(pl.col("status") == OrderStatus.PENDING), Order)
    return _posted(pending, settings, as_of) if pending else _execution([], as_of)


@step
def recover_orders(settings: Settings, as_of: datetime) -> Execution:
    """Orders an earlier cycle left without an answer: the venue is asked about each before anything else is done.

    What it never saw is sent again, as long as that still makes sense; what it did see is booked, never sent twice.
    """
    left = rows_of(open_results(settings).read(Order, status=[status.value for status in OPEN_STATUSES]), Order)
    if not left:
        return _execution([], as_of)
    log.warning("%d orders have no answer on record", len(left))
    venue = open_venue(settings)
    found = [(order, venue.find(order)) for order in left]
    answered = [(order, answer) for order, answer in found if answer is not None]
    never_seen = [order for order, answer in found if answer is None]
    stale = [order for order in never_seen if order.side is Side.BUY and as_of - order.created_at > RESEND_WITHIN]
    resent = _posted([order for order in never_seen if order not in stale], settings, as_of)
    given_up = [(order, Answer(order.order_id, OrderStatus.REFUSED, reason=Reason.VENUE_NEVER_SAW_IT)) for order in stale]
    known = _execution([*answered, *given_up], as_of)
    return Execution(pl.concat([known.orders, resent.orders]), pl.concat([known.fills, resent.fills]))


def _posted(orders: Sequence[Order], settings: Settings, as_of: datetime) -> Execution:
    markets = markets_of({order.token_id for order in orders}, settings, as_of)
    venue: Venue = open_venue(settings)
    answers = venue.post(orders, markets, as_of)
    return _execution(list(zip(orders, answers, strict=True)), as_of)


def _execution(answered: Sequence[tuple[Order, Answer]], as_of: datetime) -> Execution:
    orders = [replace(order, status=answer.status, reason=answer.reason, updated_at=as_of) for order, answer in answered]
    fills = [fill for _, answer in answered for fill in answer.fills]
    return Execution(frame_of(orders, Order), frame_of(fills, Fill))
