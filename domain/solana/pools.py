"""Where a coin was traded: what the programs' own events name, else whoever gave it or took it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from domain.solana.counterparties import Counterparties
from domain.solana.events import Event
from domain.solana.launchpads.launchpads import pools_named
from domain.solana.readings import Swap
from domain.solana.transaction_events import events_in
from domain.solana.transactions import ChainTransaction


@dataclass(frozen=True)
class Pools:
    """Of one transaction and wallet."""

    transaction: ChainTransaction
    owner: str

    @cached_property
    def parties(self) -> Counterparties:
        return Counterparties(self.transaction, self.owner)

    @cached_property
    def named(self) -> frozenset[str]:
        return pools_named(event for event in events_in(self.transaction) if isinstance(event, Event))

    def of(self, swap: Swap) -> str:
        """The pool, or curve, that moved most of the coin; empty where balances show none and no event names one.

        Whose vaults have one owner for all its pools (Raydium's do), and who writes no event we read, shows as that owner.
        """
        moved = max(self._moved(swap), default=(0, ""))[1]
        return moved if moved in self.named or len(self.named) != 1 else next(iter(self.named))

    def _moved(self, swap: Swap) -> Iterator[tuple[int, str]]:
        """How much of the coin each of those who traded it gave, or took, the other way round than the wallet."""
        coin, sign = swap.coin.mint, 1 if swap.coin is swap.got else -1
        for party, moved in (self.parties.pools | self.parties.vaults).items():
            if moved.get(coin, 0) * sign < 0:
                yield abs(moved[coin]), party
