"""A coin and all that ever happens to it, drawn once from its number: who buys, who sells, and how it ends."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.noise import mix
from sandbox.solana.keys import address
from sandbox.solana.people import CROWD, FADING, INSIDERS, SKILLED, SNIPERS, Person, house_of
from sandbox.solana.reserves import Reserves, Swapped

LAMPORTS = 1_000_000_000
LIFE_S = 8 * 3600.0
SNIPERS_S, SNIPED_FOR_S = 0.9, 90.0
AFTER_A_RUG = 0.2  # of the buyers who still come
IN_TIME = 0.65  # of the sales of those who know: the others are whenever
WATCHES_S = 1_800.0  # who knows is out within this
SHORTEST_S, DOUBLINGS = 60.0, 7  # how long people hold: from a minute to two hours, each its own way
BY_ANOTHER = 0.04  # of sales: the coins were sent to another wallet of the same owner before


class Fate(StrEnum):
    """How a coin ends: most fade, some are rugged or were a trap from the start, few graduate."""

    FADES = "fades"
    RUGGED = "rugged"
    HONEYPOT = "honeypot"
    GRADUATES = "graduates"


FATES = {Fate.FADES: 60, Fate.RUGGED: 18, Fate.HONEYPOT: 12, Fate.GRADUATES: 10}
DEV_SOL = {Fate.FADES: 0.5, Fate.RUGGED: 3.0, Fate.HONEYPOT: 0.3, Fate.GRADUATES: 1.0}


@dataclass(frozen=True, slots=True)
class CoinTrade:
    """One trade: what its wallet gave or got, and what lay in the curve or pool before and afterwards.

    `sent_by` is the wallet that bought what is sold here, where that was another one."""

    at_s: float
    wallet: str
    is_buy: bool
    before: Reserves
    swapped: Swapped
    sent_by: str = ""

    @property
    def lamports(self) -> int:
        """Fees in it."""
        return self.swapped.quote + self.swapped.fees * (1 if self.is_buy else -1)

    @property
    def tokens(self) -> int:
        return self.swapped.tokens

    @property
    def after(self) -> Reserves:
        return self.swapped.after

    @property
    def graduates(self) -> bool:
        return self.after.is_pool and not self.before.is_pool


@dataclass(frozen=True, slots=True)
class Launch:
    """A coin. `boosted_at_s`: its maker paid a list for it. Trades are in the order they happened; the first is its maker's, at once."""

    number: int
    mint: str
    name: str
    symbol: str
    creator: str
    launched_at_s: float
    fate: Fate
    boosted_at_s: float | None
    top10_fraction: float
    trades: tuple[CoinTrade, ...] = field(repr=False)


WORDS = ("Moon", "Frog", "Cat", "Rocket", "Pepper", "Ghost", "Lemon", "Turbo", "Giga", "Sleepy", "Golden", "Tiny")


def launch(seed: int, number: int, launched_at_s: float, known_until_s: float = float("inf")) -> Launch:
    """The coin of this number, the same on every machine. From `known_until_s` on those whose knowledge ends know no more than others."""
    dice = random.Random(f"{seed}:solana:{number}")
    fate = dice.choices(list(FATES), list(FATES.values()))[0]
    name = f"{dice.choice(WORDS)} {dice.choice(WORDS)}"
    symbol = "".join(word[:3] for word in name.upper().split())
    boosted = dice.random() < (0.5 if fate in (Fate.RUGGED, Fate.GRADUATES) else 0.15)
    skilled = SKILLED - (FADING if launched_at_s >= known_until_s else 0)
    trades = tuple(_played(seed, launched_at_s, _wishes(dice, number, fate, skilled)))
    held = dice.uniform(0.55, 0.9) if fate in (Fate.RUGGED, Fate.HONEYPOT) else dice.uniform(0.12, 0.45)
    return Launch(
        number=number,
        mint=mint_of(seed, number),
        name=name,
        symbol=symbol,
        creator=Person("creator", house_of(number)).address(seed),  # some launch again and again
        launched_at_s=launched_at_s,
        fate=fate,
        boosted_at_s=launched_at_s + dice.uniform(600, 3600) if boosted else None,
        top10_fraction=held,
        trades=trades,
    )


def mint_of(seed: int, number: int) -> str:
    return address(seed, "mint", number)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody means to do, so many seconds after the launch. A sale is of all that was bought; by another wallet, now and then."""

    after_s: float
    who: Person
    sol: float = 0.0  # 0: a sale
    by: Person | None = None


def _wishes(dice: random.Random, number: int, fate: Fate, skilled: int) -> list[_Wish]:
    maker = Person("creator", house_of(number))
    rugged_s = dice.uniform(1200, 4800) if fate is Fate.RUGGED else float("inf")
    wishes = [_Wish(0.0, maker, DEV_SOL[fate] * dice.uniform(0.5, 1.5)), *_snipers(dice, fate)]
    if fate is Fate.RUGGED:
        wishes += [_Wish(0.0, Person("insider", house_of(number), place), dice.uniform(1.0, 2.5)) for place in range(INSIDERS)]
        wishes += [
            _Wish(rugged_s + 0.01 * place, who) for place, who in enumerate(dict.fromkeys(wish.who for wish in wishes if not wish.after_s))
        ]
    elif fate is not Fate.HONEYPOT:
        wishes.append(_Wish(dice.uniform(300, 2400), maker))
    wishes = sorted([*wishes, *_crowd(dice, fate, rugged_s)], key=_when)
    return sorted([*wishes, *_knowing(dice, fate, skilled, wishes)], key=_when)


def _when(wish: _Wish) -> float:
    return wish.after_s


def _knowing(dice: random.Random, fate: Fate, skilled: int, others: list[_Wish]) -> list[_Wish]:
    """The few who know: early, seldom in what is a trap, and out near the best price that the others will pay."""
    chance = {Fate.GRADUATES: 0.8, Fate.FADES: 0.35, Fate.RUGGED: 0.2, Fate.HONEYPOT: 0.02}[fate]
    buyers = [place for place in range(skilled) if dice.random() < chance]
    if not buyers:
        return []
    prices = [(trade.after.price, trade.at_s) for trade in _played(0, 0.0, others)]
    wishes = []
    for place in buyers:
        bought_s = 2.0 + dice.expovariate(1 / 700.0)
        after = [(price, at_s) for price, at_s in prices if 45 < at_s - bought_s < WATCHES_S] or [(0.0, bought_s + 60)]
        best_s = max(after)[1] if dice.random() < IN_TIME else bought_s + dice.expovariate(1 / 600.0)
        wishes.append(_Wish(bought_s, Person("wallet", place), dice.uniform(0.3, 1.2)))
        wishes.append(_Wish(max(best_s - dice.uniform(0, 60), bought_s + 30), Person("wallet", place)))
    return wishes if fate is not Fate.HONEYPOT else wishes[::2]


def _snipers(dice: random.Random, fate: Fate) -> list[_Wish]:
    """Bots that buy whatever is launched, within a few slots, and are soon out of it."""
    wishes = []
    for place in dice.sample(range(SNIPERS), dice.choice((0, 1, 1, 2))):
        at_s = dice.uniform(0.2, SNIPERS_S)
        wishes.append(_Wish(at_s, Person("sniper", place), dice.uniform(0.2, 0.8)))
        if fate is not Fate.HONEYPOT:
            wishes.append(_Wish(at_s + dice.uniform(10.0, SNIPED_FOR_S), Person("sniper", place)))
    return wishes


def _crowd(dice: random.Random, fate: Fate, rugged_s: float) -> list[_Wish]:
    """Buyers come thick at first and ever thinner; each sells what it bought, sooner or later, but for those who never can."""
    wishes = []
    pushes = {Fate.FADES: 40, Fate.RUGGED: 90, Fate.HONEYPOT: 60, Fate.GRADUATES: 260}[fate]
    for place in range(pushes):
        after_s = dice.expovariate(1 / 1500.0) if place else 1.2
        who = Person("wallet", dice.randrange(SKILLED, CROWD))
        stake = min(dice.lognormvariate(-1.2, 1.0), 6.0) * (2.5 if fate is Fate.GRADUATES else 1.0)
        if after_s > rugged_s and dice.random() > AFTER_A_RUG:
            continue
        wishes.append(_Wish(after_s, who, stake))
        if fate is not Fate.HONEYPOT and dice.random() < (0.4 if fate is Fate.GRADUATES else 0.8):
            held_s = dice.expovariate(1 / patience_s(who.place))
            other = Person("other", who.place) if dice.random() < BY_ANOTHER else None
            wishes.append(_Wish(after_s + held_s, who, by=other))
    return wishes


def patience_s(place: int) -> float:
    """How long one of the crowd holds a coin, in the mean."""
    return float(SHORTEST_S * 2 ** (DOUBLINGS * (mix(place) % 1_000) / 1_000))


def _played(seed: int, start_s: float, wishes: list[_Wish]) -> list[CoinTrade]:
    reserves = Reserves()
    held: dict[Person, int] = {}
    found: list[CoinTrade] = []
    for wish in wishes:
        if wish.after_s > LIFE_S:
            break
        swapped = reserves.bought(int(wish.sol * LAMPORTS)) if wish.sol else reserves.sold(held.pop(wish.who, 0))
        if not (swapped.tokens and swapped.quote > swapped.fees):
            continue
        if wish.sol:
            held[wish.who] = held.get(wish.who, 0) + swapped.tokens
        who, sender = (wish.by, wish.who.address(seed)) if wish.by else (wish.who, "")
        found.append(CoinTrade(start_s + wish.after_s, who.address(seed), wish.sol > 0, reserves, swapped, sender))
        reserves = swapped.after
    return found
