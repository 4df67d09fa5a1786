"""The Parquet files of a recording as rows of ours: trades, markets with what they paid, and the levels of books.

Files may use our words or those of the recordings we know; how times, numbers and winners may be written: `recorded_values.py` and
`recorded_winners.py`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

from adapters.feeds.parquet_files import read_columns, read_parquet
from adapters.feeds.polymarket.trade_rows import trade_frame
from adapters.feeds.recorded_values import required, with_id, with_number, with_text, with_time, with_words
from adapters.feeds.recorded_winners import RefusedMarket, payouts
from data_contracts import Trade
from data_contracts.errors import Refused
from data_contracts.frames import fitted, schema_of
from domain.polymarket.exchanges import RECORDED
from domain.polymarket.markets import with_terms

RENAMED = {"ts": "traded_at", "condition_id": "market_id", "asset_id": "token_id", "size": "shares", "usd": "notional"}
RENAMED_MARKET = {
    "condition_id": "market_id",
    "end_date": "ends_at",
    "resolved_at": "ended_at",
    "closed_time": "ended_at",
    "event_slug": "event",
}
TICK = Decimal("0.0001")
TRADE_TEXTS = ("wallet", "market_id", "token_id", "outcome", "side", "tx_hash")
WORDS = {"outcome", "side", "question"}  # texts that name nothing: a team may be called None
NEEDED_OF_TRADES = {
    "wallet": "who traded",
    "market_id": "which market",
    "outcome": "the outcome's name",
    "side": "BUY or SELL",
    "price": "USD a share",
    "shares": "how many",
    "traded_at": "when",
}
NEEDED_OF_MARKETS = {"market_id": "which market", "winner": "the outcome that won, empty where none has"}
NEEDED_OF_BOOKS = {"token_id": "which token", "side": "BUY or SELL", "price": "USD a share", "shares": "how many", "as_of": "since when"}
ADDRESS = r"^0x[0-9a-f]{40}$"


# What takers pay today, by category; a recording does not say what they paid then. Source: https://docs.polymarket.com/trading/fees
OFFICIAL_RATES = {"crypto": 0.07, "sports": 0.05, "finance": 0.04, "politics": 0.04, "tech": 0.04, "mentions": 0.04, "geopolitics": 0.0}
OTHER_RATE = 0.05


def check_columns(directory: Path) -> None:
    """Raises Refused, in one line, for a file or a column that is missing: before a row is read."""
    insist_on_files(directory)
    files = {"trades": (RENAMED, NEEDED_OF_TRADES), "markets": (RENAMED_MARKET, NEEDED_OF_MARKETS), "books": ({}, NEEDED_OF_BOOKS)}
    for name, (renamed, needed) in files.items():
        path = directory / f"{name}.parquet"
        if path.is_file():
            required(_renamed(read_columns(path), renamed), needed, path.name)


def insist_on_files(directory: Path) -> None:
    """Raises Refused where it has no trades or no markets."""
    for name in ("trades", "markets"):
        if not (directory / f"{name}.parquet").is_file():
            raise Refused(f"{directory} is no recording: it has no {name}.parquet")


def read_trades(directory: Path, source: str) -> pl.DataFrame:
    """Every Trade row, in time order; equal rows keep their place in the file."""
    raw = _read(directory, "trades", RENAMED, NEEDED_OF_TRADES, TRADE_TEXTS, ("price", "shares", "notional"), ("traded_at",))
    raw = raw.with_columns(pl.col("side").str.strip_chars().str.to_uppercase())
    if raw.height and raw["traded_at"].null_count() == raw.height:
        raise Refused("trades.parquet: traded_at, row 1: no row says when it happened: write 2026-11-03T12:00:00Z")
    if "token_id" not in raw.columns or raw["token_id"].null_count() == raw.height:
        raw = raw.with_columns(_token_id())
    raw = raw.with_columns(_said(raw, "tx_hash").fill_null(""), _notional(raw))
    typed = pl.col("wallet").str.strip_chars()
    address = typed.str.to_lowercase()
    named = pl.when(address.str.contains(ADDRESS)).then(address).otherwise(pl.concat_str(pl.lit("name:"), typed))
    return trade_frame(raw.with_columns(named.alias("wallet")), source).sort("traded_at", maintain_order=True)


def read_markets(directory: Path, trades: pl.DataFrame, fee_multiplier: float) -> tuple[pl.DataFrame, list[RefusedMarket]]:
    """One row per outcome token among these trades, as `domain.polymarket.markets` describes it; and the markets that are refused."""
    texts = ("market_id", "question", "category", "event")
    raw = _read(directory, "markets", RENAMED_MARKET, NEEDED_OF_MARKETS, texts, (), ("ends_at", "ended_at"))
    tokens = trades.group_by("market_id", "token_id", maintain_order=True).agg(
        pl.col("outcome").drop_nulls().first(), pl.col("traded_at").max().alias("last_traded_at")
    )
    last = tokens.group_by("market_id").agg(pl.col("last_traded_at").max().alias("market_last_traded_at"))
    markets = _one_row_a_market(raw.drop("token_id", "outcome", strict=False))
    joined = tokens.join(markets, on="market_id", how="inner").join(last, on="market_id")
    paid, refused = payouts(raw, tokens, "markets.parquet")
    known = joined.filter(~pl.col("market_id").is_in([one.market_id for one in refused]))
    return _market_frame(known.join(paid, on="token_id", how="left"), fee_multiplier), refused


def read_levels(directory: Path) -> pl.DataFrame | None:
    """Every level of the recorded books, best first within a snapshot; None when the recording has no books."""
    if not (directory / "books.parquet").is_file():
        return None
    raw = _read(directory, "books", {}, NEEDED_OF_BOOKS, ("token_id", "side"), ("price", "shares"), ("as_of",))
    levels = raw.select("token_id", _is_bid(), *_exact(raw, "price", "shares"), "as_of")
    best_first = pl.when("is_bid").then(-pl.col("price")).otherwise(pl.col("price"))
    return levels.drop_nulls().sort("token_id", "as_of", best_first, maintain_order=True)


def _read(
    directory: Path,
    name: str,
    renamed: Mapping[str, str],
    needed: Mapping[str, str],
    texts: Sequence[str],
    numbers: Sequence[str],
    times: Sequence[str],
) -> pl.DataFrame:
    """A file with its columns under our names and in our types. Raises Refused, in one line, for what cannot be read with certainty."""
    file = f"{name}.parquet"
    frame = with_words(_renamed(read_parquet(directory / file), renamed))
    required(frame, needed, file)
    ids, words = [name for name in texts if name not in WORDS], [name for name in texts if name in WORDS]
    for columns, read in ((ids, with_id), (words, with_text), (numbers, with_number), (times, with_time)):
        for column in columns:
            frame = read(frame, column, file)
    return frame


def _renamed(raw: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Our names for theirs; of two that mean the same, the first that is there."""
    for theirs, ours in names.items():
        raw = raw if ours in raw.columns else raw.rename({theirs: ours}, strict=False)
    return raw


def _one_row_a_market(raw: pl.DataFrame) -> pl.DataFrame:
    """Many write a row an outcome: of each column the first that says something."""
    return raw.group_by("market_id", maintain_order=True).agg(pl.all().drop_nulls().first())


def _token_id() -> pl.Expr:
    return pl.concat_str(pl.col("market_id"), pl.lit(":"), pl.col("outcome").str.strip_chars()).alias("token_id")


def _said(raw: pl.DataFrame, name: str) -> pl.Expr:
    """A column that may be missing."""
    return pl.col(name) if name in raw.columns else pl.lit(None).alias(name)


def _notional(raw: pl.DataFrame) -> pl.Expr:
    """What the recording says, and of a row of which it says nothing price times shares."""
    product = (pl.col("price").cast(pl.Float64) * pl.col("shares").cast(pl.Float64)).round(6)
    dtype = raw.schema.get("notional", pl.Float64())
    said = pl.col("notional").fill_nan(None) if dtype.is_float() and "notional" in raw.columns else _said(raw, "notional")
    return pl.coalesce(said, product.cast(dtype, strict=False) if dtype.is_decimal() else product).alias("notional")


def _is_bid() -> pl.Expr:
    """Null for any other word: no level."""
    words = {"BUY": True, "BID": True, "SELL": False, "ASK": False}
    return pl.col("side").str.to_uppercase().replace_strict(words, default=None, return_dtype=pl.Boolean).alias("is_bid")


def _exact(raw: pl.DataFrame, *names: str) -> list[pl.Expr]:
    return [fitted(name, raw.schema[name], schema_of(Trade)[name]) for name in names]


def _market_frame(joined: pl.DataFrame, fee_multiplier: float) -> pl.DataFrame:
    columns = joined.columns
    ended = pl.col("ended_at") if "ended_at" in columns else pl.lit(None)
    ends = pl.col("ends_at") if "ends_at" in columns else pl.lit(None)
    is_over = pl.col("payout").is_not_null()
    ended_at = pl.when(is_over).then(pl.coalesce(ended, pl.col("market_last_traded_at")))
    texts = {name: pl.col(name).fill_null("") if name in columns else pl.lit("") for name in ("question", "category", "event")}
    frame = joined.select(
        "token_id",
        "market_id",
        "outcome",
        (pl.col("outcome").rank("dense").over("market_id").cast(pl.Int64) - 1).alias("outcome_index"),
        *[expression.alias(name) for name, expression in texts.items()],
        pl.lit(TICK).alias("price_increment"),
        pl.lit(Decimal(0)).alias("min_shares"),
        (_official_rate(texts["category"]) * fee_multiplier).alias("fee_rate"),
        pl.lit(1).alias("fee_exponent"),
        pl.lit(False).alias("neg_risk"),
        pl.lit(RECORDED).alias("version"),
        ends.alias("ends_at"),
        ended_at.alias("ended_at"),
        "payout",
        pl.coalesce(ended_at, pl.col("market_last_traded_at")).alias("updated_at"),
        (is_over & ended.is_null()).alias("ended_at_is_assumed"),
    )
    return with_terms(frame).sort("token_id")


def _official_rate(category: pl.Expr) -> pl.Expr:
    """By the first word of a category: politics/us-midterms-2022 is politics."""
    return category.str.split("/").list.first().replace_strict(OFFICIAL_RATES, default=OTHER_RATE, return_dtype=pl.Float64)
