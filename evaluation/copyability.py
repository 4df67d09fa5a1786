"""Does the copyability grid say the truth? Worlds in which each leader's copies have a known expected return at every delay, size and fee.

A seed is 20 worlds of one leader each. An interval covers when it holds the expected return under the world's law, which is not what
happened in that world but what its copies bring on average.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Side
from domain.profiling.copied_trades import Frictions, copies
from domain.profiling.copyability import rate_copies
from domain.statistics.resampling import Floats
from evaluation.score import Score, interval
from evaluation.worlds import copying

Flags = npt.NDArray[np.bool_]
TOPIC = "copyability"
WORLDS = 20
EVENTS = 60
DELAYS_S = (0, 5, 30, 60, 300)
NOTIONALS = (10, 100, 1000)
CELLS = [(delay, notional) for delay in DELAYS_S for notional in NOTIONALS]
FEES = (0.0, 1.0, 2.0)
NO_EDGE = copying.Law(edge=0.0)


def scores(seeds: Sequence[int]) -> Iterator[Score]:
    """Coverage cell by cell, what falls with what, and the published gap between leader and copier."""
    found = [_Seed(seed) for seed in seeds]
    yield from _coverage(np.array([one.covered for one in found]))
    yield _share(
        "ours",
        "no leader knows anything",
        "called copyable (5 % lie above 0 by chance)",
        [one.false for one in found],
        "at most 0.08",
        0,
        0.08,
    )
    yield _share("trades as independent", "60 s, 100 USD", "coverage of 90 % intervals", [one.naive for one in found], "", None, None)
    yield _monotone("delay 0 to 300 s", [one.by_delay for one in found])
    yield _monotone("fee 0, 1, 2 times the official", [one.by_fee for one in found])
    yield _monotone("10, 100, 1,000 USD", [one.by_notional for one in found])
    yield _near("leader, own price and no fee", [one.leader for one in found], 0.14)
    yield _near("copier after 60 s, fee, 100 USD", [one.by_delay[DELAYS_S.index(60)] for one in found], 0.03)


class _Seed:
    """What one seed's worlds measured."""

    def __init__(self, seed: int) -> None:
        rows = [_world(seed * WORLDS + number) for number in range(WORLDS)]
        means = np.array([row[0] for row in rows]).mean(axis=0)
        self.covered: Floats = np.array([row[1] for row in rows]).mean(axis=0)
        self.naive = float(np.mean([row[2] for row in rows]))
        self.by_fee = np.array([row[3] for row in rows]).mean(axis=0)
        self.leader = float(np.mean([row[4] for row in rows]))
        self.by_delay = means[[CELLS.index((delay, 100)) for delay in DELAYS_S]]
        self.by_notional = means[[CELLS.index((60, notional)) for notional in NOTIONALS]]
        self.false = float(np.mean([_called_copyable(seed * WORLDS + number) for number in range(WORLDS)]))


def _world(seed: int) -> tuple[Floats, Flags, bool, Floats, float]:
    """Means of all cells, which of them covered, whether the naive interval did, means by fee, and the leader's own return."""
    trades, markets = copying.recording(seed, EVENTS)
    leader = pl.Series([copying.LEADER])
    copied = copies(trades, markets, DELAYS_S, NOTIONALS, copying.FRICTIONS, wallets=leader)
    rows = rate_copies(copied, copying.BEGIN, seed=seed)
    true = np.array([_truth(copying.LAW, delay, notional) for delay, notional in CELLS])
    covered = (rows["low"].to_numpy() <= true) & (true <= rows["high"].to_numpy())
    one = copied.filter(pl.col("is_entry") & (pl.col("delay_s") == 60) & (pl.col("notional") == 100))["gain"].drop_nulls().to_numpy()
    error = one.std(ddof=1) / np.sqrt(len(one))
    naive = abs(one.mean() - _truth(copying.LAW, 60, 100)) <= 1.645 * error
    fees = [copies(trades, markets, (60,), (100,), Frictions(fee_multiplier=fee), leader).filter("is_entry")["gain"].mean() for fee in FEES]
    return rows["mean"].to_numpy(), covered, bool(naive), np.array(fees, dtype=float), _own_return(trades, markets)


def _called_copyable(seed: int) -> bool:
    """Without spread, impact and fee, a leader that knows nothing has copies worth exactly 0."""
    trades, markets = copying.recording(seed, EVENTS, NO_EDGE)
    free = Frictions(half_spread=0, impact=0, fee_multiplier=0)
    rows = rate_copies(copies(trades, markets, (60,), (100,), free, pl.Series([copying.LEADER])), copying.BEGIN, seed=seed)
    return bool((rows["low"] > 0).any())


def _own_return(trades: pl.DataFrame, markets: pl.DataFrame) -> float:
    """The mean over the leader's markets of what it got for each USD it spent."""
    own = trades.filter(pl.col("wallet") == copying.LEADER).with_columns(pl.col("notional", "shares").cast(pl.Float64))
    bought = pl.col("side") == Side.BUY
    ends = own.group_by("token_id").agg(
        pl.col("notional").filter(bought).sum().alias("paid"),
        pl.col("notional").filter(~bought).sum().alias("got"),
        (pl.col("shares").filter(bought).sum() - pl.col("shares").filter(~bought).sum()).alias("left"),
    )
    worth = ends.join(markets.select("token_id", pl.col("payout").cast(pl.Float64)), on="token_id")
    return float(np.mean(((worth["got"] + worth["left"] * worth["payout"]) / worth["paid"]).to_numpy()) - 1)


@cache
def _truth(law: copying.Law, delay_s: float, notional: float) -> float:
    return copying.truth(law, delay_s, notional)


def _coverage(covered: Floats) -> Iterator[Score]:
    for cell, (delay, notional) in enumerate(CELLS):
        yield _share(
            "ours", f"{delay} s, {notional} USD", "coverage of 90 % intervals", covered[:, cell].tolist(), "0.85 to 0.95", 0.85, 0.95
        )


def _share(method: str, case: str, figure: str, values: Sequence[float], wanted: str, low: float | None, high: float | None) -> Score:
    value, *bounds = interval(values)
    held = None if low is None or high is None else low <= round(value, 9) <= high
    return Score(TOPIC, method, case, figure, value, bounds[0], bounds[1], wanted, held)


def _monotone(case: str, means: Sequence[Floats]) -> Score:
    """The share of seeds in which each step lowers the mean return of the seed's copies."""
    falls = [float(np.all(np.diff(one) < 0)) for one in means]
    return Score(TOPIC, "ours", case, "seeds in which the return falls at each step", *interval(falls), "all", all(falls))


def _near(case: str, values: Sequence[float], published: float) -> Score:
    """The published number lies in the interval over the seeds, give or take a point."""
    value, low, high = interval(values)
    return Score(
        TOPIC, "ours", case, "mean return", value, low, high, f"{published:+.0%} within a point", low - 0.01 <= published <= high + 0.01
    )
