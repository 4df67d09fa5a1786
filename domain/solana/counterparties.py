"""Who stood on the other side: what every party of a transaction gained and lost, and which of them gave one thing for another.

A pool is known by what it does, never by its program: it gains one thing and loses another. So a venue nobody has heard of is read like
the known ones, and whatever only gains is a fee, a tip or a deposit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.solana.programs import LAMPORTS, WSOL
from domain.solana.rent import rent_of
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.transactions import ChainTransaction, Payment

SMALLEST_TRANSFER = LAMPORTS // 100
MOSTLY_LOCKED = 100  # a curve keeps more than this part of its coin; of a pool's shares, a few are locked at most
Moves = Mapping[str, int]  # raw amounts by mint; SOL, native and wrapped, stands under WSOL


@dataclass(frozen=True)
class Counterparties:
    """The parties of a transaction, seen from one of them."""

    transaction: ChainTransaction
    owner: str

    @cached_property
    def moves(self) -> dict[str, Moves]:
        """By party, the owner of its token accounts: what it gained or lost, without network fee, deposits and what was handed over."""
        sums: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for token in self.transaction.tokens:
            sums[token.owner][token.mint] += token.change
        for account in self.transaction.accounts:
            if account.address not in self.transaction.token_accounts:
                sums[account.address][WSOL] += account.change - self.deposits.get(account.address, 0)
        sums[self.transaction.fee_payer][WSOL] += self.transaction.fee or 0
        for payment in self.handed_over:
            sums[payment.source][WSOL] += payment.lamports
            sums[payment.destination][WSOL] -= payment.lamports
        for mint, seller in self._sellers_of_what_was_born():
            sums[seller][mint] -= self.transaction.supply_changes[mint]
        return {party: {mint: raw for mint, raw in moved.items() if raw} for party, moved in sums.items()}

    @cached_property
    def handed_over(self) -> list[Payment]:
        """SOL that one who signed sent to another who signed: wallets of a fleet are funded in the transaction in which they buy.

        Little of it is what a relayer is paid for the network's fee, a cost.
        """
        people = set(self.transaction.signers or ())
        sent = (one for one in self.transaction.payments if one.is_outer and not one.opens and one.lamports > SMALLEST_TRANSFER)
        return [one for one in sent if {one.source, one.destination} <= people and one.source != one.destination]

    @cached_property
    def own(self) -> Moves:
        return self.moves.get(self.owner, {})

    @cached_property
    def others(self) -> dict[str, Moves]:
        return {party: moved for party, moved in self.moves.items() if party != self.owner and moved}

    @cached_property
    def deposits(self) -> dict[str, int]:
        """By account, the owner's own among them, what its deposit grew by. People and takers of tips hold none."""
        transaction = self.transaction
        people = TIP_ACCOUNTS | ({self.owner, transaction.fee_payer, *(transaction.signers or ())} - transaction.opened)
        listed = (account for account in transaction.accounts if account.change and account.address not in people)
        return {account.address: deposit for account in listed if (deposit := rent_of(transaction, account))}

    @cached_property
    def pools(self) -> dict[str, Moves]:
        """Whoever gave one thing for another."""
        return {party: moved for party, moved in self.others.items() if self._is_pool(moved)}

    @cached_property
    def vaults(self) -> dict[str, Moves]:
        """Where no pool did, those that together did: vaults of one pool whose owners differ."""
        return {} if reaches(self.pools.values(), self.own) else self._split_vaults()

    @cached_property
    def exchanges(self) -> tuple[Moves, ...]:
        """What each pool gained and lost."""
        return (*self.pools.values(), *([total(self.vaults.values())] if self.vaults else []))

    @cached_property
    def traders(self) -> frozenset[str]:
        """Whoever the owner traded with, directly or on the way."""
        return frozenset(self.pools.keys() | self.vaults.keys())

    @cached_property
    def is_linked(self) -> bool:
        """Somebody gave what came for what went. A trimmed payload cannot show it, and is believed."""
        return not self.transaction.is_whole or reaches(self.exchanges, self.own)

    @cached_property
    def is_alone(self) -> bool:
        """Nobody else had anything in it: then whatever others gained, this owner paid or its pools did."""
        return all(party in self.traders for party, moved in self.others.items() if any(raw < 0 for raw in moved.values()))

    @cached_property
    def is_told_by_balances(self) -> bool:
        """Every lamport is there and all of it is this owner's doing, so that each has its place."""
        return self.transaction.is_whole and self.is_alone

    def _is_pool(self, moved: Moves) -> bool:
        if not self.transaction.is_whole:  # a trimmed payload may show one side of it only
            return any(mint in self.own and raw * self.own[mint] < 0 for mint, raw in moved.items() if mint != WSOL)
        return _gives_and_takes(moved) and not self._trades_alike(moved)

    def _trades_alike(self, moved: Moves) -> bool:
        """Another buyer or seller in the same transaction: what the owner gave and got, it gave and got too."""
        shared = self.own.keys() & moved.keys()
        return len(shared) > 1 and all(moved[mint] * self.own[mint] > 0 for mint in shared)

    def _sellers_of_what_was_born(self) -> Iterator[tuple[str, str]]:
        """A curve whose coin is minted in this transaction is first given all of it: what it has in the end is what it did not sell."""
        for mint in self.transaction.born_mints & self.transaction.supply_changes.keys():
            held = {token.owner: token.change for token in self.transaction.tokens if token.mint == mint and token.owner != self.owner}
            seller = max(held, key=lambda owner: held[owner], default=None)
            if seller is not None and held[seller] * MOSTLY_LOCKED >= self.transaction.supply_changes[mint]:
                yield mint, seller

    def _split_vaults(self) -> dict[str, Moves]:
        """Of token accounts' owners, who gained most of what this owner gave, and who lost most of what it got."""
        vaults = {token.owner: self.moves[token.owner] for token in self.transaction.tokens if token.owner not in {self.owner, *self.pools}}
        sides = [_opposite(vaults, mint, raw) for mint, raw in self.own.items()]
        chosen = {party: vaults[party] for party in sides if party is not None}
        return chosen if _gives_and_takes(total(chosen.values())) else {}


def total(moves: Iterable[Moves]) -> dict[str, int]:
    """By mint, over all of them."""
    sums: defaultdict[str, int] = defaultdict(int)
    for moved in moves:
        for mint, raw in moved.items():
            sums[mint] += raw
    return dict(sums)


def _opposite(vaults: Mapping[str, Moves], mint: str, raw: int) -> str | None:
    """Of these, whoever gained most of what was given, or lost most of what was got."""
    against = {party: abs(moved[mint]) for party, moved in vaults.items() if moved.get(mint, 0) * raw < 0}
    return max(against, key=lambda party: against[party], default=None)


def _gives_and_takes(moved: Moves) -> bool:
    return any(raw > 0 for raw in moved.values()) and any(raw < 0 for raw in moved.values())


def reaches(pools: Iterable[Moves], own: Moves) -> bool:
    """Is there a way from something the owner gave, through pools, to something it got?"""
    pools = list(pools)
    reached, before = {mint for mint, raw in own.items() if raw < 0}, 0
    while len(reached) > before:
        before = len(reached)
        entered = [moved for moved in pools if any(moved.get(mint, 0) > 0 for mint in reached)]
        reached |= {mint for moved in entered for mint, raw in moved.items() if raw < 0}
    return any(own[mint] > 0 for mint in reached & own.keys())
