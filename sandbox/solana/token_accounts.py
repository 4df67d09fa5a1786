"""Every token account there ever was, in the order they were first touched; and what is in those of coins that nobody trades any more."""

import sys
from array import array
from collections import defaultdict
from collections.abc import Sequence

Token = tuple[str, str]  # the token account of an owner and a mint


class TokenAccounts(Sequence[Token]):
    """In columns: there are a thousand more after every hour, and hardly anybody asks for the older ones."""

    def __init__(self) -> None:
        self._owners: list[str] = []
        self._mints: list[str] = []
        self._lamports, self._coins = array("q"), array("q")  # of those at rest
        self._of_mint: dict[str, array[int]] = defaultdict(lambda: array("I"))
        self._at_rest: set[str] = set()

    def __len__(self) -> int:
        return len(self._coins)

    def __getitem__(self, place: int) -> Token:  # type: ignore[override]  # nobody asks for a slice
        return self._owners[place], self._mints[place]

    def append(self, token: Token) -> None:
        owner, mint = map(sys.intern, token)
        if mint in self._at_rest:
            raise ValueError(f"{mint} is at rest, and {owner} opens an account of it")
        self._of_mint[mint].append(len(self))
        self._owners.append(owner)
        self._mints.append(mint)
        self._lamports.append(0)
        self._coins.append(0)

    def of_owner(self, owner: str) -> list[Token]:
        return [(owner, self._mints[place]) for place in range(len(self)) if self._owners[place] == owner]

    def of_mint(self, mint: str) -> list[Token]:
        return [(self._owners[place], mint) for place in self._of_mint.get(mint, ())]

    def rest(self, mint: str, held: Sequence[tuple[int, int]]) -> None:
        """From now on they are asked here: lamports and coins of each, in the order of `of_mint`."""
        for place, (lamports, coins) in zip(self._of_mint.get(mint, ()), held, strict=True):
            self._lamports[place], self._coins[place] = lamports, coins
        self._at_rest.add(mint)

    def at_rest(self, token: Token) -> tuple[int, int]:
        """Lamports and coins. Of an account that is not at rest, or that there is not: none."""
        owner, mint = token
        place = next((place for place in self._of_mint.get(mint, ()) if self._owners[place] == owner), None)
        return (0, 0) if place is None else (self._lamports[place], self._coins[place])
