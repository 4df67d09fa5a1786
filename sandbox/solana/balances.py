"""What every account holds, lamports and coins, as far as the chain has come. An account that holds no lamports is not there.

`lamports` and `coins` lack the token accounts of coins at rest: `holding` and `is_open` know those too."""

from array import array
from collections.abc import Mapping
from operator import add
from typing import TypeVar

from sandbox.solana.calls import rent, token_rent
from sandbox.solana.curve_trades import GLOBAL, TAKER
from sandbox.solana.deeds import TIPS, Key, Moves
from sandbox.solana.keys import WSOL
from sandbox.solana.people import EXCHANGES, exchange_of
from sandbox.solana.pool_trades import MIGRATOR
from sandbox.solana.token_accounts import Token, TokenAccounts

K = TypeVar("K")
EXCHANGE_LAMPORTS = 2_000_000 * 10**9


class Overdrawn(ValueError):
    """An account would hold less than nothing: the world drew something impossible."""


class Balances:
    def __init__(self, seed: int) -> None:
        self.lamports: dict[Key, int] = {exchange_of(place).address(seed): EXCHANGE_LAMPORTS for place in range(EXCHANGES)}
        self.lamports |= {TAKER: 10**12, MIGRATOR: 10**12, GLOBAL: rent(1_000), (TAKER, WSOL): token_rent(WSOL)}
        self.lamports |= dict.fromkeys(TIPS, rent(0))
        self.coins: dict[Token, int] = {(TAKER, WSOL): 0}
        self.accounts = TokenAccounts()
        self.accounts.append((TAKER, WSOL))
        self.burned = 0  # lamports that went to the network

    def apply(self, moves: Moves) -> "tuple[array[int], array[int]]":
        """What each account held before. Raises Overdrawn, and then nothing has moved."""
        before = _held(self.lamports, moves.lamports)
        held = _held(self.coins, moves.coins)
        for key, was in zip(moves.lamports, before, strict=True):
            self.lamports[key] = was + moves.lamports[key]
        for token, was in zip(moves.coins, held, strict=True):
            if token not in self.coins:
                self.accounts.append(token)
            self.coins[token] = was + moves.coins[token]
        self.burned -= sum(moves.lamports.values())
        return before, held

    def is_open(self, key: Key) -> bool:
        return (self.lamports.get(key, 0) if isinstance(key, str) else self.holding(key)[0]) > 0

    def holding(self, token: Token) -> tuple[int, int]:
        """Lamports and coins of a token account."""
        lamports, coins = self.lamports.get(token), self.coins.get(token)
        return self.accounts.at_rest(token) if coins is None else (lamports or 0, coins)

    def rest(self, mint: str) -> None:
        """Nothing touches the accounts of a coin any more."""
        tokens = self.accounts.of_mint(mint)
        self.accounts.rest(mint, [self.holding(token) for token in tokens])
        for token in tokens:
            del self.coins[token]
            del self.lamports[token]


def _held(balances: Mapping[K, int], changes: Mapping[K, int]) -> "array[int]":
    before = array("q", [balances.get(key, 0) for key in changes])
    if min(map(add, before, changes.values()), default=0) < 0:
        raise Overdrawn(f"{next(key for key, was in zip(changes, before, strict=True) if was + changes[key] < 0)}")
    return before
