"""Does the cost of copying say the truth? Worlds in which what a copy of a leader brings is known at every delay, fee and stake.

Tails are so heavy that a mean of 300 entries says little: what is measured on the tape is held against what is true of the very same
entries, and the published gap against the law's expectation and that difference together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from domain.profiling.first_purchases import followed
from domain.profiling.memecoins import CopyTerms, copied
from evaluation.score import Score, interval
from evaluation.worlds.copied_coins import APART_S, BEGIN, LEADER, gains, launches, multiples, tape, truth

ENTRIES = 300
TERMS = CopyTerms()
BY_DELAY = {f"{delay:g} s": replace(TERMS, delay_s=delay) for delay in (0.0, 5.0, 30.0, 60.0, 300.0)}
BY_FEE = {f"fee {fee:.1%}": replace(TERMS, fee_of_the_young=fee) for fee in (0.0, 0.005, 0.01)}
BY_STAKE = {f"{stake} SOL": replace(TERMS, stake=stake) for stake in (0.1, 0.5, 5.0)}
CELLS = BY_DELAY | BY_FEE | BY_STAKE
OWN = replace(TERMS, delay_s=0.0, fee_of_the_young=0.0, impact=0.0)
WITHIN, PUBLISHED_OWN, PUBLISHED_COPY = 0.01, 0.14, 0.03


def scores(seeds: Sequence[int]) -> Iterator[Score]:
    """What is measured less what is true of the same entries, what falls with what, and the published gap."""
    found = [_Seed(seed) for seed in seeds]
    for name in CELLS:
        value = interval([one.measured[name] - one.true[name] for one in found])
        held = abs(value[0]) <= WITHIN
        yield _score(name, f"measured less true, where {truth(CELLS[name]):+.1%} is expected", value, f"0 within {WITHIN}", held)
    yield _published("leader, own price and no fee", [one.own - one.own_true + truth(OWN) for one in found], PUBLISHED_OWN)
    copier = [one.measured["30 s"] - one.true["30 s"] + truth(TERMS) for one in found]
    yield _published("copier after 30 s, fee 50 bps each way, 0.5 SOL in a pool", copier, PUBLISHED_COPY)
    for case, cells in (("delay 0 to 300 s", BY_DELAY), ("fee 0, 0.5, 1 % each way", BY_FEE), ("0.1, 0.5, 5 SOL", BY_STAKE)):
        yield _falls(case, cells, found)


class _Seed:
    """The mean gains of one seed's entries: as the tape shows them, and as they are."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 9])
        multiple = multiples(rng, ENTRIES)
        trades, began = tape(rng, multiple), launches(multiple)
        as_of = BEGIN + timedelta(seconds=(ENTRIES + 1) * APART_S)
        own = followed(trades, as_of).filter(pl.col("wallet") == LEADER)
        self.own, self.own_true = float(own["got"].to_numpy().mean()) - 1, float(multiple.mean()) - 1
        self.measured = {name: _mean(copied(trades, began, as_of, terms)) for name, terms in CELLS.items()}
        self.true = {name: float(gains(multiple, terms).mean()) for name, terms in CELLS.items()}


def _mean(copies: pl.DataFrame) -> float:
    return float(copies.filter(pl.col("wallet") == LEADER)["gain"].to_numpy().mean())


def _falls(case: str, cells: Mapping[str, CopyTerms], found: Sequence[_Seed]) -> Score:
    """The share of seeds in which each step lowers the mean gain of the very same copies."""
    falls = [float(all(one.measured[after] < one.measured[before] for before, after in pairwise(cells))) for one in found]
    claimed = cells is not BY_DELAY  # later is dearer in the mean only: whose coins fall is better copied late
    return _score(
        case, "seeds in which the gain falls at each step", interval(falls), "all" if claimed else "", all(falls) if claimed else None
    )


def _published(case: str, values: Sequence[float], published: float) -> Score:
    value = interval(values)
    return _score(case, "mean return", value, f"{published:+.0%} within a point", bool(abs(value[0] - published) <= WITHIN))


def _score(case: str, figure: str, value: tuple[float, float, float], wanted: str, held: bool | None) -> Score:
    return Score("copyability on Solana", "walletflow", case, figure, *value, wanted, held)
