"""Walk-forward tests of recordings: at today's fees, with a minimum of closed positions that wallets in each can reach."""

from pathlib import Path

import polars as pl

from adapters.connect import open_recording
from adapters.feeds.recorded_conditions import Conditions
from data_contracts import Trade
from domain.backtesting.walk_forward import Result, Walk, run_walk
from tasks.fast_check import breaches

TODAYS_FEES = Conditions(fee_multiplier=1)
# The usual ten closed positions are too many for either. When the last tenth of the midterms' trades begins, 18 wallets have ten, before
# election night two have; of the insiders' windows no wallet has ten before they end. Three and two leave some to choose among.
WALKS = {
    "pm_midterms_2022": Walk(fewest_closed=3),
    "pm_insider_windows": Walk(fewest_closed=2, top=30, draws_of="wallet"),
}


def walk_recording(directory: Path) -> tuple[Result, Walk]:
    """What came of every way of choosing. Raises Refused when the directory holds no recording."""
    walk = WALKS.get(directory.name, Walk())
    feed = open_recording(directory, TODAYS_FEES)
    bad = {breach.row for breach in breaches(feed.all_trades, Trade)}
    good = feed.all_trades.filter(~pl.int_range(pl.len()).is_in(list(bad)))
    return run_walk(good, feed.all_markets, walk), walk
