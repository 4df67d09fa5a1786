"""Grades wallets on Solana by what the other buyers of the same minutes got, and says how they trade and what a copy would have brought."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history
from adapters.settings import Settings
from adapters.stores.history import History
from data_contracts import MemecoinProfile, PeerBet, Venue, WalletSkill, contract_of
from domain.profiling.memecoins import memecoin_profiles
from domain.profiling.peer_grading import NOBODY, PeerGrades, grade_purchases
from tasks.clustering.known_owners import known_owners
from tasks.steps import step

LOOK_BACK = timedelta(days=90)
NEEDED = ("wallet", "token_id", "side", "price", "shares", "notional", "traded_at", "sequence", "pool")
log = logging.getLogger("walletflow.memecoins")


@dataclass(frozen=True, slots=True)
class Purchases:
    """What first purchases of coins come to, unchecked: grades, and MemecoinProfile rows."""

    grades: PeerGrades
    profiles: pl.DataFrame


@step
def tell_purchases(settings: Settings, as_of: datetime) -> Purchases:
    """Of all coins that were traded in the last ninety days, by everybody of whom a trade is on record."""
    history = open_history(settings)
    trades = history.venue_trades(Venue.SOLANA, as_of - LOOK_BACK, as_of, NEEDED)
    if not trades.height:
        return Purchases(NOBODY, memecoin_profiles(trades, history.tokens([]).select("token_id", "launched_at"), as_of))
    launches = history.tokens(trades["token_id"].unique().to_list()).select("token_id", "launched_at")
    return Purchases(grade_purchases(trades, as_of, owners=known_owners(settings)), memecoin_profiles(trades, launches, as_of))


@step
def keep_purchases(bets: pl.DataFrame, skills: pl.DataFrame, profiles: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse. What is no row any more is taken away."""
    history = open_history(settings)
    for row_class, frame in ((PeerBet, bets), (MemecoinProfile, profiles)):
        _replace(history, row_class, frame)
    history.append(skills, WalletSkill)
    log.info("%d first purchases of coins, %d wallets graded, %d of them surely skilled", bets.height, skills.height, _sure(skills))


def _replace(history: History, row_class: type, frame: pl.DataFrame) -> None:
    key = list(contract_of(row_class).key)
    before = history.of_wallets(row_class).select(key)
    history.remove(before.join(frame, on=key, how="anti"), row_class)
    history.append(frame, row_class)


def _sure(skills: pl.DataFrame) -> int:
    return int((skills["grade"] == "A").sum())
