"""Full profiling with skill of 100,000 wallets and 10 million trades: from trades in memory to closed positions, profiles, bets and grades.

Trades are drawn before the clock starts. A quarter as many come first, in a process of their own, with a quarter of the wallets: what a
trade costs must not grow with their number. `--wallets` and `--trades` scale it.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import TypeVar

import numpy as np
import polars as pl

from data_contracts import Side, Trade, Venue
from data_contracts.frames import schema_of
from deployments.terminal import out, show_table
from domain.polymarket.markets import with_terms
from domain.profiling.bets import bets_of
from domain.profiling.grading import grade_bets
from domain.profiling.wallet_profiling import closed_positions, profiles

T = TypeVar("T")
NOW = datetime(2026, 11, 15, tzinfo=UTC)  # in the middle of a month: tables lie by month
LASTS = timedelta(days=180)
ROWS_A_MATCH = 3
CATEGORIES = ("politics", "sports", "crypto", "economics", "culture")
GIB = 2**30
MOST_SECONDS, MOST_GIB = 60, 6  # what was promised, on two cores


def main() -> None:
    options = _options()
    for part in (4, 1):
        size = (options.wallets // part, options.trades // part, options.markets)
        with get_context("spawn").Pool(1) as fresh:  # the peak of memory is a process's
            cost = fresh.apply(measured, size)
    seconds, gib = cost
    told = "yes" if seconds <= MOST_SECONDS and gib <= MOST_GIB else "NO"
    out.print(f"{options.trades:,} trades in at most {MOST_SECONDS} s and {MOST_GIB} GiB: {told} ({seconds:.1f} s, {gib:.1f} GiB)")


def measured(wallets: int, trades: int, markets: int) -> tuple[float, float]:
    """Seconds and GiB of one size, which it prints step by step."""
    drawn_trades, drawn_markets = draw_house(wallets, trades, markets, seed=1)
    out.print(f"{trades:,} trades of {wallets:,} wallets in {markets:,} markets; {_peak_gib():.1f} GiB with them drawn")
    rows = list(_timed(drawn_trades, drawn_markets))
    wall, cpu = sum(row[1] for row in rows), sum(row[2] for row in rows)
    show_table(
        ("step", "seconds", "CPU seconds", "CPU us a trade", "GiB at most"),
        [
            (name, f"{seconds:.1f}", f"{spent:.1f}", f"{1e6 * spent / trades:.2f}", f"{gib:.1f}")
            for name, seconds, spent, gib in [*rows, ("all", wall, cpu, _peak_gib())]
        ],
    )
    return wall, _peak_gib()


def draw_house(
    wallets: int, trades: int, markets: int, seed: int, begins: datetime = NOW - LASTS, lasts: timedelta = LASTS
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Trade rows in time order and Market rows. Activity of wallets has a heavy tail; 1 trade in 4 sells; 1 market in 10 is open.

    Who trades how much is the same for every seed, and so is what becomes of the markets.
    """
    rng = np.random.default_rng(seed)
    activity = np.random.default_rng(0).pareto(1.1, wallets) + 0.2
    wallet = np.searchsorted(np.cumsum(activity) / activity.sum(), rng.random(trades)).clip(0, wallets - 1)
    match = np.arange(trades) // ROWS_A_MATCH  # one order met others: of one market, in one transaction
    market, side = rng.integers(0, markets, match[-1] + 1)[match], rng.integers(0, 2, trades)
    price = rng.integers(5, 96, trades)  # cents
    hundredths = rng.integers(500, 100_000, trades)
    at = np.sort(rng.integers(0, int(lasts.total_seconds()), match[-1] + 1))[match]
    names = pl.Series([f"0x{number:040x}" for number in range(wallets)])
    tokens = pl.Series([f"{10**76 + number}" for number in range(2 * markets)])
    conditions = pl.Series([f"0x{number:064x}" for number in range(markets)])
    frame = pl.DataFrame(
        {
            "trade_id": pl.Series(np.arange(trades) + seed * 10**12).cast(pl.String).str.zfill(32),
            "source": pl.repeat("bench", trades, eager=True),
            "venue": pl.repeat(Venue.POLYMARKET.value, trades, eager=True),
            "wallet": names.gather(wallet),
            "market_id": conditions.gather(market),
            "token_id": tokens.gather(2 * market + side),
            "outcome": pl.Series(["Yes", "No"]).gather(side),
            "side": pl.Series([Side.BUY.value, Side.SELL.value]).gather((rng.random(trades) < 0.25).astype(np.uint32)),
            "price": pl.Series(price).cast(pl.Decimal(18, 10)) / 100,
            "shares": pl.Series(hundredths).cast(pl.Decimal(18, 6)) / 100,
            "notional": pl.Series(price * hundredths).cast(pl.Decimal(18, 6)) / 10_000,
            "traded_at": pl.Series(at * 1_000_000 + int(begins.timestamp()) * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "tx_hash": pl.Series([f"0x{number:064x}" for number in range(match[-1] + 1)]).gather(match),
            "ordinal": pl.repeat(0, trades, eager=True),
            "sequence": pl.repeat(0, trades, eager=True),
            "pool": pl.repeat("", trades, eager=True),
        }
    ).with_columns(pl.col("traded_at").alias("seen_at"))
    schema = schema_of(Trade)
    return frame.select(list(schema)).cast(dict(schema.items())), _markets(markets, tokens, conditions, np.random.default_rng(0))


def _markets(markets: int, tokens: pl.Series, conditions: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    number, outcome = np.repeat(np.arange(markets), 2), np.tile([0, 1], markets)
    over, yes = rng.random(markets) < 0.9, rng.random(markets) < 0.5
    frame = pl.DataFrame(
        {
            "token_id": tokens,
            "market_id": conditions.gather(number),
            "outcome": pl.Series(["Yes", "No"]).gather(outcome),
            "outcome_index": outcome,
            "question": pl.repeat("?", 2 * markets, eager=True),
            "category": pl.Series(CATEGORIES).gather(number % len(CATEGORIES)),
            "event": pl.Series(number // 3).cast(pl.String),
            "price_increment": pl.repeat("0.01", 2 * markets, eager=True),
            "min_shares": pl.repeat(5, 2 * markets, eager=True),
            "fee_rate": pl.repeat(0, 2 * markets, eager=True),
            "fee_exponent": pl.repeat(1, 2 * markets, eager=True),
            "neg_risk": pl.repeat(False, 2 * markets, eager=True),
            "version": pl.repeat("v1", 2 * markets, eager=True),
            "ends_at": pl.repeat(NOW, 2 * markets, eager=True),
            "ended_at": pl.Series([NOW - timedelta(days=day) for day in rng.uniform(0, 2, markets)]).gather(number),
            "payout": (yes[number] == (outcome == 0)).astype(int),
            "updated_at": pl.repeat(NOW, 2 * markets, eager=True),
            "ended_at_is_assumed": pl.repeat(False, 2 * markets, eager=True),
        }
    )
    still_open = pl.Series(~over[number])
    shut = frame.with_columns(*[pl.when(still_open).then(None).otherwise(pl.col(name)).alias(name) for name in ("ended_at", "payout")])
    return with_terms(shut)


def _timed(trades: pl.DataFrame, markets: pl.DataFrame) -> Iterator[tuple[str, float, float, float]]:
    """(step, seconds, CPU seconds, GiB at most so far) of the steps that a profiling run takes."""
    spent: list[tuple[str, float, float, float]] = []

    def timed(name: str, step: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = step()
        spent.append((name, time.perf_counter() - wall, time.process_time() - cpu, _peak_gib()))
        return result

    closed = timed("closed positions", lambda: closed_positions(trades, markets, NOW))
    timed("profiles", lambda: profiles(trades, markets, closed, NOW))
    bets = timed("bets", lambda: bets_of(trades, markets, NOW))
    timed("skill", lambda: grade_bets(bets, NOW))
    yield from spent


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wallets", type=int, default=100_000)
    parser.add_argument("--trades", type=int, default=10_000_000)
    parser.add_argument("--markets", type=int, default=20_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
