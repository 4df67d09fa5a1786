"""Whose transactions are read, and what is on record that reading them needs. Asked of the stores at each walk: others edit them."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from adapters.feeds.solana.recorded_rates import RateAt, RecordedRates
from adapters.stores.history import History
from adapters.stores.results import Results
from data_contracts import Candidate, Leader, Position, SolanaToken, Strategy, Venue
from data_contracts.frames import rows_of
from domain.solana.base58 import is_key
from domain.wallet_addresses import is_of

MOST_CANDIDATES = 1_000
GOOD_FOR_S = 300.0


class Known(Protocol):
    """What a feed of the chain asks us."""

    def wallets(self) -> list[str]:
        """Whom to read, whoever matters most first."""
        ...

    def rates(self) -> RateAt:
        """USD for a SOL at an instant, by the rate that was on record then; None where it was older than an hour, or there was none."""
        ...

    def tokens(self, token_ids: Collection[str]) -> dict[str, SolanaToken]:
        """What is known of these mints."""
        ...


@dataclass
class OnRecord:
    """By our stores, each opened when it is asked: the feed outlives a connection. Candidates are many, and read now and then only."""

    results: Callable[[], Results]
    history: Callable[[], History]
    _candidates: list[str] = field(default_factory=list)
    _read_s: float = -GOOD_FOR_S

    def wallets(self) -> list[str]:
        """Followed leaders, those of what is held, then candidates, those seen last first."""
        results = self.results()
        strategies = results.read(Strategy, only=["strategy_id"], venue=Venue.SOLANA)["strategy_id"].to_list()
        followed = results.read(Leader, only=["wallet"], strategy_id=strategies, dropped_at=None)["wallet"].to_list() if strategies else []
        held = results.read(Position, only=["leader"], venue=Venue.SOLANA, closed_at=None)["leader"].to_list()
        return [wallet for wallet in dict.fromkeys([*followed, *held, *self._found(results)]) if is_key(wallet)]

    def _found(self, results: Results) -> list[str]:
        if time.monotonic() - self._read_s >= GOOD_FOR_S:
            found = results.read(Candidate, only=["wallet", "last_seen_at"], excluded=None).filter(is_of(Venue.SOLANA))
            self._candidates = found.sort("last_seen_at", descending=True)["wallet"].unique(maintain_order=True).to_list()[:MOST_CANDIDATES]
            self._read_s = time.monotonic()
        return self._candidates

    def rates(self) -> RateAt:
        return RecordedRates(self.results).usd_per_sol

    def tokens(self, token_ids: Collection[str]) -> dict[str, SolanaToken]:
        return {row.token_id: row for row in rows_of(self.history().tokens(token_ids), SolanaToken)}
