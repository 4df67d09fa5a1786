"""Transactions that are in a block, in the chain's order, and which of them touch an address."""

import hashlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solders.signature import Signature

from sandbox.solana.deeds import Deed, Key
from sandbox.solana.outside import Outside
from sandbox.solana.written import error_of

_MASK, _ODD = (1 << 64) - 1, 0x9E37_79B9_7F4A_7C15
_BACK = pow(_ODD, -1, 1 << 64)


@dataclass(slots=True)
class Placed:
    """A transaction and its place. `lamports` and `coins` are what each account it touches held before, in the order of its moves.

    `number` counts what the world does; what came from outside has none, and is kept as its executor told it."""

    slot: int
    index: int
    number: int
    did: Deed | Outside
    lamports: Sequence[int] = ()
    coins: Sequence[int] = ()

    @property
    def error(self) -> object:
        return self.did.meta["err"] if isinstance(self.did, Outside) else error_of(self.did.error)


class Blocks:
    """Append only. A signature of the world's own is its number in disguise; those from outside are looked up."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._secret = int.from_bytes(hashlib.sha256(f"{seed}:signatures".encode()).digest()[:8])
        self.all: list[Placed] = []
        self._of: dict[Key, list[int]] = defaultdict(list)
        self._outside: dict[str, int] = {}
        self._outside_after: list[int] = []  # how many of the world's own came before each

    def append(self, placed: Placed, touched: Iterable[Key]) -> None:
        place = len(self.all)
        for key in touched:
            self._of[key].append(place)
        if isinstance(placed.did, Outside):
            self._outside[placed.did.signature] = place
            self._outside_after.append(place - len(self._outside_after))
        self.all.append(placed)

    def next_index(self, slot: int) -> int:
        return self.all[-1].index + 1 if self.all and self.all[-1].slot == slot else 0

    def places_of(self, key: Key) -> list[int]:
        return self._of.get(key, [])

    def until(self, slot: int) -> int:
        """How many there are up to and including a slot."""
        return bisect_right(self.all, slot, key=lambda placed: placed.slot)

    def since(self, slot: int) -> int:
        return bisect_left(self.all, slot, key=lambda placed: placed.slot)

    def signature(self, placed: Placed) -> str:
        return placed.did.signature if isinstance(placed.did, Outside) else self._signature(placed.number)

    def place_of(self, signature: str) -> int | None:
        if signature in self._outside:
            return self._outside[signature]
        try:
            data = bytes(Signature.from_string(signature))
        except ValueError:
            return None
        number = ((int.from_bytes(data[:8]) ^ self._secret) * _BACK) & _MASK
        place = number + bisect_right(self._outside_after, number)
        known = place < len(self.all) and self._signature(number) == signature
        return place if known else None

    def _signature(self, number: int) -> str:
        head = ((number * _ODD) & _MASK) ^ self._secret
        return str(Signature(head.to_bytes(8) + hashlib.sha512(f"{self._seed}:signature:{number}".encode()).digest()[:56]))
