"""What the feed of all wallets missed, wallet by wallet: the venue's own account of each followed wallet against what we stored."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from adapters.batches import batches
from adapters.connect import feed_of, open_history, open_results
from adapters.settings import Settings
from data_contracts import Activity, Leader, Venue
from data_contracts.frames import empty
from domain.wallet_addresses import venue_of
from tasks.copying.arrivals import keep_new
from tasks.copying.venues import ask_each
from tasks.operating.artifacts import show_table
from tasks.profiling.activities import trades_told
from tasks.steps import step

WALLETS_AT_ONCE = 200  # in memory; the venue is asked for eight at a time
log = logging.getLogger("walletflow.reconciling")


@dataclass(frozen=True, slots=True)
class Account:
    """Activity rows of the followed wallets, and those of their trades that are not in store. Both unchecked."""

    wallets: int
    activities: pl.DataFrame
    missing: pl.DataFrame


@step
def read_accounts(settings: Settings, as_of: datetime, days: float) -> Account:
    """Of every wallet that is followed, over the last `days` days."""
    wallets = open_results(settings).read(Leader, only=["wallet"], dropped_at=None)["wallet"].unique().sort().to_list()
    after = as_of - timedelta(days=days)
    questions = {venue: partial(_told, venue, wallets, after, settings, as_of) for venue in {venue_of(wallet) for wallet in wallets}}
    told = [frame for frames in ask_each(questions, settings, as_of).values() for frame in frames]
    activities = pl.concat(told, how="diagonal") if told else empty(Activity)
    known = open_history(settings).trades(after, as_of, wallets).select("trade_id")
    missing = trades_told(activities).join(known, on="trade_id", how="anti", maintain_order="left")
    log.info("%d wallets did %d things; %d trades were missing", len(wallets), activities.height, missing.height)
    return Account(len(wallets), activities, missing)


def _told(venue: Venue, wallets: Sequence[str], after: datetime, settings: Settings, as_of: datetime) -> list[pl.DataFrame]:
    """What a venue says of its own wallets."""
    own = [wallet for wallet in wallets if venue_of(wallet) is venue]
    return [feed_of(venue, settings).activities(part, after, as_of) for part in batches(own, WALLETS_AT_ONCE)]


@step
def keep_accounts(activities: pl.DataFrame, missing: pl.DataFrame, settings: Settings, as_of: datetime) -> None:
    """Into ClickHouse. A trade that a cycle stored meanwhile keeps its arrival; the others arrive now, and the next cycle judges them."""
    open_history(settings).append(activities, Activity)
    keep_new(missing, settings, as_of)


@step
def report_accounts(account: Account, kept: pl.DataFrame) -> None:
    """How much of each kind there was, words that are new to us included, and what the feed had missed."""
    counts = account.activities["type"].value_counts(sort=True).rename({"count": "rows"}).with_columns(pl.col("type").fill_null("?"))
    rows = [*counts.to_dicts(), {"type": "trades the feed had missed", "rows": kept.height}]
    show_table(rows, "accounts", f"{account.wallets} wallets, {kept.height} trades the feed had missed", "Wallets")
