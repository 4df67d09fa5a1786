"""What the other buyers of the same token in the same minutes got: the null of skill where no price implies a chance.

**One bet is the first purchase of a token**, followed until it was sold, or marked after a while: `got` is what came of each coin paid.
**Its payoff is its rank** among the others who bought that token in the same minutes, 0 to 1. Whatever a token does, it does to all of
them: a coin that rose a hundredfold makes nobody skilled, and tails however heavy move no rank by more than one place.

**Peers trade alike.** Tokens mostly die, so whoever sells after a minute does better than whoever holds for days, and knows nothing. Peers
count the more, the nearer their usual time of holding is; few or unlike peers make a rank that says less, and it is drawn to the middle by
as much (`Peers.reliability`). What is left of a way of trading (to be the first of the minute; to hold as the others do not) is learned
from all who seem to know nothing, as the bias of prices is on Polymarket; and what even that leaves is measured as scatter between wallets,
beyond which no number of bets is heard.

**An owner is one peer.** A cluster's wallets that bought the same token in the same minutes count together as one, and are no peers of each
other: ten wallets of one rug puller that all sold in time are one who did, not ten.

What this does not see: which tokens a wallet picks. All who bought them then got the same, and one token that rose is one draw of luck.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.profiling.skill import Bets, Expected, Null

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_AT_ONCE = 4_000_000  # pairs of purchases laid side by side
TRUST = 50.0  # bets that say that no way of trading brings anything, before looking
MANY = 20  # bets, and wallets, from which on scatter shows
PART, MIDDLE = 0.8, 1.2816  # so much of a bell lies within so many standard deviations
HALVINGS = 30
MOST_BIASED = 0.4  # of a rank: nobody is expected to be always first


@dataclass(frozen=True, slots=True)
class PeerPolicy:
    """`window_s`: how long "the same minutes" are. `most`: peers in a cohort; more are split by the order in which they bought.

    `alike`: factor between two usual holds at which one counts e^-1/2 for the other. `fewest`: peers, by their weight, below which a rank
    says nothing.
    """

    window_s: float = 300.0
    most: int = 40
    alike: float = 3.0
    fewest: float = 1.0


USUAL = PeerPolicy()


@dataclass(frozen=True, slots=True)
class Purchases:
    """Parallel arrays, one entry per wallet and token: its first purchase. `wallet` and `token` count from 0.

    `got` is what came of it in any unit that grows with it; `held_s` how long it was held, until the mark where it was not sold. `owner` is
    whose wallet it is, by the number of any of his wallets; None where every wallet is its own.
    """

    wallet: Ints
    token: Ints
    at_s: Floats
    got: Floats
    held_s: Floats
    wallets: int
    owner: Ints | None = None


@dataclass(frozen=True, slots=True)
class Peers:
    """Per purchase: its `rank` among its peers (0.5 where it has none), how many they are by weight, and how its wallet trades.

    `place`: the share of its peers that bought after it. `hold`: log of the wallet's usual hold in seconds, `their_hold` of its peers'.
    """

    rank: Floats
    count: Floats
    place: Floats
    hold: Floats
    their_hold: Floats

    @property
    def reliability(self) -> Floats:
        """How much of a rank among so few is more than chance: the rank among m peers varies by (m + 2) / 12 m, among all by 1 / 12."""
        return np.asarray(self.count / (self.count + 2))


def peers_of(bought: Purchases, policy: PeerPolicy = USUAL) -> Peers:
    """Every purchase beside the others of its token and its minutes."""
    hold = usual_hold(bought)
    cohort, order = cohorts(bought, policy)
    owner = bought.wallet if bought.owner is None else bought.owner
    starts = np.flatnonzero(np.append(True, cohort[1:] != cohort[:-1])) if cohort.size else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, cohort.size))
    ranked = np.empty((4, cohort.size))
    for size in np.unique(sizes):
        of_size = starts[sizes == size]
        for part in np.array_split(of_size, 1 + of_size.size * size * size // MOST_AT_ONCE):
            rows = part[:, None] + np.arange(size)
            inside = order[rows]
            ranked[:, inside] = _ranked(bought.got[inside], hold[inside], owner[inside], np.log(policy.alike))
    rank, count, place, theirs = ranked
    known = count >= policy.fewest
    return Peers(np.where(known, rank, 0.5), np.where(known, count, 0.0), place, hold, theirs)


def cohorts(bought: Purchases, policy: PeerPolicy = USUAL) -> tuple[Ints, Ints]:
    """Which purchases are compared: a number for each, in the order that is told beside them. One token, the same minutes."""
    order = np.lexsort((bought.at_s, bought.token))
    token, minutes = bought.token[order], np.floor(bought.at_s[order] / policy.window_s).astype(np.int64)
    changes = np.append(True, (token[1:] != token[:-1]) | (minutes[1:] != minutes[:-1]))[: order.size]
    together = np.cumsum(changes) - 1
    size = np.bincount(together)[together] if order.size else together
    place = np.arange(order.size) - np.flatnonzero(changes)[together] if order.size else together
    parts = -(-size // policy.most)
    part = place * parts // np.maximum(size, 1)
    return np.cumsum(np.append(True, (changes | np.append(True, part[1:] != part[:-1]))[1:])[: order.size]) - 1, order


def usual_hold(bought: Purchases) -> Floats:
    """Per purchase: the log of its wallet's median hold."""
    held = np.log(np.maximum(bought.held_s, 1.0))
    order = np.lexsort((held, bought.wallet))
    count = np.bincount(bought.wallet, minlength=bought.wallets)
    first = np.cumsum(count) - count
    ranked = np.append(held[order], 0.0)
    low, high = (np.minimum(first + (count - more) // 2, ranked.size - 1) for more in (1, 0))
    return np.asarray((ranked[low] + ranked[high])[bought.wallet] / 2)


def peer_bets(bought: Purchases, peers: Peers) -> Bets:
    """The ranks as bets, drawn to the middle as far as they are chance. One token is one cluster of evidence: it is there once."""
    payoff = 0.5 + peers.reliability * (peers.rank - 0.5)
    return Bets(bought.wallet, np.arange(bought.wallet.size), payoff, bought.wallets)


def peer_null(bought: Purchases, peers: Peers) -> Null:
    """What those who know nothing and trade like this one got, by its place in the minute, its usual hold and the token's age.

    Least squares over all who seem to know nothing, as the bias of prices is learned on Polymarket.
    """
    reliability, design, surplus = peers.reliability, _ways_of_trading(bought, peers), peers.rank - 0.5

    def null(innocence: Floats) -> Expected:
        # Before anybody is known to know nothing all are believed to: those who know are few.
        weight = reliability * (innocence if innocence.any() else 1.0)
        weighed = design * weight[:, None]
        line = np.linalg.solve(weighed.T @ design + TRUST * np.eye(design.shape[1]), weighed.T @ surplus)
        expected = 0.5 + reliability * np.clip(design @ line, -MOST_BIASED, MOST_BIASED)
        variance = np.maximum(reliability, 1e-9) / 12
        return Expected(expected, variance, _scatter(bought, 0.5 + reliability * surplus - expected, reliability, variance))

    return null


def _scatter(bought: Purchases, left: Floats, reliability: Floats, variance: Floats) -> float:
    """By how much the mean ranks of wallets vary beyond chance, whatever the reason, judged by the four fifths in the middle of them.

    Ways of trading that nobody thought of (always to sell at twice the price) bring something as well, and are no knowledge.
    """
    count, far, alone = (np.bincount(bought.wallet, what, bought.wallets) for what in (reliability, left, variance))
    many = count >= MANY
    if many.sum() < MANY:
        return 0.0
    count, far, alone = count[many], far[many], alone[many]

    def inside(scatter: float) -> float:
        return float((far**2 <= MIDDLE**2 * (alone + scatter * count**2)).mean())

    low, high = 0.0, 0.01
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if inside(middle) >= PART else (middle, high)
    return high if inside(0.0) < PART else 0.0


def _ways_of_trading(bought: Purchases, peers: Peers) -> Floats:
    """What may bring a better or worse rank without knowing anything, and the products of these."""
    first = np.full(int(bought.token.max(initial=0)) + 1, np.inf)
    np.minimum.at(first, bought.token, bought.at_s)
    age = np.log1p(bought.at_s - first[bought.token]) / 5 - 1
    hold, longer, place = (peers.hold - 8) / 2, peers.hold - peers.their_hold, peers.place - 0.5
    single = [np.ones_like(age), age, hold, longer, place, age**2, hold**2, longer**2]
    pairs = [age * hold, age * longer, age * place, hold * longer, hold * place, longer * place]
    triples = [age * hold**2, age**2 * hold, age**2 * longer, hold**2 * longer, age * hold * longer, hold**3, longer**3, age**3]
    return np.stack([*single, *pairs, *triples], axis=1)


def _ranked(got: Floats, hold: Floats, owner: Ints, alike: float) -> Floats:
    """Rank, peers by weight and place of each entry of cohorts of one size, in time order: one row a cohort."""
    weight = np.exp(-(((hold[:, :, None] - hold[:, None, :]) / alike) ** 2) / 2)
    size = got.shape[1]
    same = owner[:, :, None] == owner[:, None, :]
    weight /= same.sum(axis=2)[:, None, :]
    weight[same] = 0.0
    # An owner's wallets are one peer: their weights are added before they are squared.
    of_owner = weight @ same if same.sum() > got.size else weight
    total, squares = weight.sum(axis=2), (weight * of_owner).sum(axis=2)
    below = (got[:, None, :] < got[:, :, None]) + 0.5 * (got[:, None, :] == got[:, :, None])
    rank = (weight * below).sum(axis=2) / np.maximum(total, 1e-300)
    after = (weight * (np.arange(size)[None, :] > np.arange(size)[:, None])[None]).sum(axis=2) / np.maximum(total, 1e-300)
    theirs = (weight * hold[:, None, :]).sum(axis=2) / np.maximum(total, 1e-300)
    return np.stack([rank, total**2 / np.maximum(squares, 1e-300), after, theirs])
