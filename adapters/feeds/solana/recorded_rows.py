"""What recordings of Solana have in common: their rows in our words, and what they say of groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import polars as pl

from adapters.feeds.polymarket.trade_rows import trade_frame
from data_contracts import Funding, SolanaToken, Venue
from data_contracts.frames import frame_of, schema_of
from domain.solana.programs import WSOL
from domain.solana.trades import MOST_IN_BLOCK, MOST_SWAPS

Pair = tuple[str, str]
SLOTS_A_SECOND = 2.5
DECIMALS = 6  # of every coin of pump.fun
ADDRESS = r"^[1-9A-HJ-NP-Za-km-z]{32,44}$"


@dataclass(frozen=True, slots=True)
class Groups:
    """Who somebody worked out belongs together. `named`: group → wallets; `pairs` of one owner; `apart` have only an exchange in common.

    A pair can be judged if one of `judged` holds both.
    """

    named: Mapping[str, frozenset[str]]
    pairs: frozenset[Pair]
    apart: frozenset[Pair]
    judged: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class RecordedChain:
    """A recording of Solana as rows: Trade (in time order), SolanaToken, Funding; and the groups it names."""

    trades: pl.DataFrame
    tokens: pl.DataFrame
    fundings: pl.DataFrame
    groups: Groups


def pairs(wallets: Iterable[str]) -> set[Pair]:
    """Every two of them, each pair in order."""
    return set(combinations(sorted(wallets), 2))


def named(wallet: str) -> pl.Expr:
    """An address, or `name:` and what stands in its place where a recording hides it."""
    return pl.when(pl.col(wallet).str.contains(ADDRESS)).then(pl.col(wallet)).otherwise(pl.concat_str(pl.lit("name:"), pl.col(wallet)))


def trade_rows(raw: pl.DataFrame, source: str) -> pl.DataFrame:
    """Trade rows in the order they happened, of `wallet`, `mint`, `side`, `sol`, `tokens`, `traded_at`, `tx_hash`, `pool`, `slot`, `index`.

    Where nobody wrote the slot down, `launched_at` and `launch_slot` (0 where it is not known either) say it: a second is 2.5 slots, and
    what came in the second of the launch came a slot after it, for nobody is called bundled by a rounded time.
    """
    since = (pl.col("traded_at") - pl.col("launched_at")).dt.total_seconds()
    guessed = pl.col("launch_slot").fill_null(0) + pl.max_horizontal((since * SLOTS_A_SECOND).floor().cast(pl.Int64), pl.lit(1))
    slot = pl.coalesce(pl.col("slot").cast(pl.Int64), guessed, pl.lit(0))
    index = pl.coalesce(pl.col("index").cast(pl.Int64), pl.int_range(pl.len()).over("mint") % MOST_IN_BLOCK)
    placed = raw.with_columns(((slot * MOST_IN_BLOCK + index) * MOST_SWAPS).alias("place"))
    whole = placed.sort("traded_at", "place", maintain_order=True).with_columns(
        named("wallet").alias("wallet"),
        *[pl.col("mint").alias(name) for name in ("market_id", "token_id", "outcome")],
        pl.col("tokens").alias("shares"),
        pl.col("sol").alias("notional"),
        (pl.col("sol") / pl.col("tokens")).alias("price"),
    )
    rows = trade_frame(whole, source)
    here = rows.with_columns(pl.lit(Venue.SOLANA.value).alias("venue"), whole["pool"].alias("pool"), whole["place"].alias("sequence"))
    return here.select(rows.columns)


def token_row(mint: str, **known: Any) -> SolanaToken:
    """What is not known of a mint is empty, and its digits are those of pump.fun."""
    unsaid: dict[str, Any] = {"token_id": mint, "quote_token_id": WSOL, "decimals": DECIMALS, "is_mayhem": False}
    unsaid |= dict.fromkeys(("name", "symbol", "launchpad", "pool", "creator", "launched_by", "token_program"), "")
    unsaid |= dict.fromkeys(("launched_at", "launch_slot", "graduated_at"))
    said = {name: value for name, value in known.items() if value is not None}
    return SolanaToken(**unsaid | said)


def token_rows(rows: Iterable[SolanaToken]) -> pl.DataFrame:
    """As a frame, mint by mint."""
    return frame_of(sorted(rows, key=lambda row: row.token_id), SolanaToken)


def funding_rows(raw: pl.DataFrame) -> pl.DataFrame:
    """Funding rows of `wallet`, `funder`, `amount`, `funded_at`, `tx` and perhaps `source_known`; amounts of nothing are no payments."""
    schema = schema_of(Funding)
    amount = pl.col("amount").round(9).cast(schema["amount"])
    paid = raw.with_columns(amount).filter(pl.col("amount") > 0)
    return paid.with_columns(pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in paid.columns).select(
        list(schema)
    )
