"""All money of a look in USD: each stake at the rate that was on record for its own instant, and nothing where there was none."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
from results_formats import sol_amount
from results_reading import Look

from data_contracts import Currency

NOW = "now"
# Frame of a look → the column of the instant its rows are about, and what of them is counted in their strategy's stake.
MONEY = {
    "strategies": (NOW, ["balance"]),
    "risks": (NOW, ["equity", "cash"]),
    "equity": ("as_of", ["equity", "realized_pnl"]),
    "signals": ("judged_at", ["leader_price", "leader_notional", "notional"]),
    "open_positions": (NOW, ["cost", "mark_price", "unrealized_pnl", "realized_pnl", "fees"]),
    "closed_positions": ("closed_at", ["cost", "realized_pnl", "realized_before", "fees"]),
}
# What of a row is shown in its own stake beside it.
OWN = {
    "signals": pl.when(pl.col("notional") > 0).then("notional"),
    "open_positions": pl.col("cost"),
    "closed_positions": pl.col("realized_pnl") - pl.col("realized_before"),
}


def in_usd(found: Look) -> Look:
    """The same look, prices and money in USD. Where all strategies count in it nothing is another."""
    usd = pl.col("strategy_id").replace_strict(found.usd, default=None, return_dtype=pl.Float64)
    leaders = found.leaders.with_columns(usd.alias("usd"))
    if set(found.strategies["stake_currency"]) <= {Currency.USD.value}:
        return replace(found, leaders=leaders)
    own = {name: _with_own(getattr(found, name), OWN.get(name), found) for name in MONEY}
    frames = {name: _priced(own[name], at, columns, found) for name, (at, columns) in MONEY.items()}
    realized = {name: stake * found.usd[name] for name, stake in found.realized.items() if name in found.usd}
    return replace(found, leaders=leaders, realized=realized, **frames)


def _with_own(frame: pl.DataFrame, amount: pl.Expr | None, found: Look) -> pl.DataFrame:
    """With `in_stake`, such as 0.412 SOL; null where a strategy counts in USD."""
    if amount is None:
        return frame
    currencies = dict(found.strategies.select("strategy_id", "stake_currency").iter_rows())
    pairs = frame.select("strategy_id", amount.alias("amount")).iter_rows()
    texts = [_text(value, currencies.get(name, Currency.USD)) for name, value in pairs]
    return frame.with_columns(pl.Series("in_stake", texts, pl.String))


def _text(value: Decimal | None, currency: str) -> str | None:
    return None if value is None or currency == Currency.USD else sol_amount(value, currency)


def _priced(frame: pl.DataFrame, at: str, columns: list[str], found: Look) -> pl.DataFrame:
    """In the order they came."""
    currencies = dict(found.strategies.select("strategy_id", "stake_currency").iter_rows())
    currency = pl.col("strategy_id").replace_strict(currencies, default=None, return_dtype=pl.String)
    instant = pl.lit(found.now) if at == NOW else pl.col(at)
    rows = frame.with_columns(
        pl.int_range(pl.len()).alias("_row"), currency.alias("_in"), instant.cast(found.rates["seen_at"].dtype).alias("_at")
    )
    rates = found.rates.select(
        pl.col("currency").alias("_in"), pl.col("seen_at").alias("_at"), pl.col("usd").cast(pl.Float64).alias("_usd")
    )
    dated = rows.sort("_at").join_asof(rates.sort("_at"), on="_at", by="_in", strategy="backward", check_sortedness=False).sort("_row")
    usd = pl.when(pl.col("_in") == Currency.USD.value).then(1.0).otherwise(pl.col("_usd"))
    return dated.with_columns((pl.col(name).cast(pl.Float64) * usd).alias(name) for name in columns).select(frame.columns)
