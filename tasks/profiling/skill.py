"""What every wallet knows, from all its bets."""

import logging
from datetime import datetime

import polars as pl

from adapters.connect import open_history
from adapters.settings import Settings
from data_contracts import Bet, WalletSkill
from domain.profiling.bets import bets_of
from domain.profiling.grading import graded
from tasks.profiling.wallet_profiling import BEGINNING
from tasks.steps import step

log = logging.getLogger("walletflow.skill")


@step
def tell_skill(settings: Settings, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bet rows and WalletSkill rows of all wallets, unchecked."""
    history = open_history(settings)
    return graded(bets_of(history.trades(BEGINNING, as_of), history.markets(), as_of), as_of)


@step
def keep_skill(bets: pl.DataFrame, skills: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse, replacing what was known of the same wallets."""
    history = open_history(settings)
    history.append(bets, Bet)
    history.append(skills, WalletSkill)
    log.info("%d bets, %d wallets graded, %d of them surely skilled", bets.height, skills.height, (skills["grade"] == "A").sum())
