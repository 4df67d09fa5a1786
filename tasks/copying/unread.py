"""What was posted, and how far cycles have read it: by the counts that the store and the readers keep."""

from typing import NamedTuple

from adapters.stores.results import Results, read_count
from data_contracts import Counter, Delivery, TradeIntent, contract_of

KINDS = (TradeIntent, Delivery)


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
