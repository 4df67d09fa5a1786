"""Wallets that bought a launch in its own slot, one right after the other, again and again: sent together, so of one owner.

Nobody reacts to a launch within its slot of 0.4 seconds and lands beside somebody he does not know; once it may happen, and bots that buy
every launch stand beside each other now and then. So a pair counts from two launches on, if that is a good part of what the busier of the
two bought so. Whoever tells a transaction without its place in the block leaves it at 0: several at that place say nothing.
Pure: places on the chain come with the trades (`Trade.sequence`), slots of launches with the tokens.
"""

from dataclasses import dataclass

import polars as pl

from data_contracts import Side
from domain.solana.trades import MOST_IN_BLOCK, MOST_SWAPS

PAIRS = pl.Schema({"one": pl.String(), "other": pl.String(), "launches": pl.Int64()})


@dataclass(frozen=True, slots=True)
class BundlePolicy:
    """`apart`: places in the block from one purchase to the next. `share`: of the launches that the busier wallet bought so."""

    apart: int = 2
    launches: int = 2
    share: float = 0.34


def bundled(trades: pl.DataFrame, tokens: pl.DataFrame, policy: BundlePolicy = BundlePolicy()) -> pl.DataFrame:
    """PAIRS of wallets (one < other) of one bundle. `trades`: wallet, token_id, side, sequence; `tokens`: token_id, launch_slot."""
    place = pl.col("sequence") // MOST_SWAPS
    bought = trades.filter(pl.col("side") == Side.BUY).join(tokens.drop_nulls("launch_slot"), on="token_id")
    at_once = bought.filter(place // MOST_IN_BLOCK == pl.col("launch_slot")).select("wallet", "token_id", place.alias("place"))
    first = at_once.group_by("wallet", "token_id").agg(pl.col("place").min()).sort("token_id", "place", "wallet")
    first = first.filter((pl.col("place") % MOST_IN_BLOCK > 0) | (pl.len().over("token_id", "place") == 1))
    begins = pl.col("place") - pl.col("place").shift(1).over("token_id") > policy.apart
    runs = first.with_columns(begins.fill_null(value=True).cum_sum().over("token_id").alias("bundle"))
    launches = dict(runs.group_by("wallet").agg(pl.col("token_id").n_unique()).iter_rows())
    both = runs.join(runs, on=["token_id", "bundle"], suffix="_other").filter(pl.col("wallet") < pl.col("wallet_other"))
    together = both.group_by(one="wallet", other="wallet_other").agg(pl.col("token_id").n_unique().cast(pl.Int64).alias("launches"))
    busier = pl.max_horizontal(pl.col(end).replace_strict(launches, default=None, return_dtype=pl.Int64) for end in ("one", "other"))
    often = (pl.col("launches") >= policy.launches) & (pl.col("launches") >= policy.share * busier)
    return together.filter(often).sort("one", "other").cast(dict(PAIRS.items()))
