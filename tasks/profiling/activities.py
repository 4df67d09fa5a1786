"""What wallets did besides trading, asked for where trades alone cannot explain what they sold. The venue tells it wallet by wallet.

On a chain that is the whole of a wallet's history, transaction by transaction: there it is read where an exit needs it alone.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_feed, open_history, open_results
from adapters.feeds.polymarket import trade_rows
from adapters.settings import Settings
from data_contracts import Activity, Candidate, FoundIn
from data_contracts.frames import frame_of
from domain.wallet_addresses import venue_of
from tasks.copying.arrivals import keep_new
from tasks.copying.venues import HOME
from tasks.copying.watermarks import ACTIVITY_OF, OVERLAP, move_watermark, read_by_wallet
from tasks.profiling.looks import BEGINNING
from tasks.steps import step

WALLETS_A_RUN = 200  # each is a walk of its own; the rest has its turn in the next runs
ASK_AGAIN = timedelta(days=1)
log = logging.getLogger("walletflow.activities")


@step
def learn_activities(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Activity rows of the wallets with the most proceeds nobody saw them buy, unchecked. A wallet is asked about once a day."""
    asked = read_by_wallet(open_results(settings), ACTIVITY_OF)
    largest = [wallet for wallet in open_history(settings).unexplained()["wallet"].to_list() if venue_of(wallet) is HOME]
    due = [wallet for wallet in largest if asked.get(wallet, BEGINNING) <= as_of - ASK_AGAIN][:WALLETS_A_RUN]
    feed, known = open_feed(settings), [wallet for wallet in due if wallet in asked]
    first = feed.activities([wallet for wallet in due if wallet not in asked], BEGINNING, as_of)
    frames = [first, *(feed.activities([wallet], asked[wallet] - OVERLAP, as_of) for wallet in known)]
    log.info("%d wallets sold what nobody saw them buy; asked about %d", len(largest), len(due))
    return pl.concat([frame_of([], Activity), *frames], how="diagonal")


@step
def ask_candidates(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Activity rows of candidates that were found elsewhere than in the trades and not asked about yet, unchecked."""
    asked = read_by_wallet(open_results(settings), ACTIVITY_OF)
    found = open_results(settings).read(Candidate, only=["wallet", "found_in", "excluded"])
    elsewhere = found.filter(pl.col("excluded").is_null() & (pl.col("found_in") != FoundIn.TRADES))["wallet"].unique().sort().to_list()
    due = [wallet for wallet in elsewhere if wallet not in asked and venue_of(wallet) is HOME][:WALLETS_A_RUN]
    log.info("%d candidates were found elsewhere than in the trades; asked about %d for the first time", len(elsewhere), len(due))
    return open_feed(settings).activities(due, BEGINNING, as_of)


@step
def ask_about(wallet: str, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Activity rows of one wallet since it was asked about last, or from its beginning, unchecked. None of one on a chain."""
    if venue_of(wallet) is not HOME:
        return frame_of([], Activity)
    asked = read_by_wallet(open_results(settings), ACTIVITY_OF)
    return open_feed(settings).activities([wallet], asked[wallet] - OVERLAP if wallet in asked else BEGINNING, as_of)


@step
def trades_in(activities: pl.DataFrame) -> pl.DataFrame:
    """The trades among them as Trade rows, as a step of its own."""
    return trades_told(activities)


def trades_told(activities: pl.DataFrame) -> pl.DataFrame:
    """The trades among them as Trade rows: with the ids the feed of all wallets gives them, so that none is there twice.

    Of a chain each trade comes by its walk, to the lamport; an account of what wallets did there tells what came and went besides.
    """
    return trade_rows.trades_in(activities.filter(pl.col("venue") == HOME))


@step
def keep_activities(activities: pl.DataFrame, trades: pl.DataFrame, settings: Settings, as_of: datetime) -> None:
    """Into ClickHouse first; then how far each wallet is known."""
    keep_new(trades, settings, as_of)
    open_history(settings).append(activities, Activity)
    open_results(settings).write([move_watermark(ACTIVITY_OF + wallet, as_of) for wallet in _wallets(activities)])


def _wallets(activities: pl.DataFrame) -> Collection[str]:
    return activities["wallet"].unique().sort().to_list()
