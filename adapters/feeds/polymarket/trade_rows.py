"""Raw trades of any source as Trade rows: ids, ordinals, types. What cannot be read is null, for the checks to name."""

import polars as pl

from data_contracts import Activity, Trade
from data_contracts.frames import schema_of
from domain.ids import ordinals, row_id

IDENTITY = ["tx_hash", "wallet", "token_id", "side", "shares", "notional", "traded_at"]


def trade_frame(raw: pl.DataFrame, source: str) -> pl.DataFrame:
    """Trade rows of a frame that has all columns but `source`, `ordinal` and `trade_id`.

    No venue gives a fill an id: it is known by transaction, wallet, token, side, shares, notional and time. Equal fills are told apart by
    their ordinal, so that repeats are kept and reading the same rows again finds the same ids.
    """
    schema = schema_of(Trade)
    typed = raw.with_columns(pl.lit(source).alias("source")).with_columns(
        pl.col(name).cast(dtype, strict=False) for name, dtype in schema.items() if name not in ("trade_id", "ordinal")
    )
    keys = list(zip(*(typed[name].to_list() for name in IDENTITY), strict=True))
    counted = ordinals(keys)
    ids = [row_id(source, *key, ordinal) for key, ordinal in zip(keys, counted, strict=True)]
    return typed.with_columns(
        pl.Series("ordinal", counted, dtype=schema["ordinal"]), pl.Series("trade_id", ids, dtype=schema["trade_id"])
    ).select(list(schema))


def as_activities(trades: pl.DataFrame) -> pl.DataFrame:
    """The same trades as Activity rows."""
    renamed = trades.rename({"trade_id": "activity_id", "notional": "usd", "traded_at": "happened_at"})
    typed = renamed.with_columns(pl.lit("TRADE").alias("type"), pl.lit(None, pl.Int64).alias("outcome_index"))
    return typed.select(list(schema_of(Activity)))
