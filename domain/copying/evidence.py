"""What is known when the trades of a cycle are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from data_contracts import Consensus, Instrument, SolanaToken, TokenLook, Venue, WalletProfile


class Need(StrEnum):
    """What a decision kind may ask for. Each word is the field of Evidence that holds it, and has its line in `tasks/copying/needs.py`."""

    CONSENSUS = "consensus"
    TOKENS = "tokens"
    RECORDS = "records"
    BUYERS = "buyers"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of a token when its purchase is judged; None where we never heard of it or never looked at it."""

    token: SolanaToken | None
    look: TokenLook | None


@dataclass(frozen=True, slots=True)
class WalletRecord:
    """A wallet's profile over its whole life and over the last 30 days, None where it has none."""

    lifetime: WalletProfile | None
    recent: WalletProfile | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Consensus is by token and by who votes; `held_before` by trade, None where unknown. `buyers` are owners we follow, by token.

    `limits`: the worst price at which whoever posted a trade would have it copied.
    """

    instruments: Mapping[str, Instrument]
    consensus: Mapping[tuple[str, str], Consensus] = field(default_factory=dict)
    held_before: Mapping[str, Decimal | None] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, TokenFacts] = field(default_factory=dict)
    records: Mapping[str, WalletRecord] = field(default_factory=dict)
    buyers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    limits: Mapping[str, Decimal] = field(default_factory=dict)
    late: frozenset[Venue] = frozenset()  # whose feed is too far behind, or away
    unsafe: frozenset[Venue] = frozenset()  # that cannot be dealt with safely now

    def owner_of(self, wallet: str) -> str:
        return self.owners.get(wallet, wallet)
