"""Stamps trades with when they arrived (`seen_at`): judging goes by that, so what is stored late, by whomever, is judged when it comes."""

from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Trade
from data_contracts.frames import with_instant
from tasks.copying.watermarks import SIGNALS, read_watermark

MOMENT = timedelta(microseconds=1)
MOST_WALLETS = 2_000  # named in a question; more are asked for by time alone


def arrived(trades: pl.DataFrame, results: Results, as_of: datetime) -> pl.DataFrame:
    """The same trades, seen now: at `as_of`, or at the last cycle's instant where their reading took longer than a cycle.

    What was seen before the instant up to which all is judged would never be.
    """
    judged_until = read_watermark(results, SIGNALS)
    seen_at = as_of if judged_until is None else max(as_of, judged_until)
    return with_instant(trades, "seen_at", seen_at)


def keep_new(trades: pl.DataFrame, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Stores those that are not in store, and returns them: a trade keeps the arrival of whoever brought it first."""
    return keep_history(arrived(trades, open_results(settings), as_of), settings)


def keep_history(trades: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Stores new trades from before this installation began: each counts as seen when it happened, for nobody missed it."""
    new = trades.join(_read_known(trades, settings), on="trade_id", how="anti", maintain_order="left")
    open_history(settings).append(new, Trade)
    return new


def _read_known(trades: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    first, last = trades["traded_at"].min(), trades["traded_at"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return trades.select("trade_id").clear()
    wallets = trades["wallet"].unique().to_list()
    among = wallets if len(wallets) <= MOST_WALLETS else None
    return open_history(settings).trades(first - MOMENT, last, among, only=["trade_id"])
