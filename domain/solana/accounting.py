"""The invariant of reading the chain: every signature that was seen ends as exactly one of trade, no trade, failed, unreadable, gap."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from data_contracts import ChainReading, ReadAs
from domain.solana.readings import Reading
from domain.statistics.resampling import wilson_low

# Read for several wallets, a transaction counts as what it was for the one it was most for.
MOST_FIRST = (ReadAs.TRADE, ReadAs.UNREADABLE, ReadAs.FAILED, ReadAs.NOT_A_TRADE)


# What says more of one wallet's part: a service may leave out what a node tells, and a node may not have it yet.
SAYS_MOST = (ReadAs.TRADE, ReadAs.FAILED, ReadAs.NOT_A_TRADE, ReadAs.UNREADABLE, ReadAs.GAP)
VANISHED = "it was listed, and the chain does not have it any more"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of those seen; with the bounds within which the rate lies, each at 95 %."""

    count: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Accounting:
    """How the signatures of a walk ended. The counts add up to `seen`."""

    counts: dict[ReadAs, int]

    @property
    def seen(self) -> int:
        return sum(self.counts.values())

    def share(self, read_as: ReadAs) -> Share:
        """Of nothing seen, anything between none and all."""
        count, seen = self.counts[read_as], self.seen
        hits, of = np.array([count, seen - count]), np.array([seen, seen])
        low, high = wilson_low(hits, of)
        return Share(count, count / seen if seen else 0.0, float(low), float(1 - high))

    @property
    def is_complete(self) -> bool:
        """Nothing that was seen is missing or could not be read."""
        return not self.counts[ReadAs.GAP] and not self.counts[ReadAs.UNREADABLE]


def account_for(seen: Iterable[str], readings: Iterable[Reading]) -> tuple[Accounting, dict[str, ReadAs]]:
    """By signature; one without a reading is a gap. Readings of signatures nobody was seen to ask for are counted too: they were seen."""
    ends: dict[str, ReadAs] = dict.fromkeys(seen, ReadAs.GAP)
    for number, reading in enumerate(readings):
        name = reading.signature or f"without a signature {number}"
        ends[name] = min(ends.get(name, ReadAs.GAP), reading.read_as, key=_place)
    counted = Counter(ends.values())
    return Accounting({read_as: counted[read_as] for read_as in ReadAs}), ends


def account_of(ends: Iterable[tuple[str, ReadAs]]) -> Accounting:
    """The same of what is on record: signature and what became of it, once for each of its wallets."""
    most: dict[str, ReadAs] = {}
    for signature, read_as in ends:
        most[signature] = min(most.get(signature, ReadAs.GAP), read_as, key=_place)
    counted = Counter(most.values())
    return Accounting({read_as: counted[read_as] for read_as in ReadAs})


def is_later_word(reading: ChainReading, before: ChainReading | None) -> bool:
    """Whether it says more than what is on record, or that the chain took it back; the same again is no news."""
    if before is None:
        return True
    if reading.why.startswith(VANISHED):
        return not before.why.startswith(VANISHED)
    says, said = SAYS_MOST.index(reading.read_as), SAYS_MOST.index(before.read_as)
    return says < said or (says == said and reading.trades > before.trades)


def _place(read_as: ReadAs) -> int:
    return MOST_FIRST.index(read_as) if read_as in MOST_FIRST else len(MOST_FIRST)
