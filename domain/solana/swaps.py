"""What a transaction was for one wallet: its swaps, or why it is no trade. Read from what balances did, never from what it is called."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from data_contracts import LineKind, NoTrade, ReadAs
from domain.solana.counterparties import Counterparties, Moves
from domain.solana.ledger_lines import lines_of
from domain.solana.programs import LAMPORTS, MONEY_MINTS, SOL_DECIMALS, WSOL
from domain.solana.readings import Amount, Reading, Swap
from domain.solana.routes import LEFT_OVER, End, ends_of, sol_on_the_way
from domain.solana.transactions import ChainTransaction, Unreadable

UNTOLD_COSTS = LAMPORTS // 100  # where costs cannot be told apart, so little SOL beside two coins is one of them


def read_swaps(transaction: ChainTransaction | Unreadable, owner: str) -> Reading:
    """Exactly one of trade, no trade, failed, unreadable."""
    if isinstance(transaction, Unreadable):
        return Reading(transaction.signature or "", owner, ReadAs.UNREADABLE, transaction.why)
    parties = Counterparties(transaction, owner)
    if transaction.error is not None:
        return Reading(transaction.signature, owner, ReadAs.FAILED, transaction.error, (), lines_of(parties, False))
    return _Read(parties).reading


@dataclass(frozen=True)
class _Read:
    """The steps from balances to swaps."""

    parties: Counterparties

    @cached_property
    def reading(self) -> Reading:
        legs = self.legs
        if (why := self._no_trade(legs)) is not None:
            exchanged = self._exchanged(legs) if why is NoTrade.MONEY_FOR_MONEY else ()
            return self._as(ReadAs.NOT_A_TRADE, why, exchanged, bool(exchanged))
        swaps = self._swaps(legs)
        if swaps is None:
            return self._as(ReadAs.UNREADABLE, "several swaps whose amounts cannot be told apart", (), True)
        return self._as(ReadAs.TRADE, "", swaps, True)

    def _as(self, read_as: ReadAs, why: str, swaps: tuple[Swap, ...], traded: bool) -> Reading:
        parties = self.parties
        return Reading(parties.transaction.signature, parties.owner, read_as, str(why), swaps, lines_of(parties, traded))

    @cached_property
    def decimals(self) -> Mapping[str, int]:
        return {token.mint: token.decimals for token in self.parties.transaction.tokens} | {WSOL: SOL_DECIMALS}

    @cached_property
    def legs(self) -> Moves:
        """What the wallet gained or lost once costs are set apart, without what was left over on the way through other things."""
        kind = LineKind.TRADED if self.parties.is_linked else LineKind.MOVED
        lines = {line.mint: line.raw for line in lines_of(self.parties, self.parties.is_linked) if line.kind is kind}
        own = {**self.parties.own, WSOL: 0}
        legs = {mint: lines.get(mint, 0) if mint in MONEY_MINTS else raw for mint, raw in own.items()}
        kept = {mint: raw for mint, raw in legs.items() if raw and self._is_traded(mint, raw)}
        return kept if len(kept) > 1 else {mint: raw for mint, raw in legs.items() if raw}

    def _is_traded(self, mint: str, raw: int) -> bool:
        """A coin no pool touched was sent along, and a little of what pools gave to each other was left over."""
        moved = [pool[mint] for pool in self.parties.exchanges if mint in pool]
        if not moved and mint not in MONEY_MINTS and self.parties.is_linked and self.parties.transaction.is_whole:
            return False
        gained, lost = sum(one for one in moved if one > 0), -sum(one for one in moved if one < 0)
        return abs(raw) * LEFT_OVER > min(gained, lost)

    def _no_trade(self, legs: Moves) -> NoTrade | None:
        if not self.parties.transaction.has(self.parties.owner):
            return NoTrade.NOT_IN_IT
        coins = {mint: raw for mint, raw in legs.items() if mint not in MONEY_MINTS}
        if not legs:
            return NoTrade.NOTHING_MOVED
        if not coins:
            return NoTrade.MONEY_FOR_MONEY if _both_ways(legs) and self.parties.is_linked else NoTrade.MONEY_ONLY
        if all(self._is_one_of_a_kind(mint, raw) for mint, raw in coins.items()):
            return NoTrade.NON_FUNGIBLE
        if not _both_ways(legs):
            return NoTrade.TOKENS_ONLY if coins == legs else NoTrade.LIQUIDITY
        return None if self.parties.is_linked else self._unlinked(legs, coins)

    def _unlinked(self, legs: Moves, coins: Moves) -> NoTrade:
        """Three things, of which two went the same way: a share of a pool was minted or burned for them."""
        return NoTrade.LIQUIDITY if len(legs) > 2 and len(coins) > 1 else NoTrade.NO_COUNTERPARTY

    def _is_one_of_a_kind(self, mint: str, raw: int) -> bool:
        return self.decimals[mint] == 0 and abs(raw) == 1

    def _exchanged(self, legs: Moves) -> tuple[Swap, ...]:
        gave = [self._amount(mint, raw) for mint, raw in legs.items() if raw < 0]
        got = [self._amount(mint, raw) for mint, raw in legs.items() if raw > 0]
        if len(gave) != 1 or len(got) != 1:
            return ()
        return (Swap(gave[0], got[0], next((one.raw for one in (gave[0], got[0]) if one.mint == WSOL), None)),)

    def _amount(self, mint: str, raw: int) -> Amount:
        return Amount(mint, abs(raw), self.decimals[mint])

    def _swaps(self, legs: Moves) -> tuple[Swap, ...] | None:
        """One coin for one kind of money is what its balances say. More than that is told apart by the pools it went through."""
        if not self.parties.is_told_by_balances:
            legs = _without_untold_costs(legs)
        coins = [mint for mint in legs if mint not in MONEY_MINTS]
        if len(legs) == 2 and len(coins) == 1:
            return (self._for_money(coins[0], legs),)
        return self._by_pools(coins, legs)

    def _for_money(self, coin: str, legs: Moves) -> Swap:
        money = next(mint for mint in legs if mint != coin)
        side = 1 if legs[coin] > 0 else -1
        lamports = abs(legs[WSOL]) if money == WSOL else sol_on_the_way(self.parties.exchanges, coin, side)
        return _swap(self._amount(coin, legs[coin]), self._amount(money, legs[money]), side, lamports)

    def _by_pools(self, coins: Iterable[str], legs: Moves) -> tuple[Swap, ...] | None:
        """A coin for a coin is found from both ends, and is one swap. What was sold comes first: no two services list alike."""
        swaps: dict[frozenset[str], Swap] = {}
        for coin in sorted(coins, key=lambda mint: (legs[mint] > 0, mint)):
            ends = ends_of(self.parties.exchanges, coin, 1 if legs[coin] > 0 else -1, legs)
            if ends is None:
                return None
            swaps |= {frozenset({coin, end.mint}): swap for (_, end), swap in zip(ends, self._to(coin, legs, ends), strict=True)}
        if not all(swap.gave.raw and swap.got.raw for swap in swaps.values()):
            return None
        left = legs.keys() - {mint for pair in swaps for mint in pair}
        is_explained = left <= MONEY_MINTS if self.parties.transaction.is_whole else not left  # money that came or went beside them
        return tuple(swaps.values()) if is_explained else None

    def _to(self, coin: str, legs: Moves, ends: Sequence[tuple[int, End]]) -> Iterator[Swap]:
        """Each has its part of what the wallet itself got or gave, of which some may have been sent on. The last has the rest."""
        side, own, through = (1 if legs[coin] > 0 else -1), abs(legs[coin]), sum(raw for raw, _ in ends)
        left = own
        for number, (raw, end) in enumerate(ends, 1):
            part = left if number == len(ends) else own * raw // through
            left -= part
            other = self._amount(end.mint, end.raw if end.mint in MONEY_MINTS else legs[end.mint])
            yield _swap(self._amount(coin, part), other, side, self._lamports(coin, side, end, len(ends)))

    def _lamports(self, coin: str, side: int, end: End, ends: int) -> int | None:
        if end.mint == WSOL:
            return end.raw
        return sol_on_the_way(self.parties.exchanges, coin, side) if end.mint in MONEY_MINTS and ends == 1 else None


def _swap(coin: Amount, other: Amount, side: int, lamports: int | None) -> Swap:
    return Swap(other, coin, lamports) if side > 0 else Swap(coin, other, lamports)


def _both_ways(legs: Moves) -> bool:
    return any(raw > 0 for raw in legs.values()) and any(raw < 0 for raw in legs.values())


def _without_untold_costs(legs: Moves) -> Moves:
    rest = {mint: raw for mint, raw in legs.items() if mint != WSOL}
    return rest if _both_ways(rest) and abs(legs.get(WSOL, 0)) <= UNTOLD_COSTS else legs
