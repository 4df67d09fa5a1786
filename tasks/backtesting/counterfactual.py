"""Signals we gave, followed to their end: what the skipped ones would have earned, beside the copied ones."""

import logging
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import books_on_record, open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Counterfactual, CounterfactualEnd, Side, Signal, Venue
from data_contracts.frames import empty
from domain.backtesting import counterfactual
from domain.copying.policy import Policy
from domain.profiling.copied_trades import Frictions
from tasks.copying.instruments import instruments_of
from tasks.copying.sound_rows import all_strategies
from tasks.profiling.spread_fits import known_spreads
from tasks.steps import step

BEFORE = timedelta(days=30)  # a leader's sale is a part of what it held: its earlier buys must be seen
COLUMNS = ["trade_id", "wallet", "market_id", "token_id", "side", "price", "shares", "notional", "traded_at"]
log = logging.getLogger("walletflow.counterfactual")


@step
def follow_signals(settings: Settings, as_of: datetime, days: int) -> pl.DataFrame:
    """Counterfactual rows, unchecked, of all entry signals of the last `days` days whose end was not known yet."""
    results = open_results(settings)
    signals = _unended(results, as_of, days)
    if not signals.height:
        return empty(Counterfactual)
    history = open_history(settings)
    first = signals["traded_at"].min()
    assert isinstance(first, datetime)  # noqa: S101 (there are signals)
    token_ids = signals["token_id"].unique().to_list()
    trades = history.token_trades(token_ids, first - BEFORE, as_of, COLUMNS)
    tokens = {token_id: Venue(venue) for token_id, venue in signals.select("token_id", "venue").iter_rows()}
    instruments_of(tokens, settings, as_of)  # asked for again where they are old or missing
    markets = history.markets(token_ids)
    frictions, books = Frictions(spreads=known_spreads(settings)), books_on_record(settings)
    rows = counterfactual.followed(signals, trades, markets, _slippages(results), as_of, frictions, books)
    log.info("%d signals followed, %d of them to their end", rows.height, rows.filter(pl.col("ended_at").is_not_null()).height)
    return rows


@step
def keep_counterfactuals(rows: pl.DataFrame, settings: Settings) -> None:
    """Into Postgres; an open row is replaced when its end is known."""
    open_results(settings).write([Write(Counterfactual, rows, "put")])


@step
def summarize_counterfactuals(settings: Settings, as_of: datetime, days: int) -> pl.DataFrame:
    """What the signals of the last `days` days would have earned, summed up by strategy, verdict and reason."""
    return counterfactual.summarize_by_reason(open_results(settings).since(Counterfactual, "judged_at", as_of - timedelta(days=days)))


def _unended(results: Results, as_of: datetime, days: int) -> pl.DataFrame:
    start = as_of - timedelta(days=days)
    ended = results.since(Counterfactual, "judged_at", start, only=["signal_id", "end"])
    over = ended.filter(pl.col("end") != CounterfactualEnd.OPEN.value).select("signal_id")
    signals = results.since(Signal, "judged_at", start)
    return signals.filter((pl.col("side") == Side.BUY) & (pl.col("judged_at") <= as_of)).join(over, on="signal_id", how="anti")


def _slippages(results: Results) -> dict[str, float]:
    strategies = all_strategies(results)[0]
    return {row.strategy_id: float(Policy.of_record(row.policy).ordering.max_slippage) for row in strategies}
