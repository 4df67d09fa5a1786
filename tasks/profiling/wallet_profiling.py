"""From all we saw wallets do to what came of it, wallet by wallet."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from adapters.connect import open_feed, open_history
from adapters.settings import Settings
from data_contracts import ClosedPosition, WalletProfile
from domain.profiling import wallet_profiling as profiling
from tasks.steps import step

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
log = logging.getLogger("walletflow.profiling")


@step
def refresh_instruments(settings: Settings, as_of: datetime) -> dict[type, pl.DataFrame]:
    """By row class, the rows of instruments that were missing or still open, as the venue has them now, unchecked."""
    history = open_history(settings)
    known = history.instruments()
    open_or_missing = history.traded_tokens(as_of).join(known.filter(pl.col("payout").is_not_null()), on="token_id", how="anti")
    return open_feed(settings).instruments(open_or_missing["token_id"].to_list(), as_of)


@step
def keep_instruments(rows: Mapping[type, pl.DataFrame], settings: Settings) -> None:
    """Into ClickHouse."""
    for row_class, frame in rows.items():
        open_history(settings).append(frame, row_class)


@step
def close_positions(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """ClosedPosition rows of all wallets, unchecked."""
    history = open_history(settings)
    activities = history.activities(BEGINNING, as_of)
    return profiling.closed_positions(history.trades(BEGINNING, as_of), history.markets(), as_of, activities)


@step
def profile_wallets(closed: pl.DataFrame, settings: Settings, as_of: datetime) -> pl.DataFrame:
    """WalletProfile rows of all wallets, unchecked."""
    history = open_history(settings)
    return profiling.profiles(history.trades(BEGINNING, as_of), history.markets(), closed, as_of)


@step
def keep_profiles(closed: pl.DataFrame, profiles: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse, replacing what was known of the same wallets."""
    history = open_history(settings)
    history.append(closed, ClosedPosition)
    history.append(profiles, WalletProfile)
    log.info("%d closed positions, %d wallets profiled", closed.height, profiles["wallet"].n_unique())
