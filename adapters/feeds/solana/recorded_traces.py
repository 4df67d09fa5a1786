"""A recording of first buyers and of who had paid them (`sol_funding_traces`): curves' trades, payments, and groups worked out by hand."""

import json
from collections import defaultdict
from pathlib import Path

import polars as pl

from adapters.feeds.parquet_files import read_parquet
from adapters.feeds.solana.recorded_rows import Groups, Pair, RecordedChain, funding_rows, pairs, token_row, token_rows, trade_rows
from domain.solana.programs import Program

FILES = ("curve_events", "inflows", "splits")
SIDES = {"achat": "BUY", "vente": "SELL"}


def traces(directory: Path, source: str) -> RecordedChain:
    """All of it. Slots are not on record: a curve's first transaction is its launch."""
    events = read_parquet(directory / "curve_events.parquet")
    inflows, splits = (read_parquet(directory / f"{name}.parquet") for name in ("inflows", "splits"))
    launches = events.group_by("mint").agg(pl.col("ts").min().alias("launched_at"), pl.col("label").first()).sort("mint")
    return RecordedChain(
        trade_rows(_swaps(events, launches), source),
        token_rows(
            token_row(mint, symbol=label, launchpad=Program.PUMP.value, launched_at=at, updated_at=at)
            for mint, at, label in launches.iter_rows()
        ),
        payments(inflows),
        groups(inflows, splits),
    )


def _swaps(events: pl.DataFrame, launches: pl.DataFrame) -> pl.DataFrame:
    """What moved coins one way and SOL the other: a transfer, or a failed transaction, does not."""
    swaps = events.filter(pl.col("kind").is_in(list(SIDES)), pl.col("token_delta") * pl.col("sol_delta") < 0).sort("mint", "rank_tx")
    return swaps.join(launches.select("mint", "launched_at"), on="mint", maintain_order="left").select(
        pl.col("signer").alias("wallet"),
        "mint",
        pl.col("kind").replace_strict(SIDES).alias("side"),
        pl.col("sol_delta").abs().alias("sol"),
        pl.col("token_delta").abs().alias("tokens"),
        pl.col("ts").alias("traded_at"),
        pl.col("sig").alias("tx_hash"),
        pl.lit("").alias("pool"),
        pl.lit(None, pl.Int64).alias("slot"),
        pl.lit(None, pl.Int64).alias("index"),
        "launched_at",
        pl.lit(0, pl.Int64).alias("launch_slot"),
    )


def payments(inflows: pl.DataFrame) -> pl.DataFrame:
    """Funding rows: what a wallet got for a sale is no payment by an owner."""
    paid = inflows.filter(pl.col("nature") == "financement", pl.col("source").is_not_null())
    names = {"funder": "source", "funded_at": "ts", "tx": "signature", "amount": "amount_sol"}
    return funding_rows(paid.select("wallet", "source_known", **{ours: pl.col(theirs) for ours, theirs in names.items()}))


def groups(inflows: pl.DataFrame, splits: pl.DataFrame) -> Groups:
    """A group's purse belongs to it where it bought early as well: it is the owner's own wallet."""
    buyers: dict[str, set[str]] = defaultdict(set)
    paid = inflows.filter(pl.col("nature") == "financement", pl.col("source").is_not_null())
    for label, wallet in paid.select("label", "wallet").iter_rows():
        buyers[label].add(wallet)
    named, own, exchanges = dict[str, frozenset[str]](), set[Pair](), set[Pair]()
    for number, row in enumerate(splits.select("label", "kind", "wallets", "funder", "source").to_dicts()):
        wallets = set(json.loads(row["wallets"]))
        if "infrastructure" in row["kind"]:
            exchanges |= pairs(wallets)
            continue
        whole = wallets | ({row["funder"], row["source"]} & buyers[row["label"]])
        own |= pairs(whole)
        named[f"{row['label']} {number}"] = frozenset(whole)
    judged = tuple(frozenset(buyers[label]) for label in sorted(buyers))
    return Groups(named, frozenset(own), frozenset(exchanges - own), judged)
