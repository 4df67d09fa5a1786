"""What is known when the trades of a cycle are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from data_contracts import Consensus, Instrument, Venue


class Need(StrEnum):
    """What a decision kind may ask for. Each word is the field of Evidence that holds it, and has its line in `tasks/copying/needs.py`."""

    CONSENSUS = "consensus"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Consensus is by token and by who votes; `held_before` by trade, None where unknown."""

    instruments: Mapping[str, Instrument]
    consensus: Mapping[tuple[str, str], Consensus] = field(default_factory=dict)
    held_before: Mapping[str, Decimal | None] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    late: frozenset[Venue] = frozenset()  # whose feed is too far behind

    def owner_of(self, wallet: str) -> str:
        return self.owners.get(wallet, wallet)
