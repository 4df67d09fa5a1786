"""Is there an edge? A backtest's copies against nothing, and against the same strategy behind other leaders of like activity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from domain.statistics.resampling import Floats, interval, numbered, stepdown

NEAREST = 10  # a leader's stand-in is drawn among this many wallets with about as many trades
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """`mean` return of a position with its 90 % interval over events (NaN: too few); what random leaders returned in all; and in words."""

    positions: int
    events: int
    mean: float
    low: float
    high: float
    total_return: float
    random_low: float
    random_high: float
    chance: float  # that random leaders do at least as well
    sentence: str


def finding(strategy: str, positions: pl.DataFrame, total_return: float, random_returns: Sequence[float]) -> Finding:
    """An edge is claimed only if the copies surely gained and hardly any random leaders did as well.

    `positions`: one row per copied position, with `event` and `gain`. `random_returns`: of the whole balance, one a draw.
    """
    gains, events = positions["gain"].to_numpy(), numbered(positions["event"].to_list())
    sure = interval(gains[:, None], events)
    mean, low, high = (float(bound[0]) for bound in (sure.mean, sure.low, sure.high))
    drawn = np.asarray(random_returns, dtype=float)
    random_low, random_high = np.quantile(drawn, [0.05, 0.95]) if len(drawn) else (np.nan, np.nan)
    chance = (1 + np.count_nonzero(drawn >= total_return)) / (1 + len(drawn)) if len(drawn) else float("nan")
    found = Finding(len(gains), int(events.max(initial=-1)) + 1, mean, low, high, total_return, random_low, random_high, chance, "")
    return replace(found, sentence=_sentence(strategy, found))


def match_leaders(leaders: Sequence[str], activity: pl.DataFrame, seed: int, before: Mapping[str, str]) -> dict[str, str]:
    """Leader → a wallet drawn in its place: one that trades about as much in the same category and is no leader itself.

    `activity`: wallet, category (the one it trades most), trades. A stand-in stays (`before`) as long as its leader is followed. A leader
    has none only when there is no other wallet in the category.
    """
    known = {row[0]: (row[1], row[2]) for row in activity.select("wallet", "category", "trades").iter_rows()}
    taken = {before[leader] for leader in leaders if leader in before}
    swapped = {leader: before[leader] for leader in leaders if leader in before}
    for leader in sorted(set(leaders) - before.keys()):
        category, trades = known.get(leader, ("", 0))
        others = [wallet for wallet, (other, _) in known.items() if other == category and wallet not in taken and wallet not in leaders]
        nearest = sorted(others, key=lambda wallet: (abs(np.log((1 + known[wallet][1]) / (1 + trades))), wallet))[:NEAREST]
        if nearest:
            swapped[leader] = nearest[int(np.random.default_rng([seed, *leader.encode()]).integers(len(nearest)))]
            taken.add(swapped[leader])
    return swapped


def corrected(results: Sequence[pl.DataFrame], seed: int = 0) -> tuple[Floats, Floats]:
    """Per variant tried: the p-value that it gained, alone, and as the best of all that were tried (see `resampling.stepdown`).

    `results`: each variant's positions, with `event` and `pnl`. An event that a variant stayed out of brought it nothing. A variant that
    never copied anything has shown nothing: 1.
    """
    events = sorted({event for result in results for event in result["event"].to_list()})
    table = np.zeros((len(events), len(results)))
    for column, result in enumerate(results):
        sums = dict(result.group_by("event").agg(pl.col("pnl").sum()).iter_rows())
        table[:, column] = [sums.get(event, 0.0) for event in events]
    if not events:
        return np.ones(len(results)), np.ones(len(results))
    rows = np.arange(len(events))
    alone = np.array([stepdown(table[:, [column]], rows, seed=seed)[0] for column in range(len(results))])
    idle = np.array([not result.height for result in results])
    return np.where(idle, 1.0, alone), np.where(idle, 1.0, stepdown(table, rows, seed=seed))


def _sentence(strategy: str, found: Finding) -> str:
    if not found.positions:
        return f"No edge: {strategy} copied nothing."
    counted = f"{found.positions} position{'s'[: found.positions > 1]} in {found.events} event{'s'[: found.events > 1]}"
    said = f"{strategy} returned {found.total_return:+.2%} in all, {found.mean:+.1%} a position over {counted}"
    if np.isnan(found.low):
        return f"No edge: {said}; that is too few events to say anything."
    said += f" (90 % interval {found.low:+.1%} to {found.high:+.1%})"
    if not np.isnan(found.chance):
        said += (
            f"; random leaders of the same activity {found.random_low:+.2%} to {found.random_high:+.2%},"
            f" at least as good with probability {found.chance:.2f}"
        )
    gained, better = found.low > 0, np.isnan(found.chance) or found.chance <= LEVEL
    if gained and better:
        return f"An edge: {said}." + (" Random leaders were not tried." if np.isnan(found.chance) else "")
    return f"No edge: {said}."
