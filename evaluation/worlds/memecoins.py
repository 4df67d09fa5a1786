"""Wallets that buy new tokens, most of which die. Who knows when to leave, since when and until when, is on record.

A token's price rises to a peak whose multiple has a tail of 1.3 and falls to next to nothing, sooner or later; a few live on. Who knows
nothing sells after a time of its own style (a scalper after minutes, others after days), whatever the token does. Who knows has in mind
CHOICES such times and takes one of them, the better ones with odds that grow by e^edge from the worst to the best: `edge` is a tilt of
the rank, and it is exact. Snipers buy in a launch's first seconds, bundlers in the very slot and sell together, chasers what has risen: all
of these do better or worse than others, and know nothing. Ladders, who sell at twice or half of what they paid, are drawn where a plan
asks for them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHOICES = 16  # times of selling that somebody who knows has in mind
DAY_S = 86_400.0
HORIZON_S = 7 * DAY_S  # then what is left is marked
GRID = np.concatenate([[0.0], np.geomspace(1.0, 14 * DAY_S, 160)])  # ages at which a price is known


class Kind(StrEnum):
    """How a wallet trades. Lucky is no way of trading: it is an outcome."""

    SKILLED = "skilled"
    DECAYING = "decaying"  # skilled until a day
    SNIPER = "sniper"  # buys in the first seconds
    BUNDLER = "bundler"  # one owner's wallets: buy in the launch's slot, sell within the same minute
    CHASER = "chaser"  # buys what has risen
    LADDER = "ladder"  # sells at twice or half of what it paid, or after a day
    UNSKILLED = "unskilled"


KNOWING = (Kind.SKILLED, Kind.DECAYING)
SHARES = {
    Kind.SKILLED: 0.0225,
    Kind.DECAYING: 0.0075,
    Kind.SNIPER: 0.08,
    Kind.BUNDLER: 0.04,
    Kind.CHASER: 0.10,
}
STYLES = {  # share, median hold in seconds
    "scalper": (0.55, 400.0),
    "day": (0.25, 4 * 3600.0),
    "swing": (0.14, 2 * DAY_S),
    "position": (0.06, 8 * DAY_S),
}


@dataclass(frozen=True)
class Plan:
    """What to draw. Who is in no share is unskilled. `seen_from`: the day on which the record begins; trades before it were not seen."""

    wallets: int = 4000
    tokens: int = 1000
    days: int = 60
    shares: dict[Kind, float] = field(default_factory=lambda: dict(SHARES))
    edges: tuple[float, float] = (0.7, 2.1)  # uniform between
    bets_tail: float = 0.45  # Pareto exponent of the number of tokens bought
    fewest_bets: int = 5
    most_bets: int = 600
    tail: float = 1.3  # Pareto exponent of a token's highest multiple
    bundle: int = 6  # wallets of one owner
    seen_from: float = 0.0


@dataclass(frozen=True)
class World:
    """`wallets`: one row per wallet. `bets`: one row per wallet and token, its first purchase and what came of it."""

    plan: Plan
    wallets: pl.DataFrame  # wallet, kind, style, knows, knows_until (day), edge (while it knows), would_be_edge
    bets: pl.DataFrame  # wallet, token, at_s, age_s, held_s, got (per SOL paid), place (of its choice, 0 to 1), edges then, stake


def draw_world(seed: int, plan: Plan | None = None) -> World:
    """The world of a seed and a plan; the same on every machine."""
    plan = plan or Plan()
    rng = np.random.default_rng([seed, 78])
    paths, launched_at = _draw_paths(plan, rng), np.sort(rng.random(plan.tokens)) * plan.days * DAY_S
    wallets = _draw_wallets(plan, rng)
    bets = _draw_bets(plan, wallets, paths, launched_at, rng)
    return World(plan, wallets, bets.filter(pl.col("at_s") >= plan.seen_from * DAY_S))


def _draw_paths(plan: Plan, rng: np.random.Generator) -> Floats:
    """Log prices of each token at the ages of GRID: up to a peak, then down, with noise of its own."""
    tokens = plan.tokens
    peak = np.minimum(rng.random(tokens) ** (-1 / plan.tail), 1e4)
    peak_at = np.exp(rng.normal(np.log(1200.0), 1.8, tokens))
    lives = rng.random(tokens) < 0.05
    floor = np.where(lives, rng.uniform(0.3, 1.0, tokens), np.exp(rng.normal(np.log(0.02), 0.8, tokens)))
    pace = np.where(rng.random(tokens) < 0.3, 0.15, np.exp(rng.normal(0.9, 0.6, tokens)))  # a rug falls at once
    age = np.log1p(GRID)[None, :]
    since = age - np.log1p(peak_at)[:, None]
    rise = np.log(peak)[:, None] * np.clip(1 + since / np.log1p(peak_at)[:, None], 0, 1) ** 2
    fall = (np.log(floor) - np.log(peak))[:, None] * (1 - np.exp(-np.maximum(since, 0) / pace[:, None]))
    steps = rng.normal(0, 0.35, (tokens, GRID.size)) * np.sqrt(np.diff(np.log1p(GRID), prepend=0.0))
    return np.asarray(np.where(since < 0, rise, np.log(peak)[:, None] + fall) + steps.cumsum(axis=1))


def log_price(paths: Floats, token: Ints, age_s: Floats) -> Floats:
    """Straight between the ages of GRID, on their logarithms."""
    at = np.interp(np.log1p(np.minimum(age_s, GRID[-1])), np.log1p(GRID), np.arange(GRID.size))
    low = np.minimum(at.astype(np.int64), GRID.size - 2)
    share = at - low
    return np.asarray(paths[token, low] * (1 - share) + paths[token, low + 1] * share)


def _draw_wallets(plan: Plan, rng: np.random.Generator) -> pl.DataFrame:
    kinds = [kind.value for kind, share in plan.shares.items() for _ in range(round(share * plan.wallets))]
    kind = np.array(kinds + [Kind.UNSKILLED.value] * (plan.wallets - len(kinds)))
    knows = np.isin(kind, [known.value for known in KNOWING])
    style = rng.choice(list(STYLES), plan.wallets, p=[share for share, _ in STYLES.values()])
    style = np.where(np.isin(kind, [Kind.SNIPER.value, Kind.BUNDLER.value]), "scalper", style)
    would_be = rng.uniform(*plan.edges, plan.wallets)
    until = np.where(kind == Kind.DECAYING.value, rng.integers(plan.days // 3, plan.days, plan.wallets), plan.days + 1)
    bets = np.minimum(plan.fewest_bets * rng.random(plan.wallets) ** (-1 / plan.bets_tail), plan.most_bets)
    median = np.array([STYLES[name][1] for name in style]) * np.exp(rng.normal(0, 0.5, plan.wallets))
    delay = np.where(kind == Kind.SNIPER.value, 2.0, np.exp(rng.normal(np.log(900.0), 1.0, plan.wallets)))
    return pl.DataFrame(
        {
            "wallet": np.arange(plan.wallets),
            "kind": kind,
            "style": style,
            "edge": np.where(knows, would_be, 0.0),
            "would_be_edge": would_be,
            "knows": knows,
            "knows_until": until,
            "median_hold_s": median,
            "median_delay_s": np.where(kind == Kind.CHASER.value, delay * 3, delay),
            "wanted_bets": bets.round().astype(np.int64),
        }
    )


def _draw_bets(plan: Plan, wallets: pl.DataFrame, paths: Floats, launched_at: Floats, rng: np.random.Generator) -> pl.DataFrame:
    wallet = np.repeat(np.arange(plan.wallets), wallets["wanted_bets"].to_numpy())
    kind = wallets["kind"].to_numpy()
    popular = rng.random(plan.tokens) ** (-1 / 1.5)
    token = rng.choice(plan.tokens, wallet.size, p=popular / popular.sum())
    token = _in_bundles(plan, wallet, token, kind)
    new = pl.Series(wallet * plan.tokens + token).is_first_distinct().to_numpy()
    wallet, token = wallet[new], token[new]
    age = wallets["median_delay_s"].to_numpy()[wallet] * np.exp(rng.normal(0, 0.9, wallet.size))
    age = np.where(kind[wallet] == Kind.BUNDLER.value, 0.0, age)
    paid = log_price(paths, token, age)
    suits = (kind[wallet] != Kind.CHASER.value) | (paid > log_price(paths, token, age / 2) + 0.1)
    wallet, token, age, paid = wallet[suits], token[suits], age[suits], paid[suits]
    at = launched_at[token] + age
    knows = at / DAY_S < wallets["knows_until"].to_numpy()[wallet]
    edge = np.where(knows, wallets["edge"].to_numpy()[wallet], 0.0)
    holds = wallets["median_hold_s"].to_numpy()[wallet][:, None] * np.exp(rng.normal(0, 1.0, (wallet.size, CHOICES)))
    holds = np.minimum(holds, HORIZON_S)
    worth = log_price(paths, np.repeat(token, CHOICES), (age[:, None] + holds).ravel()).reshape(holds.shape) - paid[:, None]
    chosen, place = _choose(worth, edge, rng)
    rows = np.arange(wallet.size)
    held, gain = holds[rows, chosen], worth[rows, chosen]
    held, gain = _with_bundles(plan, wallet, token, kind, paths, held, gain)
    held, gain = _with_ladders(kind[wallet] == Kind.LADDER.value, paths, token, age, paid, held, gain)
    return pl.DataFrame(
        {
            "wallet": wallet,
            "token": token,
            "at_s": at,
            "age_s": age,
            "held_s": held,
            "got": np.exp(gain) * np.exp(rng.normal(-0.02, 0.01, wallet.size)),  # fees and slippage
            "place": place,
            "edge": edge,
            "would_be_edge": np.where(knows, wallets["would_be_edge"].to_numpy()[wallet], 0.0),
            "stake": 0.1 * rng.random(wallet.size) ** (-1 / plan.tail),
        }
    ).sort("at_s", maintain_order=True)


def _in_bundles(plan: Plan, wallet: Ints, token: Ints, kind: npt.NDArray[np.str_]) -> Ints:
    """The wallets of one owner buy the tokens of the first of them."""
    bundled = np.flatnonzero(kind == Kind.BUNDLER.value)
    if not bundled.size:
        return token
    first = np.arange(kind.size)
    first[bundled] = bundled[(np.arange(bundled.size) // plan.bundle) * plan.bundle]
    begin = np.searchsorted(wallet, np.arange(kind.size))
    count = np.bincount(wallet, minlength=kind.size)
    of_first = begin[first[wallet]] + (np.arange(wallet.size) - begin[wallet]) % np.maximum(count[first[wallet]], 1)
    return np.where(kind[wallet] == Kind.BUNDLER.value, token[of_first], token)


def _choose(worth: Floats, edge: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """One of the choices of each row, by the odds its edge gives to their ranks; and the rank of that one, 0 to 1."""
    ranked = np.argsort(worth, axis=1)
    place = (np.arange(CHOICES) + 0.5) / CHOICES
    odds = np.exp(edge[:, None] * place)
    which = (np.cumsum(odds, axis=1) < rng.random(edge.size)[:, None] * odds.sum(axis=1, keepdims=True)).sum(axis=1)
    which = np.minimum(which, CHOICES - 1)
    return ranked[np.arange(edge.size), which], place[which]


def _with_bundles(
    plan: Plan, wallet: Ints, token: Ints, kind: npt.NDArray[np.str_], paths: Floats, held: Floats, gain: Floats
) -> tuple[Floats, Floats]:
    """One owner's wallets sell a token together: when the first of them does, give or take a second each."""
    bundled = np.flatnonzero(kind[wallet] == Kind.BUNDLER.value)
    if not bundled.size:
        return held, gain
    least = wallet[bundled].min()
    owner = pl.Series((wallet[bundled] - least) // plan.bundle * plan.tokens + token[bundled])
    together = pl.DataFrame({"owner": owner, "held": held[bundled]}).select(pl.col("held").first().over("owner")).to_series().to_numpy()
    held, gain = held.copy(), gain.copy()
    held[bundled] = together + (wallet[bundled] - least) % plan.bundle
    gain[bundled] = log_price(paths, token[bundled], held[bundled]) - log_price(paths, token[bundled], np.zeros(bundled.size))
    return held, gain


def _with_ladders(
    is_ladder: npt.NDArray[np.bool_], paths: Floats, token: Ints, age: Floats, paid: Floats, held: Floats, gain: Floats
) -> tuple[Floats, Floats]:
    """Ladders sell when the price is first twice or half of what they paid, at the latest after a day."""
    rows = np.flatnonzero(is_ladder)
    steps = np.geomspace(5.0, DAY_S, 120)
    seen = (
        log_price(paths, np.repeat(token[rows], steps.size), (age[rows, None] + steps).ravel()).reshape(-1, steps.size) - paid[rows, None]
    )
    left = np.abs(seen) >= np.log(2)
    left[:, -1] = True
    first = left.argmax(axis=1)
    held, gain = held.copy(), gain.copy()
    held[rows], gain[rows] = steps[first], seen[np.arange(rows.size), first]
    return held, gain
