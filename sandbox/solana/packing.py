"""What is in a block as bytes, and back: a deed by its parts. A launch in it is named by its mint, and found again by it."""

import marshal
from array import array
from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple, cast

from sandbox.solana.curve_trades import CurveTrade, Launching
from sandbox.solana.deeds import Costs, Deed
from sandbox.solana.launches import CoinTrade, Launch
from sandbox.solana.outside import Outside
from sandbox.solana.pool_trades import Migration, PoolTrade
from sandbox.solana.reserves import Reserves, Swapped
from sandbox.solana.rotations import Rotation
from sandbox.solana.transfers import Gift, Payments, Wrapping

_DEEDS: tuple[type, ...] = (CurveTrade, PoolTrade, Launching, Migration, Rotation, Payments, Gift, Wrapping)
_KINDS: tuple[Any, ...] = (*_DEEDS, Outside, Costs, CoinTrade, Swapped, Reserves)
_CODES = {kind: code for code, kind in enumerate(_KINDS)}
_PARTS = [attrgetter(*(part.name for part in fields(kind))) for kind in _KINDS]


class Done(NamedTuple):
    """What was done, and what each account it touches held before: lamports and coins, in the order of its moves."""

    did: Deed | Outside
    lamports: "array[int]"
    coins: "array[int]"

    @classmethod
    def outside(cls, outside: Outside) -> "Done":
        """Its balances are what whoever executed it says."""
        return cls(outside, array("q"), array("q"))


class Packing:
    def __init__(self, launches: Mapping[str, Launch]) -> None:
        self._launches = launches

    def packed(self, done: Done) -> bytes:
        return marshal.dumps((_taken_apart(done.did), done.lamports.tobytes(), done.coins.tobytes()))

    def unpacked(self, data: bytes) -> Done:
        parts, lamports, coins = marshal.loads(data)  # noqa: S302, our own file
        return Done(cast(Deed | Outside, self._put_together(parts)), array("q", lamports), array("q", coins))

    def _put_together(self, one: object) -> object:
        if type(one) is not list:
            return one
        code, *parts = one
        return self._launches[parts[0]] if code < 0 else _KINDS[code](*map(self._put_together, parts))


def _taken_apart(one: object) -> Any:
    """A list is an object: the number of its kind, then its parts. Anything else is as it is."""
    if isinstance(one, Launch):
        return [-1, one.mint]
    code = _CODES.get(type(one))
    return one if code is None else [code, *map(_taken_apart, _PARTS[code](one))]
