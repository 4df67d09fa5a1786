"""The chain: all that happened up to an instant, as a function of the seed and of when it began; and what was sent to it from outside."""

from dataclasses import replace
from heapq import heappop, heappush
from itertools import count
from threading import RLock

from sandbox.solana.balances import Balances, Overdrawn
from sandbox.solana.blocks import Blocks, Placed
from sandbox.solana.coins import EVERY_S, Coins
from sandbox.solana.deeds import Deed
from sandbox.solana.errands import Errand, Errands
from sandbox.solana.keys import curve_of, pool_of
from sandbox.solana.launches import CoinTrade, Launch, mint_of
from sandbox.solana.outside import Outside, touched_by
from sandbox.solana.packing import Done
from sandbox.solana.slots import FINAL_AFTER, block_at, has_block, slot_at, starts_s

TRADED_FOR = 180  # launches, 12 hours: ten and a half after its own nothing is done with a coin any more
AHEAD_S = 5_400.0  # launches are drawn so long before they happen: whoever pays for them does it before


class Chain:
    """Deeds are due at an instant and become transactions in that order. Nothing that is in a block changes."""

    def __init__(self, seed: int, coins: Coins, begins_s: float) -> None:
        self.seed, self.coins, self.begins_s = seed, coins, begins_s
        self.launches: dict[str, Launch] = {}  # by mint, from their first transaction on, without their trades
        self.balances, self.blocks = Balances(seed), Blocks(seed, self.launches)
        self.places: dict[str, Launch] = {}  # by curve and by pool
        self.last_trades: dict[str, CoinTrade] = {}  # by mint
        self._due: list[tuple[float, int, Errand]] = []
        self._order, self._slot = count(), 0
        self._next_launch = int(begins_s // EVERY_S) + 1
        self._errands, self._lock = Errands(self), RLock()  # tests look at it while a server goes on with it

    def at(self, now_s: float) -> "Chain":
        """Itself, with everything until now."""
        with self._lock:
            return self._go(now_s)

    def _go(self, now_s: float) -> "Chain":
        while True:
            until_s = min(now_s, self._due[0][0]) if self._due else now_s
            if self._next_launch * EVERY_S - AHEAD_S <= until_s:
                if self.coins.exists(self._next_launch):
                    self._errands.prepare(self.coins.launch(self._next_launch))
                self._rest(self._next_launch - TRADED_FOR)
                self._next_launch += 1
            elif self._due and self._due[0][0] <= now_s:
                self._run(*heappop(self._due))
            else:
                return self

    def _rest(self, number: int) -> None:
        if (mint := mint_of(self.seed, number)) in self.launches:
            self.balances.rest(mint)

    def push(self, at_s: float, errand: Errand) -> None:
        heappush(self._due, (max(at_s, self.begins_s), next(self._order), errand))

    def _run(self, at_s: float, _: int, errand: Errand) -> None:
        """In a slot without a block nothing happens: it waits for the next."""
        slot = self._slot = slot_at(at_s)
        if has_block(slot):
            errand(at_s)
        else:
            self.push(starts_s(slot + 1), errand)

    def do(self, deed: Deed) -> None:
        """Brings it into the running block. Who cannot pay for it is paid by an exchange before."""
        try:
            self._append(deed)
        except Overdrawn:
            self._append(self._errands.rescue(deed))
            self._append(deed)

    def _append(self, deed: Deed) -> None:
        moves = deed.moves()
        done = Done(deed, *self.balances.apply(moves))
        slot = max(self._slot, self.blocks[-1].slot if self.blocks else 0)
        self.blocks.append(slot, done, moves.lamports.keys() | moves.coins.keys() | set(deed.about))

    def include(self, now_s: float, outside: Outside) -> Placed:
        """A transaction from outside that landed: it is in the running slot, or in the next that has a block."""
        with self._lock:
            self._go(now_s)
            slot = slot_at(now_s)
            slot += not has_block(slot)
            return self.blocks.append(slot, Done.outside(outside), touched_by(outside))

    def launched(self, coin: Launch) -> None:
        self.launches[coin.mint] = self.places[curve_of(coin.mint)] = replace(coin, trades=())

    def graduated(self, coin: Launch) -> None:
        self.places[pool_of(coin.mint)] = self.launches[coin.mint]


def slot_seen(now_s: float, commitment: str) -> int:
    """The newest block of a commitment: the running slot is processed, the one before is confirmed, finalized comes 32 slots later."""
    running = slot_at(now_s)
    behind = {"processed": 0, "confirmed": 1}.get(commitment, FINAL_AFTER)
    return block_at(now_s) if not behind else _with_block(running - behind)


def _with_block(slot: int) -> int:
    return slot if has_block(slot) else slot - 1
