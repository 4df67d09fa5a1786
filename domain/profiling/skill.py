"""Which wallets know something: what their bets paid against what they would have paid one who knows nothing.

**The null is an input.** `Null` says what each bet pays in expectation, and with what variance, to somebody who knows nothing. On
Polymarket it is the price paid, corrected for the bias of prices (`price_null`); where no price implies a chance it may be what peers got,
as a rank from 0 to 1.

**One bet is the first purchase of a token**, at its price, held to the token's end, whatever was sold in between. The average price paid
would be no fair null: it is lower than the chance at which somebody who buys more when a price falls has bet. What a sale brought is not
counted: it adds what the wallet's followers paid, and a wallet can sell to itself.

**A bet says as much as its log-likelihood ratio**: edge x (payoff - expected) - the cumulant of the null at that edge. For payoffs from 0
to 1 its exponential has a mean of at most 1 under the null, whatever their distribution: no price style is evidence by itself. Stakes do
not count; their tails are so heavy that one bet would decide.

**Bets of one wallet in one event are told apart only as far as they differ**: of m that correlate by r each weighs 1 / (1 + (m - 1) r).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.profiling.fair_prices import fair_chances
from domain.statistics.mixture import EDGES, Mixture, fit_mixture

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PASSES = 2  # first the price is believed; then what it was worth is learned from those that seem to know nothing by it
CELLS = 100  # the cumulant is a table over the expected payoff, read with linear interpolation
MANY_LEGS = 8
LOUDEST = 0.01  # no wallet is heard as more than this part of all that are heard when it is learned what prices are worth
PAIRS = 20.0  # as many pairs of bets of one event are added to a wallet's own, correlated as everybody's


@dataclass(frozen=True)
class Bets:
    """Parallel arrays, one entry per bet. `wallet` counts from 0; `cluster` too, and a cluster is one wallet's bets in one event.

    `markets`: how many results these bets have between them; None where each has one of its own.
    """

    wallet: Ints
    cluster: Ints
    payoff: Floats  # 0 to 1
    wallets: int
    markets: int | None = None


@dataclass(frozen=True)
class Expected:
    """Per bet, for one who knows nothing. `variance` is expected x (1 - expected) where a bet wins all or nothing.

    `scatter`: the variance between wallets that know nothing of what their ways of trading bring a bet, as far as nothing else tells it.
    """

    payoff: Floats
    variance: Floats
    scatter: float = 0.0


Null = Callable[[Floats], Expected]  # how far each bet counts as that of one who knows nothing → what such a one expects


def price_null(bets: Bets, price: Floats, maker: npt.NDArray[np.bool_], tokens: int) -> Null:
    """The price is the chance, but for the bias that all bets together show. Bets on one token share one outcome: they count once.

    Nor may one wallet set the null that all are judged by: its bets beyond what makes LOUDEST of all count as so many fewer.
    """
    count = np.bincount(bets.wallet, minlength=bets.wallets)
    voice = np.minimum(1, _most_heard(count) / np.maximum(count, 1))[bets.wallet]

    def null(innocence: Floats) -> Expected:
        chance = fair_chances(price, bets.payoff, maker, voice * innocence * tokens / max(bets.payoff.size, 1))
        return Expected(chance, chance * (1 - chance))

    return null


def _most_heard(count: Ints) -> float:
    """The most bets that a wallet is heard with: LOUDEST of what all are heard with then; where there are few wallets, the median.

    Of all bets it would be no bound: a million bets of one wallet are a hundredth of nothing but themselves.
    """
    ranked = np.sort(count[count > 0])
    if not ranked.size:
        return 1.0
    fewer, louder = np.cumsum(ranked), np.arange(ranked.size)[::-1]  # what all make up to a wallet, and how many are louder than it
    fits = np.flatnonzero(ranked <= LOUDEST * (fewer + louder * ranked))
    loudest = LOUDEST * fewer[fits[-1]] / (1 - LOUDEST * louder[fits[-1]]) if fits.size else 0.0  # of that and as much for each louder one
    return max(float(loudest), float(np.median(ranked)))


@dataclass(frozen=True)
class Skill:
    """What we think of every wallet, by number. `weight` and `expected` are per bet."""

    mixture: Mixture
    weight: Floats
    expected: Expected


def skill_of(bets: Bets, null: Null) -> Skill:
    """The odds of every wallet for every edge."""
    innocence = np.zeros(bets.payoff.size)  # learned from all, whoever is alone at a price would teach what that price is worth
    for _ in range(PASSES):
        expected = null(innocence)
        weight = _weights(bets, (bets.payoff - expected.payoff) / np.sqrt(expected.variance)) * _beyond_scatter(bets, expected)
        mixture = fit_mixture(_evidence(bets, expected, weight), _most_said(bets, expected))
        innocence = mixture.luck[bets.wallet]
    return Skill(mixture, weight, expected)


def _most_said(bets: Bets, expected: Expected) -> float:
    """How surprising the results were: three hundred wallets that won one toss of a coin together know no more than one of them."""
    if bets.markets is None:
        return float("inf")
    surprise = -bets.payoff * np.log(expected.payoff) - (1 - bets.payoff) * np.log1p(-expected.payoff)
    return bets.markets * float(surprise.mean())


def _beyond_scatter(bets: Bets, expected: Expected) -> Floats:
    """What a bet says where a wallet's way of trading may bring it a little each time: however many bets, no more than that is in doubt."""
    if not expected.scatter:
        return np.ones(bets.payoff.size)
    heard = expected.variance / expected.variance.max()
    among = np.bincount(bets.wallet, heard, bets.wallets) ** 2 * expected.scatter
    variance = np.bincount(bets.wallet, expected.variance, bets.wallets)
    return np.asarray(1 / (1 + among / np.maximum(variance, 1e-300)))[bets.wallet]


def luck_if_chosen(luck: Floats) -> Floats:
    """Per wallet: the expected share of luck among it and all surer ones. Choosing all at or below q makes the expected share at most q."""
    order = np.argsort(luck, kind="stable")
    means = np.cumsum(luck[order]) / np.arange(1, luck.size + 1)
    shares = np.empty_like(means)
    shares[order] = means
    return shares


def _evidence(bets: Bets, expected: Expected, weight: Floats) -> Floats:
    """Per wallet and edge: the sum of its bets' log-likelihood ratios. Linear in the bets: expectations are kept as histograms."""
    surplus = np.bincount(bets.wallet, weight * (bets.payoff - expected.payoff), bets.wallets)
    spread = weight * expected.variance / (expected.payoff * (1 - expected.payoff))
    place = expected.payoff * CELLS
    low = np.minimum(place.astype(np.int64), CELLS - 1)
    share, width = place - low, CELLS + 1
    flat = np.bincount(bets.wallet * width + low, spread * (1 - share), bets.wallets * width)
    flat += np.bincount(bets.wallet * width + low + 1, spread * share, bets.wallets * width)
    chance = np.linspace(0, 1, width)[:, None]
    cumulant = np.log1p(chance * np.expm1(EDGES)) - chance * EDGES
    return np.asarray(surplus[:, None] * EDGES - flat.reshape(bets.wallets, width) @ cumulant)


def _weights(bets: Bets, residual: Floats) -> Floats:
    """How much each bet says beside the others of its event: by the correlation of legs among all who take as many, and of this wallet."""
    count = np.bincount(bets.wallet, minlength=bets.wallets)
    usual = np.bincount(bets.wallet, residual, bets.wallets) / (count + 10)  # an edge is no correlation
    left = residual - usual[bets.wallet]
    legs = np.bincount(bets.cluster)
    pairs = legs * (legs - 1.0)
    products = np.bincount(bets.cluster, left) ** 2 - np.bincount(bets.cluster, left**2)
    owner = np.zeros(legs.size, np.int64)
    owner[bets.cluster] = bets.wallet
    size = np.minimum(legs, MANY_LEGS)
    of_size = np.bincount(size, products, MANY_LEGS + 1) / np.maximum(np.bincount(size, pairs, MANY_LEGS + 1), 1)
    # A wallet's own correlation is believed as far as it has pairs, and only where it is more than that of all who take as many legs:
    # wallets that pile up would else be called skilled a third too often.
    own = np.bincount(owner, products - pairs * of_size[size], bets.wallets) / (np.bincount(owner, pairs, bets.wallets) + PAIRS)
    together = np.clip(of_size[size] + np.maximum(own[owner], 0), 0, 1)
    return np.asarray(1 / (1 + (legs - 1) * together))[bets.cluster]
