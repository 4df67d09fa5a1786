"""Collects candidates: from the venue's boards, the holders of liquid markets, loaded positions, and the trades themselves."""

import logging
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_feed, open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Candidate, FoundIn, ReportedPosition, WalletLabel
from domain.discovery import wallet_discovery as discovery
from tasks.copying.venues import HOME
from tasks.steps import step

PERIODS = ("week", "month", "all")
BOARD_ROWS = 200
MOST_LIQUID = 30
LIQUID_OVER = timedelta(days=1)
log = logging.getLogger("walletflow.discovering")


@step
def find_on_leaderboards(settings: Settings) -> pl.DataFrame:
    """FOUND rows of the boards of realized PnL, over all categories."""
    feed = open_feed(settings)
    boards = [feed.leaderboard(period, BOARD_ROWS).with_columns(pl.lit(period).alias("period")) for period in PERIODS]
    detail = pl.format("rank {} of {}, PnL {} USD", "rank", "period", pl.col("pnl").round(0).cast(pl.Int64)).alias("detail")
    return pl.concat(boards).select("wallet", pl.lit(FoundIn.LEADERBOARD.value).alias("found_in"), detail)


@step
def find_holders(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """FOUND rows of the largest holders of the markets that were traded most in the last day."""
    history = open_history(settings)
    liquid = discovery.liquid_markets(history.trades(as_of - LIQUID_OVER, as_of).filter(pl.col("venue") == HOME), MOST_LIQUID)
    held = open_feed(settings).holders(liquid, as_of)
    questions = history.markets(held["token_id"].unique().to_list()).select("token_id", "outcome", "question")
    return discovery.holders(held, questions)


@step
def find_loaded(settings: Settings) -> pl.DataFrame:
    """FOUND rows of the wallets whose positions somebody loaded."""
    return discovery.loaded(open_history(settings).of_wallets(ReportedPosition))


@step
def find_traders(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """FOUND rows of the wallets in all trades we saw."""
    return discovery.often(open_history(settings).traders(as_of))


@step
def name_candidates(found: list[pl.DataFrame], settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Candidate rows that are new or not seen for a day, unchecked."""
    every = pl.concat([frame.cast(dict(discovery.FOUND.items())) for frame in found])
    labels = open_history(settings).of_wallets(WalletLabel)
    return discovery.candidates(every, open_results(settings).read(Candidate), as_of, labels)


@step
def keep_candidates(candidates: pl.DataFrame, settings: Settings) -> None:
    """Into Postgres."""
    open_results(settings).write([Write(Candidate, candidates, "put")])
    log.info("%d candidates new or seen again, %d of them are the venue's own", candidates.height, candidates["excluded"].count())
