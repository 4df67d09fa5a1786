"""Raw trades of any source as Trade rows: ids, ordinals, types. What cannot be read is null, for the checks to name."""

import polars as pl

from data_contracts import Activity, Trade, Venue
from data_contracts.frames import fitted, notes_in, schema_of, with_notes
from domain.ids import ordinals, row_id

IDENTITY = ["tx_hash", "wallet", "token_id", "side", "shares", "notional", "traded_at"]
SIX_DECIMALS = pl.Decimal(18, 6)  # what this venue's amounts have: ids are functions of their digits, and stay what they always were
COUNTED = {"trade_id", "ordinal", "sequence"}  # from the rows' own order
NO_POOL = pl.lit("").alias("pool")


def trade_frame(raw: pl.DataFrame, source: str) -> pl.DataFrame:
    """Trade rows of a frame in its source's order, the oldest first, that has all columns but those counted here, `source` and `seen_at`.

    No venue gives a fill an id: it is known by transaction, wallet, token, side, shares, notional and time. Equal fills are told apart by
    their ordinal, so that repeats are kept and reading the same rows again finds the same ids. Until somebody stores them, they count as
    seen when they happened.
    """
    schema = schema_of(Trade)
    here = (pl.lit(source).alias("source"), pl.lit(Venue.POLYMARKET.value).alias("venue"), NO_POOL)
    named = raw.with_columns(*here, pl.col("traded_at").alias("seen_at"))
    fitting = {name: dtype for name, dtype in schema.items() if name not in COUNTED}
    typed = named.with_columns(fitted(name, named.schema[name], dtype) for name, dtype in fitting.items())
    typed = with_notes(typed, {name: named[name] for name in fitting})
    identity = typed.select(pl.col(IDENTITY).exclude("shares", "notional"), pl.col("shares", "notional").cast(SIX_DECIMALS, strict=False))
    keys = list(zip(*(identity[name].to_list() for name in IDENTITY), strict=True))
    counted = ordinals(keys)
    ids = [row_id(source, *key, ordinal) for key, ordinal in zip(keys, counted, strict=True)]
    return typed.with_columns(
        pl.Series("ordinal", counted, dtype=schema["ordinal"]),
        pl.Series("trade_id", ids, dtype=schema["trade_id"]),
        pl.int_range(pl.len()).over("traded_at").alias("sequence"),
    ).select(*schema, *notes_in(typed))


def trades_in(activities: pl.DataFrame) -> pl.DataFrame:
    """The trades among Activity rows, with the ids that the feed of all wallets gives them.

    Within one instant they keep the order of their wallet's account.
    """
    renamed = {"activity_id": "trade_id", "usd": "notional", "happened_at": "traded_at"}
    told = activities.filter(pl.col("type") == "TRADE").rename(renamed)
    place = pl.int_range(pl.len()).over("wallet", "traded_at")
    known = told.with_columns(pl.col("traded_at").alias("seen_at"), place.alias("sequence"), NO_POOL)
    return known.select(*schema_of(Trade), *notes_in(told))


def as_activities(trades: pl.DataFrame) -> pl.DataFrame:
    """The same trades as Activity rows."""
    renamed = trades.rename({"trade_id": "activity_id", "notional": "usd", "traded_at": "happened_at"})
    typed = renamed.with_columns(pl.lit("TRADE").alias("type"), pl.lit(None, pl.Int64).alias("outcome_index"))
    return typed.select(list(schema_of(Activity)))
