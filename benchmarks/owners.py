"""How long finding owners takes: 300,000 payments, and a million trades. Prints wall and processor seconds, and the most memory held."""

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import polars as pl

from data_contracts import Funding, Side, Trade
from data_contracts.frames import empty, schema_of
from deployments.terminal import out
from domain.clustering.wallet_clustering import Discovery, DiscoveryPolicy, discover

PAYMENTS = 300_000
TRADES = 1_000_000
WALLETS = 100_000
TOKENS = 5_000
MONTH_S = 30 * 86_400
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Each part by itself."""
    chance = np.random.default_rng(1)
    nothing = trades(chance, 0), empty(Funding)
    _measured(f"{PAYMENTS:,} payments", lambda: _discover(nothing[0], payments(chance, 2, 12)))
    _measured(f"{PAYMENTS:,} payments by large purses", lambda: _discover(nothing[0], payments(chance, 26, 500)))
    _measured(f"{TRADES:,} trades", lambda: _discover(trades(chance, TRADES), nothing[1]))


def payments(chance: np.random.Generator, fewest: int, most: int) -> pl.DataFrame:
    """Two in three by purses of so many wallets, one in three by 50 exchanges.

    Small purses pay wallets that others pay too, and nobody named the exchanges; large ones pay wallets of their own, and they are named.
    """
    sizes = chance.integers(fewest, most + 1, PAYMENTS // fewest)
    purse = np.repeat(np.arange(sizes.size), sizes)[: 2 * PAYMENTS // 3]
    funder = np.concatenate((purse, sizes.size + chance.integers(0, 50, PAYMENTS - purse.size)))
    wallet = chance.integers(0, 2 * WALLETS, funder.size)
    if most > 25:
        wallet[: purse.size] = np.arange(purse.size)
    frame = pl.DataFrame({"wallet": wallet, "funder": funder})
    return frame.select(
        pl.format("name:{}", "wallet").alias("wallet"),
        pl.format("name:purse-{}", "funder").alias("funder"),
        pl.Series("amount", np.round(chance.lognormal(0, 1, funder.size), 4) + 0.0001).cast(schema_of(Funding)["amount"]),
        _instants("funded_at", chance.uniform(0, MONTH_S, funder.size)),
        pl.int_range(pl.len()).cast(pl.String).alias("tx"),
        pl.when((pl.col("funder") >= sizes.size) & (most > 25)).then(pl.lit("an exchange")).alias("source_known"),
    )


def trades(chance: np.random.Generator, count: int) -> pl.DataFrame:
    """Heavy-tailed wallets and tokens; each token's buyers come in a burst of minutes."""
    token = np.minimum(chance.zipf(1.5, count), TOKENS)
    wallet = (WALLETS * chance.random(count) ** 2).astype(np.int64)
    at_s = chance.uniform(0, MONTH_S, TOKENS + 1)[token] + chance.exponential(3_600.0, count)
    frame = pl.DataFrame({"wallet": wallet, "token_id": token}).select(
        pl.format("name:{}", "wallet").alias("wallet"), pl.col("token_id").cast(pl.String), pl.lit(Side.BUY.value).alias("side")
    )
    return frame.with_columns(_instants("traded_at", at_s), pl.lit("").alias("topic")).cast({"traded_at": schema_of(Trade)["traded_at"]})


def _instants(name: str, at_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pl.Series:
    began = int(BEGINS.timestamp() * 1e6)
    return pl.Series(name, (at_s * 1e6).astype(np.int64) + began).cast(pl.Datetime("us", "UTC"))


def _discover(trades: pl.DataFrame, payments: pl.DataFrame) -> Callable[[], Discovery]:
    return lambda: discover(trades, payments, [], {}, DiscoveryPolicy())


def _measured(what: str, prepared: Callable[[], Callable[[], Discovery]]) -> None:
    run = prepared()
    wall, processor = time.perf_counter(), time.process_time()
    found = run()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    largest = max(map(len, found.clusters.values()), default=0)
    out.print(
        f"{what}: {wall:.1f} s, {processor:.1f} s of processor, {memory:.1f} GiB at most; "
        f"{len(found.clusters):,} clusters, the largest of {largest}; {found.co_traded.height:,} pairs that trade together"
    )


if __name__ == "__main__":
    main()
