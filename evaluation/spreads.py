"""What do recorded books say that buying costs? Fitted on half of the markets of a category, and held against the other half."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.profiling.copied_trades import Frictions
from domain.profiling.spread_fit import DAYS, fit_spreads
from domain.profiling.spread_refit import ROUNDING, charged
from domain.profiling.spreads import EVEN_HOURS, SIZES, Floats, Spreads
from evaluation.score import Score, interval
from evaluation.worlds.order_books import NAME, book_costs

TOPIC = "spreads"
RECORDINGS = "WALLETFLOW_RECORDINGS"  # the directory with pm_orderbooks/ in it; unset, there is nothing to say
LOW, HIGH = 0.85, 0.95
VOLUME = 5_000.0  # USD traded in the five minutes after, where half a cent and a vanishing impact were assumed
WALLETS = 10
SOON_S, LATE_S = 120.0, 1_200.0
USUAL = 100.0  # USD
NO_HELP = "not supported: markets left out are no better predicted by it"


def scores(seeds: Sequence[int]) -> Iterator[Score]:
    """By category, and for one that was not recorded. Books of one market are dependent: markets are left out, and count as one each."""
    if RECORDINGS not in os.environ:
        return
    costs = book_costs(Path(os.environ[RECORDINGS]) / NAME)
    fitted = fit_spreads(costs)
    for category in costs["category"].unique().sort():
        yield from _by_halves(category, [left_out(costs, category, seed) for seed in seeds])
        yield from _supported(category, costs.filter(pl.col("category") == category), fitted)
        elsewhere = costs.filter(pl.col("category") != category)
        unseen = held_against(costs.filter(pl.col("category") == category), fit_spreads(elsewhere))
        case = f"{category}, by the others alone"
        yield Score(TOPIC, "ours", case, "books in the 90 % interval", *interval([unseen.inside]), "too few categories to claim any")


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of books, each market counting as one, the sizes alike: in the interval (and of each size), not above what is charged.

    `averaged`: of wallets with a copy in each of these markets, those whose mean cost lies where a rating says it does.

    `assumed` (of each size): not above what was charged before books were asked, at `VOLUME`.
    """

    inside: float
    by_size: tuple[float, ...]
    averaged: float
    charged: float
    assumed: tuple[float, ...]


def left_out(costs: pl.DataFrame, category: str, seed: int) -> Held:
    """Fitted without a random half of a category's markets, held against that half."""
    markets = costs.filter(pl.col("category") == category)["market"].unique().sort().sample(fraction=1.0, shuffle=True, seed=seed)
    half = pl.col("market").is_in(markets.tail(len(markets) - len(markets) // 2).implode())
    return held_against(costs.filter(half), fit_spreads(costs.filter(~half)))


def held_against(books: pl.DataFrame, spreads: Spreads) -> Held:
    """Books that the fit did not see."""
    shares = np.array([_shares(books.filter(pl.col("notional") == size), size, spreads) for size in SIZES])
    averaged = np.mean(
        [_averaged(books.filter(pl.col("notional") == size), size, spreads, wallet) for size in SIZES for wallet in range(WALLETS)]
    )
    return Held(
        float(shares[:, 0].mean()), tuple(shares[:, 0].tolist()), float(averaged), float(shares[:, 1].mean()), tuple(shares[:, 2].tolist())
    )


def _shares(books: pl.DataFrame, size: float, spreads: Spreads) -> tuple[float, float, float]:
    weight = 1 / books.select(pl.len().over("market")).to_series().to_numpy()
    real, price, said = books["cost"].to_numpy(), books["price"].to_numpy(), charged(books, size, spreads)
    inside = (real >= said.low * (1 - ROUNDING)) & (real <= said.high * (1 + ROUNDING))
    law = Frictions()
    assumed = law.half_spread + law.impact * price * (1 - price) * size / (size + VOLUME + law.depth)
    return _mean(inside, weight), _mean(said.mean >= real - ROUNDING, weight), _mean(assumed >= real - ROUNDING, weight)


def _averaged(books: pl.DataFrame, size: float, spreads: Spreads, wallet: int) -> bool:
    """Whether a wallet that met one book of each market paid, in the mean, what `domain.profiling.copyability.with_cost` allows for."""
    met = books.sample(fraction=1.0, shuffle=True, seed=wallet).unique("market", keep="first", maintain_order=True)
    said = charged(met, size, spreads)
    unsure = (said.dear.mean() - said.mean.mean()) * np.sqrt(1 / met.height + np.mean(1 / said.rests_on))
    return bool(abs(met["cost"].to_numpy().mean() - said.mean.mean()) <= unsure)


def _mean(values: npt.NDArray[np.bool_], weight: Floats) -> float:
    return float(np.average(values, weights=weight))


def _by_halves(category: str, halves: Sequence[Held]) -> Iterator[Score]:
    value, low, high = interval([half.inside for half in halves])
    held = LOW <= value <= HIGH
    yield Score(TOPIC, "ours", category, "books of other markets in the 90 % interval", value, low, high, f"{LOW} to {HIGH}", held)
    for place, size in enumerate(SIZES):
        yield Score(TOPIC, "ours", category, f"of {size:g} USD", *interval([half.by_size[place] for half in halves]))
    value, low, high = interval([half.averaged for half in halves])
    figure = "mean cost over the other markets, as a rating allows"
    yield Score(TOPIC, "ours", category, figure, value, low, high, f"at least {LOW}", value >= LOW)
    yield Score(TOPIC, "ours", category, "books no dearer than charged", *interval([half.charged for half in halves]))
    for place, size in enumerate(SIZES):
        case, figure = f"{category}, {VOLUME:,.0f} USD traded", f"books no dearer than charged, {size:g} USD"
        yield Score(TOPIC, "half a cent and an impact", case, figure, *interval([half.assumed[place] for half in halves]))


def _supported(category: str, own: pl.DataFrame, fitted: Spreads) -> Iterator[Score]:
    """What the fit that is shipped says, what it rests on, and what the recordings do not support."""
    spreads = fitted[category]
    for size, spread in spreads.items():
        bounds = spread.even * spread.mean, spread.even * spread.low, spread.even * spread.high
        yield Score(TOPIC, "ours", category, f"cost of {size:g} USD at 0.50, USD a share", *bounds, f"{spread.rests_on} markets")
    usual = spreads[USUAL]
    sooner = 1.0 if usual.ending is None else float(np.divide(*usual.ending.at(np.array([SOON_S, LATE_S]))))
    says = "" if usual.ending else "not supported: ends not recorded" if own["to_end_s"].null_count() == own.height else NO_HELP
    yield Score(TOPIC, "ours", category, "100 USD 2 minutes before the end, times 20 before", sooner, sooner, sooner, says)
    dearer = max(usual.hours) / min(usual.hours)
    says = (
        "" if usual.hours != EVEN_HOURS else NO_HELP if own["taken_at"].dt.date().n_unique() >= DAYS else "not supported: one day recorded"
    )
    yield Score(TOPIC, "ours", category, "100 USD at the dearest hours, times the cheapest", dearer, dearer, dearer, says)
