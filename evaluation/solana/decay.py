"""How late an alarm comes after a wallet stopped to know when to leave, at the stated rate of false alarms: on ranks among few peers."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from domain.decay.decay_detection import HORIZON, cusum, fading, loss_evidence
from domain.decay.peer_results import as_bets, edge_of
from domain.profiling.skill import Floats
from evaluation.score import Score, interval
from evaluation.skill import Flags

CASES = {(edge, peers): f"edge {edge}, {peers} peers" for edge in (1.0, 1.5, 2.1) for peers in (5, 9, 20)}
RATE = 0.04
STATED_WITHIN = 0.15
HEALTHY, FADED, AFTER = 3_000, 600, 600
FIRST = 300  # of a wallet's purchases, from which the thresholds are made
WINDOW = 20


def scores(seeds: Sequence[int]) -> Iterable[Score]:
    """False alarms as measured per stated, and purchases until the alarm beside a window of 20 that rings as seldom."""
    for (edge, peers), case in CASES.items():
        yield from _case(case, edge, peers, seeds)


def _case(case: str, edge: float, peers: int, seeds: Sequence[int]) -> Iterator[Score]:
    rates, ours, windows = [], [], []
    shown = edge_of(edge, peers / (peers + 2))
    for seed in seeds:
        rng = np.random.default_rng([seed, 8])
        limit = fading(_chances(_ranks(rng, 0.0, peers, (1, FIRST))), shown, RATE)
        healthy = _won(_ranks(rng, edge, peers, (HEALTHY, HORIZON)))
        rung = _statistic(healthy, shown).max(axis=1)
        rates.append(float((rung >= limit.value).mean()) / limit.false_alarms)
        before = _won(_ranks(rng, edge, peers, (FADED, HORIZON)))
        paths = np.concatenate([before, _won(_ranks(rng, 0.0, peers, (FADED, AFTER)))], axis=1)
        fewest = np.quantile(_window(healthy).min(axis=1), RATE)
        ours.append(_delay(_statistic(paths, shown) >= limit.value))
        windows.append(_delay(_window(paths) < fewest))
    value = interval(rates)
    held = abs(value[0] - 1) <= STATED_WITHIN
    yield Score("decay on Solana", "walletflow", case, "false alarms, measured per stated 4%", *value, f"1 ± {STATED_WITHIN}", held)
    yield Score("decay on Solana", "walletflow", case, "purchases until the alarm", *interval(ours))
    yield Score("decay on Solana", "window of 20, as seldom", case, "purchases until the alarm", *interval(windows))


def _ranks(rng: np.random.Generator, edge: float, peers: int, shape: tuple[int, int]) -> Floats:
    """Of so many peers, the share that got less."""
    drawn = rng.random(shape)
    place = np.log1p(drawn * np.expm1(edge)) / edge if edge else drawn
    rank = rng.binomial(peers, place) / peers
    return np.asarray(np.where(rank == 0.5, rng.choice((0.49, 0.51), shape), rank))  # the middle itself is not heard


def _won(ranks: Floats) -> Floats:
    return np.asarray(ranks > 0.5).astype(float)


def _chances(ranks: Floats) -> Floats:
    """As the rows of a wallet that trades like everybody say them."""
    count = ranks.size
    rows = pl.DataFrame(
        {
            "wallet": ["w"] * count,
            "token_id": [f"{place:06}" for place in range(count)],
            "bought_at": range(count),
            "rank": ranks.ravel(),
            "expected": [0.5] * count,
            "peers": [20.0] * count,
        }
    )
    return as_bets(rows)["fair_chance"].to_numpy()


def _statistic(won: Floats, edge: float) -> Floats:
    return cusum(loss_evidence(won, np.full_like(won, 0.5), edge))


def _window(won: Floats) -> Floats:
    """Wins among the last 20; before there are 20, all."""
    wins = np.cumsum(np.pad(won, ((0, 0), (1, 0))), axis=1)
    return np.pad(wins[:, WINDOW:] - wins[:, :-WINDOW], ((0, 0), (WINDOW - 1, 0)), constant_values=WINDOW)


def _delay(rings: Flags) -> float:
    quiet = ~rings[:, :HORIZON].any(axis=1)
    after = rings[quiet, HORIZON:]
    return float(np.where(after.any(axis=1), after.argmax(axis=1) + 1, AFTER).mean())
