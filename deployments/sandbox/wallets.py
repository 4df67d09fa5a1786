"""Who trades here: kinds of wallet, how good each is, where it likes to trade, how big and how often."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from deployments.sandbox.categories import CATEGORIES
from deployments.sandbox.noise import hex_id

_ADJECTIVES = ("Quiet", "Brisk", "Amber", "Unkempt", "Lunar", "Gilded", "Solemn", "Rapid", "Hollow", "Merry")
_NOUNS = ("Embassy", "Otter", "Ledger", "Harbor", "Comet", "Lantern", "Thicket", "Anvil", "Sparrow", "Quarry")


class Kind(StrEnum):
    SKILLED = "skilled"  # sees part of what the market gets wrong
    LUCKY = "lucky"  # its history looks like skill and was not; nothing of it goes on
    FAVOURITE = "favourite"  # buys what is already likely
    LONGSHOT = "longshot"  # buys what is unlikely, and dear for it
    MAKER = "maker"  # rests on both sides and earns the spread
    UNSKILLED = "unskilled"  # buys and sells at random


_SHARES = {Kind.SKILLED: 0.08, Kind.LUCKY: 0.04, Kind.FAVOURITE: 0.10, Kind.LONGSHOT: 0.10, Kind.MAKER: 0.08}
_MEDIAN_USD = {Kind.SKILLED: 120.0, Kind.MAKER: 200.0}
# Turns relative to others: who knows lets most of them pass, who rests on the book seldom takes.
_EAGERNESS = {Kind.SKILLED: 2.0, Kind.MAKER: 0.3}


@dataclass(frozen=True, eq=False)
class Wallet:
    index: int
    address: str
    pseudonym: str
    kind: Kind
    skill: float  # share of the market's mistake it sees through: 0 to 1
    typical_usd: float  # per order
    activity: tuple[float, ...]  # relative frequency of orders, per category


def draw_wallets(seed: int, count: int) -> tuple[Wallet, ...]:
    rng = np.random.default_rng([seed, 1])
    return tuple(_draw_wallet(seed, index, kind, rng) for index, kind in enumerate(_kinds(count)))


class Crowd:
    """The wallets, ready to be picked from: by category and activity, or as the maker of a fill."""

    def __init__(self, wallets: tuple[Wallet, ...]) -> None:
        self.wallets = wallets
        self.makers = [wallet for wallet in wallets if wallet.kind is Kind.MAKER]
        weights = np.array([wallet.activity for wallet in wallets]).cumsum(axis=0)
        self._cumulative = weights / weights[-1]

    def pick(self, category: int, dice: npt.NDArray[np.float64]) -> list[Wallet]:
        places = np.searchsorted(self._cumulative[:, category], dice)
        return [self.wallets[min(place, len(self.wallets) - 1)] for place in places.tolist()]


def _kinds(count: int) -> list[Kind]:
    """At least one wallet of each kind, so that even a tiny test world has makers."""
    kinds = [kind for kind, share in _SHARES.items() for _ in range(max(1, round(share * count)))]
    return kinds + [Kind.UNSKILLED] * (count - len(kinds))


def _draw_wallet(seed: int, index: int, kind: Kind, rng: np.random.Generator) -> Wallet:
    favourite = int(rng.integers(len(CATEGORIES)))
    second = int(rng.integers(len(CATEGORIES)))
    # Even the busiest wallet is a small part of the market; the quietest trades a few times a week.
    pace = float(np.clip(rng.lognormal(0, 0.9), 0.15, 8)) * _EAGERNESS.get(kind, 1.0)
    taste = [0.08 + 0.6 * (place == favourite) + 0.2 * (place == second) for place in range(len(CATEGORIES))]
    return Wallet(
        index=index,
        address=hex_id(40, seed, "wallet", index),
        pseudonym=f"{_ADJECTIVES[int(rng.integers(len(_ADJECTIVES)))]}-{_NOUNS[int(rng.integers(len(_NOUNS)))]}",
        kind=kind,
        skill=round(float(rng.uniform(0.5, 0.95)), 3) if kind is Kind.SKILLED else 0.0,
        typical_usd=float(np.clip(rng.lognormal(np.log(_MEDIAN_USD.get(kind, 40.0)), 1.0), 5, 2_000)),
        activity=tuple(pace * share for share in taste),
    )
