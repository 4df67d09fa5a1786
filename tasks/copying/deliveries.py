"""What webhooks delivered becomes trades and readings, in the order in which it came; what retries lost is found on the chain itself."""

import logging
from collections.abc import Sequence
from datetime import datetime

from adapters.connect import on_record, open_results
from adapters.settings import Settings
from adapters.stores.results import Write, read_count
from data_contracts import Counter, Delivery, Quarantined, Trade, contract_of
from tasks.copying.arrivals import keep_new
from tasks.copying.chain_readings import keep_readings
from tasks.copying.unread import CLOCKS_APART, due, unread
from tasks.quality import quarantined, sorted_out
from tasks.steps import step

AT_ONCE = 2_000  # deliveries a cycle; what is left waits for the next
log = logging.getLogger("walletflow.deliveries")


def take_deliveries(settings: Settings, as_of: datetime, is_live: bool = False) -> None:
    """What arrived since the last cycle. Where nothing did there is no step."""
    if (waiting := unread(open_results(settings)).get(Delivery)) is not None:
        read_delivered(waiting.read, settings, as_of, is_live)


@step
def read_delivered(read: int, settings: Settings, as_of: datetime, is_live: bool = False) -> None:
    """Their rows are stored first; then how far they are read moves on. A trade that a node showed before keeps its arrival.

    What cannot be read is set aside with its reason, and its signature is on record as unreadable for each watched wallet in it. What lies
    ahead of a live cycle by more than clocks differ waits for the next one.
    """
    from adapters.feeds.solana.delivered import is_of_a_block_until, read_deliveries  # the chain's client takes most of a second to import

    results, until = open_results(settings), as_of + CLOCKS_APART if is_live else as_of
    taken: Sequence[Delivery] = due(
        results.arrived(Delivery, read, AT_ONCE), as_of, is_live, lambda delivery: is_of_a_block_until(delivery, until)
    )
    if not taken:
        return
    known = on_record(settings)
    told = read_deliveries(taken, known.wallets(), known.rates(), until)
    new = keep_new(sorted_out(told.trades, Trade, settings, until), settings, as_of)
    keep_readings(told.readings, settings, until)
    aside = [quarantined(_record(one), contract_of(Delivery).table, [why], as_of) for one, why in told.unreadable]
    moved = Counter(name=read_count(Delivery), reached=taken[-1].sequence)
    results.write([Write(Quarantined, aside), Write(Counter, [moved], "put")])
    log.info("%d deliveries, %d new trades, %d unreadable", len(taken), new.height, len(aside))


def _record(delivery: Delivery) -> dict[str, object]:
    return {name: getattr(delivery, name) for name in contract_of(Delivery).names}
