"""Which wallets can be copied at a profit: what their copies came to, with how sure that is, and whom a policy may choose by it."""

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from data_contracts import Copyability
from data_contracts.frames import schema_of
from domain.copying.policy import FollowPolicy
from domain.statistics.resampling import Floats, Interval, interval, numbered

TRIMMED = 0.05  # of the trades at either end
OF_A_COPY = ("gain", "dear_gain", "spread", "spread_low", "spread_high", "spread_rests_on")


def rate_copies(copied: pl.DataFrame, as_of: datetime, fewest: int = 10, seed: int = 0) -> pl.DataFrame:
    """Copyability rows: one per wallet and cell of the grid, of the wallets with at least `fewest` copies whose end is known."""
    done = copied.filter(pl.col("is_entry"))
    cells = done.select("delay_s", "notional").unique().sort("delay_s", "notional").rows()
    parts = [done.filter(delay_s=delay, notional=notional) for delay, notional in cells]
    first = parts[0].select("wallet", "event") if parts else done.select("wallet", "event")
    wide = first.with_columns(part[name].alias(f"{name} {cell}") for cell, part in enumerate(parts) for name in OF_A_COPY)
    wide = wide.drop_nulls()  # a copy that one cell cannot make is in none: cells differ by price, not by luck
    many = wide.filter(pl.len().over("wallet") >= fewest).sort("wallet", "event", maintain_order=True)
    frames = [_rated_wallet(wallet, own, cells, as_of, seed) for (wallet,), own in many.group_by("wallet", maintain_order=True)]
    return pl.concat([pl.DataFrame(schema=schema_of(Copyability)), *frames])


def no_rating() -> pl.DataFrame:
    """Nobody is rated."""
    return pl.DataFrame(schema=schema_of(Copyability))


def _rated_wallet(wallet: object, wide: pl.DataFrame, cells: list[tuple[float, float]], as_of: datetime, seed: int) -> pl.DataFrame:
    gains, dear, *spreads, rests_on = (wide.select(f"{name} {cell}" for cell in range(len(cells))).to_numpy() for name in OF_A_COPY)
    events = numbered(wide["event"].to_list())
    sure = with_cost(interval(gains, events, seed=seed), dear.mean(axis=0), int(events.max()) + 1, (1 / rests_on).mean(axis=0))
    spread, spread_low, spread_high = (one.mean(axis=0) for one in spreads)
    records = [
        {
            "wallet": wallet,
            "delay_s": int(delay),
            "notional": int(notional),
            "round_trips": wide.height,
            "events": int(events.max()) + 1,
            "mean": float(sure.mean[cell]),
            "low": _or_none(sure.low[cell]),
            "high": _or_none(sure.high[cell]),
            "median": float(np.median(gains[:, cell])),
            "trimmed_mean": float(stats.trim_mean(gains[:, cell], TRIMMED)),
            "top_share": top_share(gains[:, cell]),
            "as_of": as_of,
            "spread": float(spread[cell]),
            "spread_low": float(spread_low[cell]),
            "spread_high": float(spread_high[cell]),
        }
        for cell, (delay, notional) in enumerate(cells)
    ]
    return pl.DataFrame(records, schema=schema_of(Copyability))


def with_cost(sure: Interval, dear: Floats, events: int, one_in: Floats) -> Interval:
    """The same interval, wider by what is not known of the cost of each market, which averages out, and of all, which does not.

    `one_in`: one part in as many markets as the cost rests on, or categories where its own was not recorded.
    """
    unsure = (sure.mean - dear) * np.sqrt(1 / events + one_in)
    return Interval(sure.mean, sure.mean - np.hypot(sure.mean - sure.low, unsure), sure.mean + np.hypot(sure.high - sure.mean, unsure))


def top_share(gains: Floats) -> float | None:
    """Which part of all that was gained the best 1 % of the copies brought (at least one copy); None when nothing was gained."""
    won = np.sort(gains[gains > 0])[::-1]
    best = max(1, len(gains) // 100)
    return float(won[:best].sum() / won.sum()) if won.sum() > 0 else None


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def not_to_copy(flags: pl.DataFrame, policy: FollowPolicy) -> pl.DataFrame:
    """The wallets (one column, `wallet`) that are flagged as a trap the policy names."""
    return flags.filter(pl.col("flagged") & pl.col("trap").is_in([trap.value for trap in policy.without_traps])).select("wallet").unique()


def copyable(rated: pl.DataFrame, policy: FollowPolicy) -> pl.DataFrame | None:
    """The wallets whose copies brought what the policy asks for; None when it asks for nothing. Who has no rating has not shown it."""
    if policy.min_copy_return is None:
        return None
    cell = rated.filter((pl.col("delay_s") == policy.copy_delay_s) & (pl.col("notional") == policy.copy_notional))
    return cell.filter(pl.col(policy.copy_certainty) >= policy.min_copy_return).select("wallet")


def candidates(profiles: pl.DataFrame, rated: pl.DataFrame, flags: pl.DataFrame, policy: FollowPolicy) -> pl.DataFrame:
    """The profiles a policy may choose from: no flagged trap, and none whose copies did not bring what it asks for."""
    left = profiles.join(not_to_copy(flags, policy), on="wallet", how="anti", maintain_order="left")
    good = copyable(rated, policy)
    return left if good is None else left.join(good, on="wallet", how="semi", maintain_order="left")


def remarks(rated: pl.DataFrame, flags: pl.DataFrame, policy: FollowPolicy) -> dict[str, str]:
    """Wallet → what its followers should know: what a copy brought, and every flag."""
    cell = rated.filter((pl.col("delay_s") == policy.copy_delay_s) & (pl.col("notional") == policy.copy_notional))
    said = {row["wallet"]: [_copies(row)] for row in cell.to_dicts()}
    for row in flags.filter("flagged").sort("wallet", "trap").to_dicts():
        said.setdefault(row["wallet"], []).append(f"flagged {row['trap']}: {row['score']:.2f} from {row['threshold']:.2f} on")
    return {wallet: ", ".join(words) for wallet, words in said.items()}


def _copies(row: dict[str, Any]) -> str:
    sure = "" if row["low"] is None else f" ({row['low']:+.1%} to {row['high']:+.1%})"
    return f"copies {row['mean']:+.1%}{sure} over {row['round_trips']}"
