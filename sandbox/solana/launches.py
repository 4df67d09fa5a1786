"""A coin and all that ever happens to it, drawn once from its number: who buys, who sells, and how it ends."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.solana.keys import address
from sandbox.solana.reserves import Reserves

LAMPORTS = 1_000_000_000
LIFE_S = 8 * 3600.0


class Fate(StrEnum):
    """How a coin ends: most fade, some are rugged or were a trap from the start, few graduate."""

    FADES = "fades"
    RUGGED = "rugged"
    HONEYPOT = "honeypot"
    GRADUATES = "graduates"


FATES = {Fate.FADES: 60, Fate.RUGGED: 18, Fate.HONEYPOT: 12, Fate.GRADUATES: 10}
CROWD, SKILLED = 400, 12


@dataclass(frozen=True, slots=True)
class CoinTrade:
    """One trade: what its wallet gave or got, and what lay in the curve or pool afterwards."""

    at_s: float
    wallet: str
    is_buy: bool
    lamports: int
    tokens: int
    after: Reserves


@dataclass(frozen=True, slots=True)
class Launch:
    """A coin. `boosted_at_s`: its maker paid a list for it. Trades are in the order they happened."""

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


def launch(seed: int, number: int, launched_at_s: float) -> Launch:
    """The coin of this number, the same on every machine."""
    dice = random.Random(f"{seed}:solana:{number}")
    fate = dice.choices(list(FATES), list(FATES.values()))[0]
    name = f"{dice.choice(WORDS)} {dice.choice(WORDS)}"
    symbol = "".join(word[:3] for word in name.upper().split())
    boosted = dice.random() < (0.5 if fate in (Fate.RUGGED, Fate.GRADUATES) else 0.15)
    trades = tuple(_trades(seed, dice, number, launched_at_s, fate))
    held = dice.uniform(0.55, 0.9) if fate in (Fate.RUGGED, Fate.HONEYPOT) else dice.uniform(0.12, 0.45)
    return Launch(
        number=number,
        mint=address(seed, "mint", number),
        name=name,
        symbol=symbol,
        creator=address(seed, "creator", number // 3),  # some launch again and again
        launched_at_s=launched_at_s,
        fate=fate,
        boosted_at_s=launched_at_s + dice.uniform(600, 3600) if boosted else None,
        top10_fraction=held,
        trades=trades,
    )


def _trades(seed: int, dice: random.Random, number: int, start_s: float, fate: Fate) -> list[CoinTrade]:
    """Buyers come thick at first and ever thinner; each sells what it bought, sooner or later, but for those who never can."""
    pushes = {Fate.FADES: 40, Fate.RUGGED: 90, Fate.HONEYPOT: 60, Fate.GRADUATES: 260}[fate]
    events: list[tuple[float, int, bool, float]] = []
    for place in range(pushes):
        after_s = dice.expovariate(1 / 1500.0) if place else 0.4
        wallet = _wallet(dice, fate, place)
        stake = min(dice.lognormvariate(-1.2, 1.0), 6.0) * (2.5 if fate is Fate.GRADUATES else 1.0)
        events.append((after_s, wallet, True, stake))
        if fate is not Fate.HONEYPOT and dice.random() < (0.4 if fate is Fate.GRADUATES else 0.8):
            held_s = dice.expovariate(1 / 240.0) if wallet < SKILLED and fate is not Fate.GRADUATES else dice.expovariate(1 / 3000.0)
            events.append((after_s + held_s, wallet, False, 1.0))
    rugged_s = dice.uniform(1200, 4800) if fate is Fate.RUGGED else float("inf")
    return _played(seed, number, start_s, sorted(events), rugged_s)


def _wallet(dice: random.Random, fate: Fate, place: int) -> int:
    """The few who know are early in what graduates, and seldom in what is a trap."""
    knows = {Fate.GRADUATES: 0.9, Fate.FADES: 0.25, Fate.RUGGED: 0.10, Fate.HONEYPOT: 0.02}[fate]
    if place and place < 12 and dice.random() < knows:
        return dice.randrange(SKILLED)
    return dice.randrange(SKILLED, CROWD)


def _played(seed: int, number: int, start_s: float, events: list[tuple[float, int, bool, float]], rugged_s: float) -> list[CoinTrade]:
    reserves, is_drained = Reserves(), False
    held: dict[str, int] = {}
    found: list[CoinTrade] = []
    for after_s, wallet, is_buy, stake in events:
        if after_s > LIFE_S:
            break
        if after_s > rugged_s and not is_drained:
            reserves, is_drained = reserves.drained(), True
        name = address(seed, "wallet", wallet)
        if is_buy:
            lamports = int(stake * LAMPORTS)
            reserves, tokens = reserves.buy(lamports)
            held[name] = held.get(name, 0) + tokens
        else:
            tokens = held.pop(name, 0)
            reserves, lamports = reserves.sell(tokens)
        if tokens and lamports:
            found.append(CoinTrade(start_s + after_s, name, is_buy, lamports, tokens, reserves))
    return found
