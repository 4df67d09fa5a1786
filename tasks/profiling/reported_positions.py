"""Makes a record of the wallets whose positions somebody reported to us, beside the profiles of those whose trades we have."""

import logging
from datetime import datetime

import polars as pl

from adapters.connect import open_history
from adapters.settings import Settings
from data_contracts import ReportedPosition, ReportedProfile
from domain.profiling.reported_positions import reported_profiles
from tasks.operating.artifacts import show_table
from tasks.steps import step

MOST_SHOWN = 100
log = logging.getLogger("walletflow.reported")


@step
def profile_reported(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """ReportedProfile rows of all reported wallets, unchecked."""
    history = open_history(settings)
    positions = history.of_wallets(ReportedPosition)
    markets = history.instruments(positions["token_id"].unique().to_list())
    over = markets.filter(pl.col("payout").is_not_null() & (pl.col("ended_at") <= as_of)).select("token_id", "payout")
    return reported_profiles(positions, over, as_of)


@step
def keep_reported(profiles: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse, and the largest as a table under the run."""
    open_history(settings).append(profiles, ReportedProfile)
    log.info("%d wallets were reported by %d sources", profiles["wallet"].n_unique(), profiles["source"].n_unique())
    shown = profiles.sort("invested", "wallet", descending=[True, False]).head(MOST_SHOWN).drop("as_of")
    show_table(shown.to_dicts(), "reported-wallets", "From positions somebody reported: no trades, so no grade", "Wallets")
