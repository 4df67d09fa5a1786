"""Trades and activity of the Data API as frames. Version two writes snake_case, version one camelCase; older answers say market_id."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from adapters.feeds.polymarket.trade_rows import trade_frame
from adapters.feeds.reading import frame_of_columns
from data_contracts import Activity, Trade, Venue
from data_contracts.frames import empty, fitting, notes_in, schema_of, with_notes
from domain.ids import ordinals, row_id

Record = Mapping[str, Any]
FORMER = {
    "proxy_wallet": ("proxyWallet",),
    "condition_id": ("conditionId", "market_id"),
    "token_id": ("asset",),
    "transaction_hash": ("transactionHash",),
    "usdc_size": ("usdcSize",),
    "outcome_index": ("outcomeIndex",),
    "current_size": ("size",),
}
TEXTS = ("proxy_wallet", "condition_id", "token_id", "outcome", "side", "transaction_hash")
TRADE_FIELDS = dict.fromkeys(TEXTS, pl.String()) | {"price": pl.Float64(), "size": pl.Float64(), "timestamp": pl.Int64()}
ACTIVITY_FIELDS = TRADE_FIELDS | {"type": pl.String(), "usdc_size": pl.Float64(), "outcome_index": pl.Int64()}
UNKNOWN_OUTCOME = 999
CENTURY = 4_102_444_800  # 2100: what lies beyond is no count of seconds


def value_of(record: Record, name: str) -> Any:
    """The value under its name, or under one it had before."""
    value = record.get(name)
    return value if value is not None else next((record[old] for old in FORMER.get(name, ()) if record.get(old) is not None), None)


def condition_of(value: Any) -> Any:
    """A market's id as our tables have it: blanks around it and its capitals mean nothing."""
    return value.strip().lower() if isinstance(value, str) else value


def trades_of(newest_first: Sequence[Record], source: str) -> pl.DataFrame:
    """Trade rows, the oldest first: so equal fills get the same ordinals whichever page they came on."""
    return trade_frame(_raw(newest_first[::-1], TRADE_FIELDS), source) if newest_first else empty(Trade)


def activities_of(oldest_first: Sequence[Record], source: str) -> pl.DataFrame:
    """Activity rows in the order they came in."""
    if not oldest_first:
        return empty(Activity)
    raw = _raw(oldest_first, ACTIVITY_FIELDS)
    index = pl.col("outcome_index")
    typed = raw.select(
        pl.col("wallet", "type"),
        pl.lit(source).alias("source"),
        pl.lit(Venue.POLYMARKET.value).alias("venue"),
        *(pl.col(name).fill_null("") for name in ("market_id", "token_id", "outcome", "side", "tx_hash")),
        pl.when(index != UNKNOWN_OUTCOME).then(index).alias("outcome_index"),
        pl.when(pl.col("type") == "TRADE").then(pl.col("price")).alias("price"),
        pl.col("shares"),
        pl.col("usdc_size").alias("usd"),
        pl.col("traded_at").alias("happened_at"),
        *notes_in(raw),
    )
    keys = list(zip(*(raw[name].to_list() for name in ("tx_hash", "wallet", "type", "market_id", "token_id", "shares")), strict=True))
    counted = ordinals(keys)
    ids = [row_id(source, *key, ordinal) for key, ordinal in zip(keys, counted, strict=True)]
    numbered = typed.with_columns(pl.Series("ordinal", counted), pl.Series("activity_id", ids))
    schema = schema_of(Activity)
    return fitting(_as_trades(raw, numbered, source), schema)


def _as_trades(raw: pl.DataFrame, numbered: pl.DataFrame, source: str) -> pl.DataFrame:
    """Trades have the ids and ordinals that the feed of all wallets gives them."""
    place = pl.int_range(pl.len()).alias("place")
    told = raw.with_columns(place).filter(pl.col("type") == "TRADE")
    if not told.height:
        return numbered
    own = trade_frame(told, source).select(pl.col("trade_id").alias("activity_id"), "ordinal")
    return numbered.with_columns(place).update(own.with_columns(told["place"]), on="place").drop("place")


def _raw(records: Sequence[Record], fields: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Typed, not guessed: one price that is a text would make texts of all prices."""
    columns = {name: _column(records, name) for name in fields}
    read = frame_of_columns(columns, fields)
    seconds = pl.when(pl.col("timestamp").is_between(0, CENTURY)).then(pl.col("timestamp"))
    return with_notes(read.with_columns(seconds.alias("timestamp")), columns).with_columns(
        pl.col("proxy_wallet").str.strip_chars().str.to_lowercase().alias("wallet"),
        pl.col("condition_id").str.strip_chars().str.to_lowercase().alias("market_id"),
        pl.col("size").alias("shares"),
        (pl.col("price") * pl.col("size")).round(6).alias("notional"),
        pl.from_epoch("timestamp", "s").dt.replace_time_zone("UTC").alias("traded_at"),
        pl.col("transaction_hash").alias("tx_hash"),
    )


def _column(records: Iterable[Record], name: str) -> list[Any]:
    values = [record.get(name) for record in records]
    if name in FORMER and any(value is None for value in values):
        return [value_of(record, name) for record in records]
    return values
