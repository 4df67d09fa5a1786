"""What a webhook brought, read: raw transactions and those that Helius has read itself, each for the watched wallets in it."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl

from adapters.feeds.solana.chain_rows import ChainRows
from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.listing import Seen
from adapters.feeds.solana.recorded_rates import RateAt
from adapters.feeds.solana.rpc_transactions import read_row
from data_contracts import ChainReading, Delivery
from domain.solana.transactions import ChainTransaction, Unreadable

SOURCE = "helius_webhooks"
AHEAD = "its block lies ahead of our clock: the chain is asked for it again"


@dataclass
class Delivered:
    """Trade and ChainReading rows of some deliveries; and those that cannot be read, each with why."""

    trades: pl.DataFrame
    readings: pl.DataFrame
    unreadable: list[tuple[Delivery, str]] = field(default_factory=list)


def is_of_a_block_until(delivery: Delivery, until: datetime) -> bool:
    """Whether it tells of a block of then or before; what says no time, or cannot be read, need not wait."""
    read = _transaction(delivery)
    return isinstance(read, Unreadable) or read.block_time is None or read.block_time <= until


def read_deliveries(deliveries: Iterable[Delivery], watched: Collection[str], rate_at: RateAt, until: datetime) -> Delivered:
    """In the order in which they came. What touches no watched wallet says nothing: a webhook may watch more than we do by now."""
    rows = ChainRows(SOURCE, rate_at, datetime.min.replace(tzinfo=until.tzinfo), until)
    unreadable = []
    for delivery in deliveries:
        read = _transaction(delivery)
        if isinstance(read, Unreadable):
            unreadable.append((delivery, read.why))
        for seen in _seen(delivery, read, watched):
            if rows.add(seen, read) is None:
                rows.add_gap(replace(seen, at=None), AHEAD)  # by one of the two clocks it has not happened: when it did, the chain will say
    trades, besides = rows.frames()
    return Delivered(trades, besides[ChainReading], unreadable)


def _transaction(delivery: Delivery) -> ChainTransaction | Unreadable:
    """A raw one has a `meta`; one that was read for us has not."""
    payload: Any = json.loads(delivery.payload)
    if not isinstance(payload, dict):
        return Unreadable(delivery.signature, "it is no object")
    return read_row(payload) if "meta" in payload else read_enhanced(payload)


def _seen(delivery: Delivery, read: ChainTransaction | Unreadable, watched: Collection[str]) -> Iterator[Seen]:
    """Of what cannot be read, the wallets whose addresses stand in it."""
    slot, at = (read.slot or 0, read.block_time) if isinstance(read, ChainTransaction) else (0, None)
    for wallet in watched:
        is_in_it = read.has(wallet) if isinstance(read, ChainTransaction) else wallet in delivery.payload
        if is_in_it:
            yield Seen(wallet, delivery.signature, slot, at, None, False)
