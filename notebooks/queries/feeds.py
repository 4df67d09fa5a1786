"""What reaches us and how late: each stream, each source of trades, the holes in them, and what is posted to us."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from data_contracts import Counter, Gap, ReadAs, TakenIntent, TradeIntent
from data_contracts.posted import Delivery
from domain.solana.accounting import Accounting, account_of
from notebooks.queries.house import House

LONGEST = timedelta(days=1)  # readings are counted here, so no further back
SOURCES_OF = timedelta(hours=1)
MOST = 30


@dataclass(frozen=True, slots=True)
class Posted:
    """How many rows of a kind arrived in all, how many nobody has read yet, and the last ones."""

    arrived: int
    unread: int
    last: pl.DataFrame


def sources(house: House) -> pl.DataFrame:
    """A row per venue and source of the trades of the last hour: how many, the last one, and how long after a trade it was with us."""
    return house.history.arrivals_by_source(house.now - SOURCES_OF)


def open_gaps(house: House) -> pl.DataFrame:
    """Holes that are not filled yet, the newest first."""
    return house.results.read(Gap, closed_at=None).sort("from_at", descending=True)


def closed_gaps(house: House) -> pl.DataFrame:
    """The last holes that were closed, and how."""
    return house.results.latest(Gap, "closed_at", MOST)


def deliveries(house: House) -> Posted:
    """What webhooks brought."""
    only = ["venue", "source", "signature", "received_at", "sequence"]
    return _posted(house, "deliveries", house.results.latest(Delivery, "sequence", MOST, only=only))


def intents(house: House) -> Posted:
    """What others posted for us to follow, with what became of each: `reason` why it is no trade, null where it is one."""
    last = house.results.latest(TradeIntent, "sequence", MOST)
    taken = house.results.read(TakenIntent, only=["intent_id", "reason", "seen_at"], intent_id=last["intent_id"].to_list())
    return _posted(house, "trade_intents", last.join(taken, on="intent_id", how="left", maintain_order="left"))


def readings(house: House, since: datetime) -> Accounting:
    """How the signatures that were seen on Solana ended; they add up."""
    found = house.history.readings_since(max(since, house.now - LONGEST))
    return account_of((one, ReadAs(end)) for one, end in found.iter_rows())


def _posted(house: House, table: str, last: pl.DataFrame) -> Posted:
    reached = dict(house.results.read(Counter, name=[table, f"{table}: read"]).select("name", "reached").iter_rows())
    arrived = reached.get(table, 0)
    return Posted(arrived, max(0, arrived - reached.get(f"{table}: read", 0)), last)
