"""What a transaction that was seen for a wallet comes to: its Trade rows, and the row that says what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from adapters.feeds.solana.chain_transactions import Read
from adapters.feeds.solana.listing import Seen
from adapters.feeds.solana.recorded_rates import RateAt
from data_contracts import ChainReading, Funding, ReadAs, Trade
from data_contracts.frames import frame_of
from domain.solana.fundings import fundings_of, has_dollars
from domain.solana.readings import Reading
from domain.solana.swaps import read_swaps
from domain.solana.trades import trades_of, unpriced
from domain.solana.transactions import ChainTransaction

LONGEST_WHY = 500


@dataclass
class ChainRows:
    """Rows of one walk: of what happened after `after` and up to `until`. Until somebody stores them, they count as seen then."""

    source: str
    rate_at: RateAt
    after: datetime
    until: datetime
    trades: list[Trade] = field(default_factory=list)
    readings: list[ChainReading] = field(default_factory=list)
    fundings: list[Funding] = field(default_factory=list)

    def add(self, seen: Seen, read: Read | None) -> ReadAs | None:
        """What became of it; None where it turns out to have happened at another time than was asked for."""
        if isinstance(read, ChainTransaction):
            read = replace(read, block_time=read.block_time or seen.at)
        at = read.block_time if isinstance(read, ChainTransaction) else seen.at
        if at is not None and not self.after < at <= self.until:
            return None
        if read is None or (at is None and isinstance(read, ChainTransaction)):
            why = "its transaction is not there yet" if read is None else "the time of its block is not known yet"
            return self._say(seen, at, Reading(seen.signature, seen.wallet, ReadAs.GAP, why))
        return self._read(seen, read, at)

    def add_failed(self, seen: Seen) -> ReadAs:
        """The list says that it failed: nothing more of it is asked for."""
        return self._say(seen, seen.at, Reading(seen.signature, seen.wallet, ReadAs.FAILED, seen.error or ""))

    def add_gap(self, seen: Seen, why: str) -> ReadAs:
        """It was seen, and what it was is not known, or not any more."""
        return self._say(seen, seen.at, Reading(seen.signature, seen.wallet, ReadAs.GAP, why))

    def frames(self) -> tuple[pl.DataFrame, dict[type, pl.DataFrame]]:
        """Trade rows, and by row class what comes beside them."""
        besides = {ChainReading: frame_of(self.readings, ChainReading), Funding: frame_of(self.fundings, Funding)}
        return frame_of(self.trades, Trade), besides

    def _read(self, seen: Seen, read: Read, at: datetime | None) -> ReadAs:
        reading = read_swaps(read, seen.wallet)
        rate = self.rate_at(at) if at and unpriced(reading) else None
        rows = list(trades_of(reading, read, self.source, at or self.until, rate)) if isinstance(read, ChainTransaction) else []
        self.trades += rows
        if isinstance(read, ChainTransaction):
            self.fundings += fundings_of(reading, read, self.rate_at(at) if at and has_dollars(read, seen.wallet) else None)
        return self._say(seen, at, reading, len(rows), len(unpriced(reading, rate)))

    def _say(self, seen: Seen, at: datetime | None, reading: Reading, trades: int = 0, without_price: int = 0) -> ReadAs:
        self.readings.append(
            ChainReading(
                wallet=seen.wallet,
                signature=seen.signature,
                source=self.source,
                slot=seen.slot,
                happened_at=at,
                read_as=reading.read_as,
                why=reading.why[:LONGEST_WHY],
                trades=trades,
                unpriced=without_price,
                seen_at=self.until,
            )
        )
        return reading.read_as


def in_words(readings: Iterable[ChainReading]) -> str:
    """How many ended how."""
    ends: Sequence[ReadAs] = [row.read_as for row in readings]
    return ", ".join(f"{ends.count(one)} {one.lower().replace('_', ' ')}" for one in ReadAs if one in ends)
