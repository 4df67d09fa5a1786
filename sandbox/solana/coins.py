"""Which coins there are at an instant, and how they stand: a new one every few minutes, each drawn when it is first asked for."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import sin, tau

from sandbox.solana.launches import CoinTrade, Fate, Launch, launch
from sandbox.solana.reserves import Reserves

EVERY_S = 240.0
REMEMBERED = 500  # launches of about a day and a half: what is older nobody asks for
QUIET = 10
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Coin:
    """A launch as it stands: the trades so far."""

    launch: Launch
    trades: tuple[CoinTrade, ...]

    @property
    def reserves(self) -> Reserves:
        return self.trades[-1].after if self.trades else Reserves()

    @property
    def is_honeypot(self) -> bool:
        return self.launch.fate is Fate.HONEYPOT

    @property
    def graduated_at_s(self) -> float | None:
        return next((trade.at_s for trade in self.trades if trade.after.is_pool), None)


class Coins:
    """All coins of a seed, by time."""

    def __init__(self, seed: int, busy_from_s: float = 0.0, known_until_s: float = float("inf")) -> None:
        """Before `busy_from_s` only one launch in QUIET happened: a long history is not dear. `known_until_s`: see launch()."""
        self.seed, self._busy_from_s = seed, busy_from_s
        self.launch = lru_cache(maxsize=2 * REMEMBERED)(lambda number: launch(seed, number, number * EVERY_S, known_until_s))

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
        one: Launch = self.launch(number)
        return Coin(one, one.trades[: bisect_right([trade.at_s for trade in one.trades], now_s)])


def sol_usd(now_s: float) -> float:
    """USD for a SOL: it goes up and down by a tenth within a day."""
    return 150.0 * (1 + 0.1 * sin(tau * now_s / DAY_S))
