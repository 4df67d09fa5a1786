"""Wallets that bet on events at the market's prices. Who knows, since when and until when, is on record.

Outcomes belong to the world: wallets that hold the same token win or lose together. The legs of an event lean the same way, prices favour
longshots too much, a taker pays the spread that a maker earns, stakes and numbers of bets have heavy tails. One wallet in eight piles up:
it takes many legs of an event, all the way the first one was chosen.

Somebody who knows takes the winning side of a leg (if he piles up: of the first) with odds of e^edge to 1. Of all he buys at a price that
wins with probability c, therefore, a part of 1 / (1 + e^-(log-odds(c) + edge)) wins: `edge` is a shift in log-odds, and it is exact.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit, logit, ndtri

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Kind(StrEnum):
    """How a wallet bets. Lucky is no way of betting: it is an outcome, see `World.lucky`."""

    SKILLED = "skilled"
    DECAYING = "decaying"  # skilled until a day
    MAKER = "maker"  # rests on both sides, earns the spread
    WASH = "wash"  # buys from and sells to itself: many trades, no view
    BAIT = "bait"  # buys to be followed, sells to its followers at a better price
    FAVOURITE = "favourite"  # buys what is already likely
    LONGSHOT = "longshot"  # buys what is unlikely
    UNSKILLED = "unskilled"


KNOWING = (Kind.SKILLED, Kind.DECAYING)
SHARES = {
    Kind.SKILLED: 0.0225,
    Kind.DECAYING: 0.0075,
    Kind.MAKER: 0.05,
    Kind.WASH: 0.02,
    Kind.BAIT: 0.02,
    Kind.FAVOURITE: 0.33,
    Kind.LONGSHOT: 0.15,
}


@dataclass(frozen=True)
class Plan:
    """What to draw. Who is in no share is unskilled; `edges` are log-odds (0.4: wins 60 of 100 bets at 0.50)."""

    wallets: int = 4000
    events: int = 6000
    days: int = 180
    shares: dict[Kind, float] = field(default_factory=lambda: dict(SHARES))
    edges: tuple[float, float] = (0.4, 1.2)  # uniform between
    bets_tail: float = 0.45  # Pareto exponent of the number of bets
    fewest_bets: int = 5
    piling: float = 0.12  # share of wallets, skilled or not
    most_bets: int = 600
    stake_tail: float = 1.3
    togetherness: float = 0.5  # correlation of the legs of an event, latent
    longshot_bias: float = 1.07  # true log-odds per log-odds of the price: 5 cents win 4.1 %
    half_spread: float = 0.006  # USD per share


@dataclass(frozen=True)
class World:
    """`wallets`: one row per wallet. `bets`: one row per wallet and token, oldest first. `tokens`: both outcomes of every market."""

    plan: Plan
    wallets: (
        pl.DataFrame
    )  # wallet, kind, piles, knows, knows_until (day), edge (while it knows), would_be_edge (what it would be if it knew)
    tokens: pl.DataFrame  # token, market, event, outcome, chance (true), won, day
    bets: (
        pl.DataFrame
    )  # wallet, token, market, event, day, price, chance (true), won, stake, maker, chosen (by a view of its own), edges then

    def lucky(self) -> pl.DataFrame:
        """The wallets that know nothing and yet won two standard errors more than they paid for."""
        surplus = (pl.col("won") - pl.col("chance")).sum() / (pl.col("chance") * (1 - pl.col("chance"))).sum().sqrt()
        scored = self.bets.group_by("wallet").agg(surplus.alias("z"))
        return self.wallets.filter(~pl.col("knows")).join(scored.filter(pl.col("z") > 2), on="wallet")


def draw_world(seed: int, plan: Plan | None = None) -> World:
    """The world of a seed and a plan; the same on every machine."""
    plan = plan or Plan()
    rng = np.random.default_rng([seed, 77])
    tokens = _draw_tokens(plan, rng)
    wallets = _draw_wallets(plan, rng)
    return World(plan, wallets, tokens.frame(), _draw_bets(plan, wallets, tokens, rng))


@dataclass(frozen=True)
class _Tokens:
    """Arrays by event and by market. A market's token 2m is its YES, 2m + 1 its NO."""

    day: Ints  # of the event
    first: Ints  # market of the event
    legs: Ints  # markets of the event
    event: Ints  # of the market
    price: Floats  # of YES, between the quotes
    chance: Floats  # true, of YES
    yes_won: Flags

    def frame(self) -> pl.DataFrame:
        market = np.repeat(np.arange(self.event.size), 2)
        outcome = np.tile([0, 1], self.event.size)
        chance = np.where(outcome == 0, self.chance[market], 1 - self.chance[market])
        return pl.DataFrame(
            {
                "token": np.arange(market.size),
                "market": market,
                "event": self.event[market],
                "outcome": outcome,
                "chance": chance,
                "won": self.yes_won[market] == (outcome == 0),
                "day": self.day[self.event[market]],
            }
        )


def _draw_tokens(plan: Plan, rng: np.random.Generator) -> _Tokens:
    """Legs of one event share a latent cause: that all of them turn out YES together is likelier than their prices multiplied."""
    day = np.sort(rng.integers(0, plan.days, plan.events))
    legs = rng.choice([1, 2, 3, 4, 6, 8], plan.events, p=[0.35, 0.2, 0.15, 0.12, 0.1, 0.08])
    event = np.repeat(np.arange(plan.events), legs)
    price = np.clip(expit(rng.normal(0, 1.3, event.size)), 0.03, 0.97)
    chance = expit(plan.longshot_bias * logit(price))
    cause, own = rng.normal(0, 1, plan.events)[event], rng.normal(0, 1, event.size)
    latent = np.sqrt(plan.togetherness) * cause + np.sqrt(1 - plan.togetherness) * own
    return _Tokens(day, np.cumsum(legs) - legs, legs, event, price, chance, latent < ndtri(chance))


def _draw_wallets(plan: Plan, rng: np.random.Generator) -> pl.DataFrame:
    counts = [(kind, round(share * plan.wallets)) for kind, share in plan.shares.items()]
    kinds = [kind.value for kind, count in counts for _ in range(count)]
    kinds += [Kind.UNSKILLED.value] * (plan.wallets - len(kinds))
    kind = np.array(kinds)
    knows = np.isin(kind, [known.value for known in KNOWING])
    # Everybody has the edge he would have: what an oracle may know without knowing who uses it.
    would_be = rng.uniform(*plan.edges, plan.wallets)
    until = np.where(kind == Kind.DECAYING.value, rng.integers(plan.days // 3, plan.days, plan.wallets), plan.days)
    bets = np.minimum(plan.fewest_bets * rng.random(plan.wallets) ** (-1 / plan.bets_tail), plan.most_bets)
    bets = np.where(kind == Kind.WASH.value, np.maximum(bets, plan.most_bets / 6), bets)
    return pl.DataFrame(
        {
            "wallet": np.arange(plan.wallets),
            "kind": kind,
            "edge": np.where(knows, would_be, 0.0),
            "would_be_edge": would_be,
            "knows": knows,
            "knows_until": until,
            "piles": rng.random(plan.wallets) < plan.piling,
            "wanted_bets": bets.round().astype(np.int64),
        }
    )


def _draw_bets(plan: Plan, wallets: pl.DataFrame, tokens: _Tokens, rng: np.random.Generator) -> pl.DataFrame:
    """A wallet visits events and takes one or more legs of each, none twice."""
    wanted, piles = wallets["wanted_bets"].to_numpy(), wallets["piles"].to_numpy()
    visits = np.maximum(np.ceil(wanted / np.where(piles, 2.6, 1.3)), 1).astype(np.int64)
    wallet = np.repeat(np.arange(plan.wallets), visits)
    event = rng.integers(0, plan.events, wallet.size)
    new = pl.Series(wallet * plan.events + event).is_first_distinct().to_numpy()
    wallet, event = wallet[new], event[new]
    more = np.where(piles[wallet], 8, 1 + (rng.random(wallet.size) < 0.3) + (rng.random(wallet.size) < 0.15))
    taken = np.minimum(more, tokens.legs[event])
    visit = np.repeat(np.arange(wallet.size), taken)
    leg = np.arange(visit.size) - np.repeat(np.cumsum(taken) - taken, taken)
    start = rng.integers(0, tokens.legs[event])
    market = tokens.first[event[visit]] + (start[visit] + leg) % tokens.legs[event[visit]]
    wallet = wallet[visit]
    outcome = _views(wallets, tokens, wallet, market, rng)
    first = np.flatnonzero(leg == 0)
    outcome = np.where(piles[wallet], outcome[first][visit], outcome)
    return _priced(plan, wallets, tokens, wallet, market, outcome, (leg == 0) | ~piles[wallet], rng)


def _views(wallets: pl.DataFrame, tokens: _Tokens, wallet: Ints, market: Ints, rng: np.random.Generator) -> Ints:
    """0 for YES, 1 for NO: by chance, or the winning side with odds of e^edge to 1. Price styles look at the price only."""
    knows = tokens.day[tokens.event[market]] < wallets["knows_until"].to_numpy()[wallet]
    edge = np.where(knows, wallets["edge"].to_numpy()[wallet], 0.0)
    right = rng.random(wallet.size) < expit(edge)
    view = np.where(tokens.yes_won[market] == right, 0, 1)
    likelier = np.where(tokens.price[market] >= 0.5, 0, 1)
    kind = wallets["kind"].to_numpy()[wallet]
    view = np.where(kind == Kind.FAVOURITE.value, likelier, view)
    return np.where(kind == Kind.LONGSHOT.value, 1 - likelier, view)


def _priced(
    plan: Plan, wallets: pl.DataFrame, tokens: _Tokens, wallet: Ints, market: Ints, outcome: Ints, chosen: Flags, rng: np.random.Generator
) -> pl.DataFrame:
    kind = wallets["kind"].to_numpy()[wallet]
    maker = (kind == Kind.MAKER.value) | (rng.random(wallet.size) < 0.15)
    middle = np.where(outcome == 0, tokens.price[market], 1 - tokens.price[market])
    day = tokens.day[tokens.event[market]]
    knows = day < wallets["knows_until"].to_numpy()[wallet]
    frame = pl.DataFrame(
        {
            "wallet": wallet,
            "token": 2 * market + outcome,
            "market": market,
            "event": tokens.event[market],
            "day": day + rng.random(wallet.size) * 0.9,
            "price": np.clip((middle + np.where(maker, -1, 1) * plan.half_spread).round(3), 0.01, 0.99),
            "chance": np.where(outcome == 0, tokens.chance[market], 1 - tokens.chance[market]),
            "won": tokens.yes_won[market] == (outcome == 0),
            "stake": 10 * rng.random(wallet.size) ** (-1 / plan.stake_tail),
            "maker": maker,
            "chosen": chosen,
            "edge": np.where(knows, wallets["edge"].to_numpy()[wallet], 0.0),
            "would_be_edge": np.where(knows, wallets["would_be_edge"].to_numpy()[wallet], 0.0),
        }
    )
    suits = (kind != Kind.FAVOURITE.value) | (middle > 0.6)
    return frame.filter(suits).sort("day", maintain_order=True)
