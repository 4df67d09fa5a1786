"""Worlds in which some wallets have one owner, and we know which: who bought which token when, and who paid whom before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PACE_S = 240.0  # a token's buyers come in a burst: their times since its launch are exponential with this mean
LAUNCH_EVERY_S = 3_600.0
TURNOUT = 0.65
EXCHANGES = 6
FIRST_FUNDING_S = 86_400.0 * 30


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """How a world is made. `jitter_s` is the mean delay of a member after its group's signal."""

    wallets: int = 1_200
    tokens: int = 400
    groups: int = 25
    jitter_s: float = 4.0
    common_funders: bool = False
    mean_buys: float = 10.0
    sizes: tuple[int, ...] = ()  # of the groups; empty: three to ten each
    purses: int = 2  # of each group with common funders
    specialists: int = 0  # wallets that buy the very same tokens, each at its own time: a trap for whoever counts tokens
    snipers: int = 0  # wallets that always buy in a token's first seconds: a trap for whoever forgets who buys when anyway


@dataclass(frozen=True, slots=True)
class GroupWorld:
    """Buys (wallet, token, second), payments (funder, wallet, amount, second), `owner_of` each wallet. Funders count on after wallets."""

    wallets: int
    wallet: Ints
    token: Ints
    at_s: Floats
    owner_of: Ints
    funder: Ints
    funded: Ints
    amount: Floats
    funded_at_s: Floats


def group_world(policy: GroupPolicy, seed: int) -> GroupWorld:
    """Everybody buys by itself; groups buy together on top of that. Wallets outside a group are their own owner."""
    chance = np.random.default_rng(seed)
    owner_of, sizes = _owners(policy, chance)
    launches = np.sort(chance.uniform(0, policy.tokens * LAUNCH_EVERY_S, policy.tokens))
    parts = [_crowd(policy, chance), _together(policy, owner_of, sizes, chance), *_traps(policy, chance)]
    wallet, token, since = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return GroupWorld(policy.wallets, wallet, token, launches[token] + since, owner_of, *_payments(policy, owner_of, sizes, chance))


def shuffled(world: GroupWorld, seed: int) -> GroupWorld:
    """The same tokens at the same times with as many buys a wallet, but which of them a wallet made is chance: nobody acts together."""
    wallet = np.random.default_rng(seed).permutation(world.wallet)
    nobody: Ints = np.empty(0, np.int64)
    alone = np.arange(world.wallets)
    return GroupWorld(world.wallets, wallet, world.token, world.at_s, alone, nobody, nobody, np.empty(0), np.empty(0))


def _owners(policy: GroupPolicy, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """The first wallets are the groups'; every other wallet is its own."""
    sizes = np.array(policy.sizes) if policy.sizes else chance.integers(3, 11, policy.groups)
    owner_of = np.arange(policy.wallets) + sizes.size
    owner_of[: sizes.sum()] = np.repeat(np.arange(sizes.size), sizes)
    return owner_of, sizes


def _crowd(policy: GroupPolicy, chance: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Activity and popularity are log-normal, so that a few wallets and tokens are everywhere."""
    activity = policy.mean_buys * chance.lognormal(-0.245, 0.7, policy.wallets)  # exp(-0.7² / 2) keeps the mean
    popularity = chance.lognormal(0, 0.5, policy.tokens)
    wallet = np.repeat(np.arange(policy.wallets), chance.poisson(activity))
    token = chance.choice(policy.tokens, wallet.size, p=popularity / popularity.sum())
    return wallet, token, chance.exponential(PACE_S, wallet.size)


def _together(policy: GroupPolicy, owner_of: Ints, sizes: Ints, chance: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Each group joins 6 to 15 tokens; of its members, about two in three turn up, each a little after the signal."""
    wallets, tokens, times = [], [], []
    for group in range(sizes.size):
        members = np.flatnonzero(owner_of == group)
        joined = chance.choice(policy.tokens, chance.integers(6, 16), replace=False)
        signal = chance.exponential(PACE_S, joined.size)
        event, member = np.nonzero(chance.random((joined.size, members.size)) < TURNOUT)
        wallets.append(members[member])
        tokens.append(joined[event])
        times.append(signal[event] + chance.exponential(policy.jitter_s, event.size))
    empty: list[Ints] = [np.empty(0, np.int64)]
    return np.concatenate(wallets or empty), np.concatenate(tokens or empty), np.concatenate(times or [np.empty(0)])


def _traps(policy: GroupPolicy, chance: np.random.Generator) -> list[tuple[Ints, Ints, Floats]]:
    """Among the last wallets, who are in no group: specialists in the same 40 tokens, and snipers in tokens of their own choice."""
    last = policy.wallets - policy.snipers
    topic = chance.choice(policy.tokens, min(40, policy.tokens), replace=False)
    special = np.repeat(np.arange(last - policy.specialists, last), topic.size)
    sniper = np.repeat(np.arange(last, policy.wallets), 40)
    return [
        (special, np.tile(topic, policy.specialists), chance.exponential(PACE_S, special.size)),
        (sniper, chance.integers(0, policy.tokens, sniper.size), chance.exponential(2.0, sniper.size)),
    ]


def _payments(policy: GroupPolicy, owner_of: Ints, sizes: Ints, chance: np.random.Generator) -> tuple[Ints, Ints, Floats, Floats]:
    """Exchanges pay everybody; friends pay a few; a group with common funders has purses, of which each pays three of four members.

    If it has one only, that pays nearly all of them.
    """
    everybody = np.arange(policy.wallets)
    exchange = policy.wallets + chance.integers(0, EXCHANGES, policy.wallets)
    paid = chance.choice(policy.wallets, policy.wallets // 10, replace=False)  # one in ten has been paid by some other wallet, once
    parts = [(exchange, everybody), (chance.integers(0, policy.wallets, paid.size), paid)]
    if policy.common_funders:
        first = policy.wallets + EXCHANGES + policy.purses * owner_of[: sizes.sum()]
        members = np.flatnonzero(owner_of < sizes.size)
        for purse in range(policy.purses):
            reached = chance.random(members.size) < (0.75 if policy.purses > 1 else 0.97)  # of two purses together: 94 %
            parts.append(((first + purse)[reached], members[reached]))
    funder, funded = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return funder, funded, np.round(chance.lognormal(0, 1, funder.size), 3), chance.uniform(-FIRST_FUNDING_S, 0, funder.size)
