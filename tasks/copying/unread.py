"""What was posted, and how far cycles have read it: by the counts that the store and the readers keep."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple, TypeVar

from adapters.stores.results import Results, read_count
from data_contracts import Counter, Delivery, TradeIntent, contract_of
from domain.copying.firewall import CLOCK_SKEW_S

KINDS = (TradeIntent, Delivery)
CLOCKS_APART = timedelta(seconds=CLOCK_SKEW_S)  # a trade that lies further ahead is denied
P = TypeVar("P", TradeIntent, Delivery)


class Posted(NamedTuple):
    """Numbers of rows of one class: up to which it has come, and up to which it is read."""

    until: int
    read: int


def posted_counts(results: Results) -> dict[type, Posted]:
    """Of each class of rows that are posted to us."""
    reached = {row.name: row.reached for row in results.rows(Counter)}
    return {kind: Posted(reached.get(contract_of(kind).table, 0), reached.get(read_count(kind), 0)) for kind in KINDS}


def unread(results: Results) -> dict[type, Posted]:
    """Of each class of which something waits for a cycle."""
    return {kind: count for kind, count in posted_counts(results).items() if count.until > count.read}


def due(arrived: Iterable[P], as_of: datetime, is_live: bool, has_happened: Callable[[P], bool] = lambda one: True) -> list[P]:
    """Those that a cycle takes, in their order: what had come by `as_of`; of a live one also what is there and happened by then.

    Two machines' clocks differ, and one jumps. By the inbox's alone, 2 s ahead, what it posted was due for no cycle that it woke; an hour
    ahead, all that came later waited for an hour behind it. An old cycle that is taken again sees what it saw.
    """
    return list(takewhile(lambda one: one.received_at <= as_of or (is_live and has_happened(one)), arrived))
