"""Who trades here: kinds of wallet, how good each is, where it likes to trade, how big and how often."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sandbox.categories import CATEGORIES
from sandbox.noise import hex_id

_ADJECTIVES = ("Quiet", "Brisk", "Amber", "Unkempt", "Lunar", "Gilded", "Solemn", "Rapid", "Hollow", "Merry")
_NOUNS = ("Embassy", "Otter", "Ledger", "Harbor", "Comet", "Lantern", "Thicket", "Anvil", "Sparrow", "Quarry")


class Kind(StrEnum):
    SKILLED = "skilled"  # sees part of what the market gets wrong
    LUCKY = "lucky"  # its history looks like skill and was not; nothing of it goes on
    FAVOURITE = "favourite"  # buys what is already likely
    LONGSHOT = "longshot"  # buys what is unlikely, and dear for it
    MAKER = "maker"  # rests on both sides and earns the spread
    DECAYING = "decaying"  # skilled until a day
    INSIDER = "insider"  # knows with its group, and trades within seconds or minutes of it
    WASH = "wash"  # trades with one partner, back and forth
    BAIT = "bait"  # buys to be followed, and is out at its next turn
    UNSKILLED = "unskilled"  # buys and sells at random


# Three wallets in a hundred know something in earnest; of a house of 300 a person would see nothing of nine, so here there are 24.
SHARES = {
    Kind.SKILLED: 0.08,
    Kind.LUCKY: 0.04,
    Kind.FAVOURITE: 0.10,
    Kind.LONGSHOT: 0.10,
    Kind.MAKER: 0.08,
    Kind.DECAYING: 0.03,
    Kind.INSIDER: 0.03,
    Kind.WASH: 0.02,
    Kind.BAIT: 0.01,
}
Shares = Mapping[Kind, float]
KNOWING = (Kind.SKILLED, Kind.DECAYING, Kind.INSIDER)
JITTERS_S = (2.0, 15.0, 60.0, 240.0)  # of one group after the other
GROUP = 3
# Days from the origin at which a decaying wallet stops to know: most within the history, some while one watches.
_STOPS_DAYS = (-20.0, 1.0)
_MEDIAN_USD = {Kind.SKILLED: 120.0, Kind.MAKER: 200.0}
# Turns relative to others: who knows lets most of them pass, who rests on the book seldom takes.
_EAGERNESS = {Kind.SKILLED: 2.0, Kind.DECAYING: 2.0, Kind.MAKER: 0.3, Kind.WASH: 2.0}


@dataclass(frozen=True, eq=False)
class Wallet:
    index: int
    address: str
    pseudonym: str
    kind: Kind
    skill: float  # share of the market's mistake it sees through: 0 to 1
    typical_usd: float  # per order
    activity: tuple[float, ...]  # relative frequency of orders, per category
    knows_until_s: float = math.inf  # Unix seconds
    group: int | None = None  # of insiders, or of two that wash
    jitter_s: float = 0.0  # how far, in the mean, an insider is behind the first of its group
    funder: str | None = None  # the address its money came from; every other group shares one

    def knows(self, at_s: float) -> float:
        """Its skill at an instant."""
        return self.skill if at_s < self.knows_until_s else 0.0


def draw_wallets(seed: int, count: int, origin_s: float = 0.0, shares: Shares = SHARES) -> tuple[Wallet, ...]:
    rng = np.random.default_rng([seed, 1])
    drawn = [_draw_wallet(seed, index, kind, rng) for index, kind in enumerate(_kinds(count, shares))]
    return tuple(_with_bonds(seed, wallet, drawn, origin_s) for wallet in drawn)


class Crowd:
    """The wallets, ready to be picked from: by category and activity, or as the maker of a fill."""

    def __init__(self, wallets: tuple[Wallet, ...]) -> None:
        self.wallets = wallets
        self.makers = [wallet for wallet in wallets if wallet.kind is Kind.MAKER]
        self.groups = _grouped(wallet for wallet in wallets if wallet.kind is Kind.INSIDER)
        self._washing = _grouped(wallet for wallet in wallets if wallet.kind is Kind.WASH)
        weights = np.array([wallet.activity for wallet in wallets]).cumsum(axis=0)
        self._cumulative = weights / weights[-1]

    def pick(self, category: int, dice: npt.NDArray[np.float64]) -> list[Wallet]:
        places = np.searchsorted(self._cumulative[:, category], dice)
        return [self.wallets[min(place, len(self.wallets) - 1)] for place in places.tolist()]

    def partner(self, wallet: Wallet) -> Wallet | None:
        """Whom a wallet that washes trades with."""
        pair = self._washing.get(wallet.group, []) if wallet.kind is Kind.WASH else []
        return next((other for other in pair if other is not wallet), None)


def _grouped(wallets: Iterable[Wallet]) -> dict[int | None, list[Wallet]]:
    groups: dict[int | None, list[Wallet]] = defaultdict(list)
    for wallet in wallets:
        groups[wallet.group].append(wallet)
    return groups


def _kinds(count: int, shares: Shares) -> list[Kind]:
    """At least one wallet of each kind, so that even a tiny test world has makers."""
    kinds = [kind for kind, share in shares.items() for _ in range(max(1, round(share * count)))]
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
        skill=round(float(rng.uniform(0.5, 0.95)), 3) if kind in KNOWING else 0.0,
        typical_usd=float(np.clip(rng.lognormal(np.log(_MEDIAN_USD.get(kind, 40.0)), 1.0), 5, 2_000)),
        activity=tuple(pace * share for share in taste),
    )


def _with_bonds(seed: int, wallet: Wallet, drawn: Sequence[Wallet], origin_s: float) -> Wallet:
    """What ties a wallet to a day or to others, by dice of its own: the rest of the world stays as it was."""
    rng = np.random.default_rng([seed, 4, wallet.index])
    place = wallet.index - next(other.index for other in drawn if other.kind is wallet.kind)
    if wallet.kind is Kind.DECAYING:
        return replace(wallet, knows_until_s=origin_s + 86_400 * float(rng.uniform(*_STOPS_DAYS)))
    if wallet.kind is Kind.WASH:
        return replace(wallet, group=place // 2)
    if wallet.kind is Kind.INSIDER:
        group = place // GROUP
        shared = hex_id(40, seed, "funder", group) if group % 2 == 0 else None
        return replace(wallet, group=group, jitter_s=JITTERS_S[group % len(JITTERS_S)], funder=shared)
    return wallet
