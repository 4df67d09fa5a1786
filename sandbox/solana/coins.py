"""Which coins there are at an instant, and how they stand: a new one every few minutes, each drawn when it is first asked for."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from math import sin, tau

from sandbox.solana.launches import CoinTrade, Fate, Launch, launch
from sandbox.solana.reserves import Reserves

EVERY_S = 240.0
REMEMBERED = 500  # launches of about a day and a half: what is older nobody asks for
WITH_TRADES = 256  # launches of half a day: of older ones all trades are drawn again when somebody asks for them
QUIET = 10
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Outline:
    """What lists need of a launch: itself without its trades, and of each trade when it was, its lamports (of a sale below 0) and how many
    wallets had traded by then."""

    launch: Launch
    at_s: "array[float]"
    lamports: "array[int]"
    wallets: "array[int]"
    graduated_at_s: float | None
    last: Reserves


@dataclass(frozen=True, slots=True)
class Coin:
    """A launch as it stands: so many of its trades have happened."""

    outline: Outline
    traded: int
    coins: "Coins"

    @property
    def launch(self) -> Launch:
        return self.outline.launch

    @property
    def trades(self) -> tuple[CoinTrade, ...]:
        return self.coins.launch(self.launch.number).trades[: self.traded]

    @property
    def reserves(self) -> Reserves:
        if self.traded == len(self.outline.at_s):
            return self.outline.last
        return self.trades[-1].after if self.traded else Reserves()

    @property
    def wallets(self) -> int:
        """How many have traded it."""
        return self.outline.wallets[self.traded - 1] if self.traded else 0

    @property
    def is_honeypot(self) -> bool:
        return self.launch.fate is Fate.HONEYPOT

    @property
    def graduated_at_s(self) -> float | None:
        at_s = self.outline.graduated_at_s
        return at_s if at_s is not None and bisect_left(self.outline.at_s, at_s) < self.traded else None

    def lamports_since(self, at_s: float) -> "array[int]":
        """Of each trade after that; of a sale below 0."""
        return self.outline.lamports[bisect_right(self.outline.at_s, at_s) : self.traded]


def outlined(one: Launch) -> Outline:
    places = {trade.wallet: place for place, trade in reversed(list(enumerate(one.trades)))}
    first = set(places.values())
    graduated_at_s = next((trade.at_s for trade in one.trades if trade.after.is_pool), None)
    return Outline(
        replace(one, trades=()),
        array("d", [trade.at_s for trade in one.trades]),
        array("q", [trade.lamports if trade.is_buy else -trade.lamports for trade in one.trades]),
        array("H", accumulate(place in first for place in range(len(one.trades)))),
        graduated_at_s,
        one.trades[-1].after if one.trades else Reserves(),
    )


class Coins:
    """All coins of a seed, by time."""

    def __init__(self, seed: int, busy_from_s: float = 0.0, known_until_s: float = float("inf")) -> None:
        """Before `busy_from_s` only one launch in QUIET happened: a long history is not dear. `known_until_s`: see launch()."""
        self.seed, self._busy_from_s = seed, busy_from_s
        self._drawn = lru_cache(maxsize=WITH_TRADES)(lambda number: launch(seed, number, number * EVERY_S, known_until_s))
        self._outline = lru_cache(maxsize=2 * REMEMBERED)(lambda number: outlined(self._drawn(number)))

    def launch(self, number: int) -> Launch:
        """With all its trades."""
        one: Launch = self._drawn(number)
        self._outline(number)  # now, for lists later: drawing it again is dear
        return one

    def exists(self, number: int) -> bool:
        return number * EVERY_S >= self._busy_from_s or number % QUIET == 0

    def newest(self, now_s: float, most: int = REMEMBERED) -> list[Coin]:
        """The last that were launched, the newest first."""
        last = int(now_s // EVERY_S)
        return [self._at(number, now_s) for number in range(last, last - min(most, REMEMBERED), -1) if self.exists(number)]

    def named(self, mints: Iterable[str], now_s: float) -> Iterator[Coin]:
        """Those of these mints that are remembered."""
        wanted = set(mints)
        return (coin for coin in self.newest(now_s) if coin.launch.mint in wanted)

    def _at(self, number: int, now_s: float) -> Coin:
        outline: Outline = self._outline(number)
        return Coin(outline, bisect_right(outline.at_s, now_s), self)


def sol_usd(now_s: float) -> float:
    """USD for a SOL: it goes up and down by a tenth within a day."""
    return 150.0 * (1 + 0.1 * sin(tau * now_s / DAY_S))
