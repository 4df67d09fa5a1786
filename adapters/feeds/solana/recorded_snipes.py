"""A recording of launches bought by fleets in their own slot (`sol_group_snipe_2026`): swaps of the first minutes, and the fleets.

What is on record of the curve, before the pool, are the fleets' purchases alone: other wallets of those seconds are not. Coins that a
fleet's wallet sent on to a collector are no payments: two of the fleets share collectors.
"""

import json
from pathlib import Path

import polars as pl

from adapters.feeds.parquet_files import read_parquet
from adapters.feeds.solana.recorded_rows import Groups, RecordedChain, pairs, token_row, token_rows, trade_rows
from data_contracts import Funding
from data_contracts.frames import empty
from domain.solana.programs import Program

FILES = ("swaps", "captures", "fleet_members", "launch_fleet_buys", "launches_onchain", "launches_creation_block")


def snipes(directory: Path, source: str) -> RecordedChain:
    """All of it. A coin's minutes on its pool are on record with seconds, the fleets' purchases with slot and place."""
    read = {name: read_parquet(directory / f"{name}.parquet") for name in FILES}
    launches = _launches(read)
    swaps = pl.concat([_swaps(read["swaps"]), _fleet_buys(read)]).join(launches, on="mint", how="left", maintain_order="left")
    pools = dict(launches.select("mint", "pool").iter_rows())
    swaps = swaps.with_columns(pl.when("on_pool").then(pl.col("mint").replace_strict(pools, default="")).fill_null("").alias("pool"))
    return RecordedChain(
        trade_rows(swaps, source),
        token_rows(token_row(**row, launchpad=Program.PUMP.value, updated_at=row["launched_at"]) for row in launches.to_dicts()),
        empty(Funding),
        _fleets(read["fleet_members"]),
    )


def _launches(read: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Mint, when it was launched and in which slot (null where nobody wrote it down), its pool and creator."""
    seen = read["captures"].select("mint", "pool", pl.col("created").alias("launched_at"))
    chain = read["launches_onchain"].select("mint", _instant("created").alias("at"), pl.col("creation_slot").alias("launch_slot"))
    blocks = read["launches_creation_block"].select("mint", "creator")
    both = seen.join(chain, on="mint", how="full", coalesce=True).join(blocks, on="mint", how="left")
    return both.select("mint", "pool", pl.coalesce("launched_at", "at").alias("launched_at"), "launch_slot", "creator").sort("mint")


def _swaps(swaps: pl.DataFrame) -> pl.DataFrame:
    return swaps.sort("mint", "seq").select(
        "wallet",
        "mint",
        "side",
        "sol",
        "tokens",
        pl.col("ts").alias("traded_at"),
        pl.col("tx_hash").fill_null(""),
        pl.lit(None, pl.Int64).alias("slot"),
        pl.lit(None, pl.Int64).alias("index"),
        pl.lit(value=True).alias("on_pool"),
    )


def _fleet_buys(read: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """With the place of each in the launch's block, as far as that block was read."""
    blocks = read["launches_creation_block"].select("mint", "wallets_bloc", "idx_bloc")
    places = {
        (mint, wallet): index
        for mint, wallets, indexes in blocks.iter_rows()
        for wallet, index in zip(json.loads(wallets), json.loads(indexes), strict=True)
    }
    buys = read["launch_fleet_buys"]
    index = [places.get(key) for key in buys.select("mint", "wallet").iter_rows()]
    return buys.select(
        "wallet",
        "mint",
        pl.lit("BUY").alias("side"),
        pl.col("sol_net").alias("sol"),
        "tokens",
        _instant("ts").alias("traded_at"),
        pl.col("sig").alias("tx_hash"),
        "slot",
        pl.Series("index", index, dtype=pl.Int64),
        pl.lit(value=False).alias("on_pool"),
    )


def _fleets(members: pl.DataFrame) -> Groups:
    """Any two wallets of all fleets can be judged: of one fleet or not."""
    named = {f"fleet {fleet}": frozenset(wallets) for fleet, wallets in members.group_by("fleet").agg("wallet").sort("fleet").iter_rows()}
    everybody = frozenset(members["wallet"])
    own = frozenset(pair for wallets in named.values() for pair in pairs(wallets))
    return Groups(named, own, frozenset(pairs(everybody) - own), (everybody,))


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="s").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
