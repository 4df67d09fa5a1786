"""What webhooks delivered becomes trades and readings, in the order in which it came; what retries lost is found on the chain itself."""

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from adapters.connect import on_record, open_results
from adapters.settings import Settings
from adapters.stores.results import Write, read_count
from data_contracts import Counter, Delivery, Quarantined, Trade, contract_of
from tasks.copying.arrivals import keep_new
from tasks.copying.chain_readings import keep_readings
from tasks.copying.unread import unread
from tasks.quality import quarantined, sorted_out
from tasks.steps import step

AT_ONCE = 2_000  # deliveries a cycle; what is left waits for the next
log = logging.getLogger("walletflow.deliveries")


def take_deliveries(settings: Settings, as_of: datetime) -> None:
    """What arrived since the last cycle. Where nothing did there is no step."""
    if (waiting := unread(open_results(settings)).get(Delivery)) is not None:
        read_delivered(waiting.read, settings, as_of)


@step
def read_delivered(read: int, settings: Settings, as_of: datetime) -> None:
    """Their rows are stored first; then how far they are read moves on. A trade that a node showed before keeps its arrival.

    What cannot be read is set aside with its reason, and its signature is on record as unreadable for each watched wallet in it.
    """
    from adapters.feeds.solana.delivered import read_deliveries  # the chain's client takes most of a second to import

    results = open_results(settings)
    due: Sequence[Delivery] = list(takewhile(lambda one: one.received_at <= as_of, results.arrived(Delivery, read, AT_ONCE)))
    if not due:
        return
    known = on_record(settings)
    told = read_deliveries(due, known.wallets(), known.rates(), as_of)
    new = keep_new(sorted_out(told.trades, Trade, settings, as_of), settings, as_of)
    keep_readings(told.readings, settings, as_of)
    aside = [quarantined(_record(one), contract_of(Delivery).table, [why], as_of) for one, why in told.unreadable]
    moved = Counter(name=read_count(Delivery), reached=due[-1].sequence)
    results.write([Write(Quarantined, aside), Write(Counter, [moved], "put")])
    log.info("%d deliveries, %d new trades, %d unreadable", len(due), new.height, len(aside))


def _record(delivery: Delivery) -> dict[str, object]:
    return {name: getattr(delivery, name) for name in contract_of(Delivery).names}
