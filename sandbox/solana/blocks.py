"""Transactions that are in a block, in the chain's order, and which of them touch an address. What older ones did is on disk."""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import overload

from solders.signature import Signature

from sandbox.solana.deeds import Deed, Key
from sandbox.solana.keys import WSOL
from sandbox.solana.launches import Launch
from sandbox.solana.outside import Outside
from sandbox.solana.packing import Done, Packing
from sandbox.solana.transfers import payments_of
from sandbox.solana.written import error_of
from sandbox.spool import Places, Spool, Spooled

NEWEST = 2_048  # of an hour: in memory
OUTSIDE = -1  # has no number
_MASK, _ODD = (1 << 64) - 1, 0x9E37_79B9_7F4A_7C15
_BACK = pow(_ODD, -1, 1 << 64)


class Placed:
    """A transaction by its place. What it did is looked up when somebody asks.

    `number` counts what the world does; what came from outside has none, and is kept as its executor told it."""

    def __init__(self, blocks: "Blocks", place: int) -> None:
        self._blocks, self.place, self.slot = blocks, place, blocks.slots[place]

    @property
    def index(self) -> int:
        """In its slot."""
        return self.place - bisect_left(self._blocks.slots, self.slot)

    @property
    def number(self) -> int:
        return self._blocks.number(self.place)

    @property
    def error(self) -> object:
        error = self._blocks.failed.get(self.place)
        return error_of(error) if isinstance(error, tuple) else error

    @property
    def did(self) -> Deed | Outside:
        return self._done.did

    @property
    def lamports(self) -> Sequence[int]:
        """What each account it touches held before, in the order of its moves."""
        return self._done.lamports

    @property
    def coins(self) -> Sequence[int]:
        return self._done.coins

    @cached_property
    def _done(self) -> Done:
        return self._blocks.done[self.place]


class Blocks(Sequence[Placed]):
    """Append only. A signature of the world's own is its number in disguise; those from outside are looked up."""

    def __init__(self, seed: int, launches: Mapping[str, Launch]) -> None:
        self._seed = seed
        self._secret = int.from_bytes(hashlib.sha256(f"{seed}:signatures".encode()).digest()[:8])
        packing = Packing(launches)
        self.done = Spooled(packing.packed, packing.unpacked, kept=NEWEST)
        self.slots = array("I")
        self.failed: dict[int, object] = {}  # by place
        self.first_paid: dict[str, int] = {}  # where a wallet was first sent SOL
        self._spool = Spool()
        self._of: dict[Key, Places] = defaultdict(lambda: Places(self._spool))
        self._outside: dict[str, int] = {}
        self._outside_at: dict[int, str] = {}
        self._outside_after: list[int] = []  # how many of the world's own came before each

    def __len__(self) -> int:
        return len(self.slots)

    @overload
    def __getitem__(self, place: int) -> Placed: ...
    @overload
    def __getitem__(self, place: slice) -> list[Placed]: ...
    def __getitem__(self, place: int | slice) -> Placed | list[Placed]:
        found = range(len(self.slots))[place]
        return Placed(self, found) if isinstance(found, int) else [Placed(self, one) for one in found]

    def append(self, slot: int, done: Done, touched: Iterable[Key]) -> Placed:
        place, did = len(self.slots), done.did
        if isinstance(did, Outside):
            self._outside[did.signature], self._outside_at[place] = place, did.signature
            self._outside_after.append(place - len(self._outside_after))
        if error := did.meta["err"] if isinstance(did, Outside) else did.error:
            self.failed[place] = error
        for _, wallet, _ in payments_of(did):
            self.first_paid.setdefault(wallet, place)
        self.done.append(done)
        self.slots.append(slot)
        for key in touched:
            if isinstance(key, str) or key[1] == WSOL:
                self._of[key].append(place)
        return Placed(self, place)

    def places_of(self, key: Key) -> Sequence[int]:
        """Of an account, or of the token account of an owner and a mint."""
        if not isinstance(key, str) and key[1] != WSOL:
            return self._of_both(*key)
        places = self._of.get(key)
        return places.all() if places else ()

    def _of_both(self, owner: str, mint: str) -> Sequence[int]:
        """What moves a coin touches its mint and the owners it moves it between, and nothing else of the world's own touches both."""
        few, many = sorted((self.places_of(owner), self.places_of(mint)), key=len)
        return sorted(set(few).intersection(many) - self._outside_at.keys())

    def until(self, slot: int) -> int:
        """How many there are up to and including a slot."""
        return bisect_right(self.slots, slot)

    def number(self, place: int) -> int:
        if place in self._outside_at:
            return OUTSIDE
        return place - bisect_right(range(len(self._outside_after)), place, key=lambda nth: nth + self._outside_after[nth])

    def signature(self, placed: Placed) -> str:
        return self._outside_at.get(placed.place) or self._signature(placed.number)

    def place_of(self, signature: str) -> int | None:
        if signature in self._outside:
            return self._outside[signature]
        try:
            data = bytes(Signature.from_string(signature))
        except ValueError:
            return None
        number = ((int.from_bytes(data[:8]) ^ self._secret) * _BACK) & _MASK
        place = number + bisect_right(self._outside_after, number)
        known = place < len(self) and self._signature(number) == signature
        return place if known else None

    def _signature(self, number: int) -> str:
        head = ((number * _ODD) & _MASK) ^ self._secret
        return str(Signature(head.to_bytes(8) + hashlib.sha512(f"{self._seed}:signature:{number}".encode()).digest()[:56]))
