"""What the executor believes nobody about: that the judge made an order so, and how much money is out already."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.money_out import MoneyOut, came_of
from adapters.secret_files import order_keys
from adapters.settings import Settings
from adapters.venues.venue import Answer
from data_contracts import Order, OrderStatus, Reason, Side
from data_contracts.errors import Unsafe
from domain.copying.seals import is_sealed, seal_of
from domain.operating.alerts import forged_finding
from tasks.operating.alerting import raise_alert

OVER = (OrderStatus.FILLED, OrderStatus.PARTIAL, OrderStatus.UNFILLED, OrderStatus.REFUSED, OrderStatus.DENIED)
OURS = (Reason.ORDER_FORGED, Reason.MONEY_OUT_REACHED)  # said of a row before anybody asked a venue
Answered = Sequence[tuple[Order, Answer]]
log = logging.getLogger("walletflow.executing")


@dataclass(frozen=True, slots=True)
class Guarded:
    """The orders that may be posted, and our no to the others."""

    going: Sequence[Order]
    denied: Answered


def sealed(orders: Sequence[Order], settings: Settings) -> list[Order]:
    """With the judge's seal; as they are where no key is named."""
    keys = order_keys(settings) if orders else []
    return [replace(order, seal=seal_of(order, keys[0])) for order in orders] if keys else list(orders)


def without_forged(orders: Sequence[Order], settings: Settings, as_of: datetime) -> Guarded:
    """Refuses what the judge did not make, or made otherwise, and calls the operator. Where no key is named there is nothing to go by."""
    keys = order_keys(settings) if orders else []
    forged = [order for order in orders if keys and not is_sealed(order, keys)]
    for order in forged:
        log.error("order %s of %s is not what the judge made: it is refused", order.order_id, order.strategy_id)
        raise_alert(forged_finding(order.strategy_id, order.order_id), settings, as_of)
    return Guarded(
        [order for order in orders if order not in forged],
        [(order, Answer(order.order_id, OrderStatus.DENIED, reason=Reason.ORDER_FORGED)) for order in forged],
    )


def within_money(orders: Sequence[Order], settings: Settings) -> Guarded:
    """Lets out of the wallet no more than the executor's own cap, noted before anything is posted. Exits always go."""
    going = [order for order in orders if not settings.is_live_on(order.venue) or order.side is Side.SELL or _is_let_out(order, settings)]
    return Guarded(
        going,
        [(order, Answer(order.order_id, OrderStatus.DENIED, reason=Reason.MONEY_OUT_REACHED)) for order in orders if order not in going],
    )


def _is_let_out(order: Order, settings: Settings) -> bool:
    """Noted, if it may go. Where nobody can say how much is out, or it cannot be noted, nothing more goes."""
    try:
        return MoneyOut(settings.home, order.venue).let_out(order, settings.max_out(order.venue))
    except (Unsafe, OSError) as error:
        log.error("order %s is not let out: %s", order.order_id, error)
        return False


def note_money(answered: Answered, settings: Settings) -> None:
    """What orders that are over took or brought; what has no final answer, or cannot be noted, counts at its worst."""
    for order, answer in answered:
        if settings.is_live_on(order.venue) and answer.status in OVER and answer.reason not in OURS:
            try:
                MoneyOut(settings.home, order.venue).note(order.order_hash, came_of(answer.fills))
            except OSError as error:  # what the venue said must be booked all the same
                log.error("what order %s came to is not noted: %s", order.order_id, error)
