"""Which wallets can be copied at a profit, and which are traps: rated from our own trades, kept in Postgres."""

import logging
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Copyability, Leader, Strategy, TrapFlag
from domain.copying.policy import FollowPolicy, Policy
from domain.profiling import copied_trades, copyability, traps
from domain.profiling.wallet_profiling import ALL_CATEGORIES
from tasks.copying.sound_rows import readable_rows
from tasks.profiling.spread_fits import known_spreads
from tasks.steps import step

MOST_WALLETS = 2000  # with 15 cells each, what a person and a policy may still ask for
FEWEST_CLOSED = 10
DAYS = 180
log = logging.getLogger("walletflow.copyability")


@step
def rate_copyability(settings: Settings, as_of: datetime, days: int = DAYS) -> pl.DataFrame:
    """Copyability rows of the wallets worth a look, unchecked, from the trades of the last `days` days."""
    trades, markets = _read_trades(settings, as_of, days)
    if not trades.height:
        return copyability.no_rating()
    frictions = copied_trades.Frictions(spreads=known_spreads(settings))
    copied = copied_trades.copies(trades, markets, frictions=frictions, wallets=worth_a_look(settings))
    return copyability.rate_copies(copied, as_of)


@step
def find_traps(settings: Settings, as_of: datetime, days: int = DAYS) -> pl.DataFrame:
    """TrapFlag rows of the same wallets, unchecked."""
    trades, markets = _read_trades(settings, as_of, days)
    return traps.flags(trades, markets, as_of, worth_a_look(settings))


@step
def keep_ratings(rated: pl.DataFrame, settings: Settings) -> None:
    """Into Postgres, replacing what was thought of the same wallets."""
    open_results(settings).write([Write(Copyability, rated, "put")])
    log.info("%d wallets rated", rated["wallet"].n_unique())


@step
def keep_flags(flags: pl.DataFrame, settings: Settings) -> None:
    """Trap flags into Postgres, replacing those of the same wallets."""
    open_results(settings).write([Write(TrapFlag, flags, "put")])
    log.info("%d wallets looked at, %d flags", flags["wallet"].n_unique(), flags.filter("flagged").height)


def worth_a_look(settings: Settings) -> pl.Series:
    """Wallets that gained over at least ten closed positions, the most profitable first, and all who are followed."""
    profiles = open_history(settings).profiles()
    good = profiles.filter(
        (pl.col("category") == ALL_CATEGORIES) & (pl.col("closed_positions") >= FEWEST_CLOSED) & (pl.col("realized_pnl") > 0)
    ).sort("realized_pnl", "wallet", descending=[True, False])
    followed = open_results(settings).read(Leader, only=["wallet"], dropped_at=None)["wallet"]
    return pl.concat([followed, good["wallet"].head(MOST_WALLETS)]).unique()


def rating_is_asked_for(settings: Settings) -> bool:
    """Whether any strategy chooses its leaders by what copying them brings: then no choice may be older than its rating."""
    return any(follow.min_copy_return is not None for follow in _follows(settings))


def traps_are_asked_for(settings: Settings) -> bool:
    """Whether any strategy leaves flagged wallets out."""
    return any(follow.without_traps for follow in _follows(settings))


def _follows(settings: Settings) -> list[FollowPolicy]:
    """How the enabled strategies choose."""
    return [Policy.of_record(row.policy).follow for row in readable_rows(open_results(settings), Strategy) if row.enabled]


def _read_trades(settings: Settings, as_of: datetime, days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Trades and markets as they were known at `as_of`."""
    history = open_history(settings)
    return history.trades(as_of - timedelta(days=days), as_of), copied_trades.markets_known(history.markets(), as_of)
