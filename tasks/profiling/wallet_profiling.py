"""Closed positions and profiles of wallets from their trades: only what changed is read, a part at a time, however long the history is."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from adapters.connect import feed_of, open_feed, open_history
from adapters.settings import Settings
from adapters.stores.history import History, Part
from data_contracts import ClosedPosition, Instrument, PolymarketMarket, Venue, WalletProfile, contract_of
from domain.profiling import records
from domain.profiling import wallet_profiling as profiling
from domain.profiling.patience import OF_PROFILES, Patience, due
from domain.solana.base58 import is_key
from tasks.copying.venues import venues_in_use
from tasks.profiling.looks import Look, look, remember, sum_up
from tasks.steps import step

WALLETS_A_PART = 20_000
TRADES_A_PART = 1_000_000  # and those they met, slim: a gigabyte is an estimate. Each part is a scan of the engine over all transactions
TRADED = ("wallet", "traded_at", "token_id", "market_id", "side", "shares", "notional", "tx_hash")
GRADE = ("grade", "bets", "bets_needed")  # of WalletSkill, what a profile shows
log = logging.getLogger("walletflow.profiling")


@step
def look_at_positions(settings: Settings, as_of: datetime, anew: bool = False) -> Look:
    """Which positions to close again. `anew`: all of them, and the next look will not begin where this one ended."""
    return look("positions", settings, as_of, anew)


@step
def refresh_instruments(settings: Settings, as_of: datetime) -> dict[type, pl.DataFrame]:
    """By row class, what the venue says now of instruments that were missing or open, as far as it is not what it said, unchecked."""
    sum_up(settings, as_of)
    history = open_history(settings)
    found = _told(history.unended_tokens()["token_id"], settings, as_of)
    known = {Instrument: history.instruments(), PolymarketMarket: history.polymarket_markets()}
    return {row_class: _changed(frame, known[row_class]) if row_class in known else frame for row_class, frame in found.items()}


def _told(token_ids: pl.Series, settings: Settings, as_of: datetime) -> dict[type, pl.DataFrame]:
    """What each venue says of its own tokens. A mint is no outcome of a market and has no end: it is asked about once, on Solana."""
    mints = [token_id for token_id in token_ids if is_key(token_id)]
    told = open_feed(settings).instruments(sorted(set(token_ids) - set(mints)), as_of)
    unknown = sorted(set(mints) - set(open_history(settings).instruments(mints)["token_id"])) if mints else []
    if not unknown or Venue.SOLANA not in venues_in_use(settings):
        return told
    coins = feed_of(Venue.SOLANA, settings).instruments(unknown, as_of)
    return {row_class: pl.concat([frames[row_class] for frames in (told, coins) if row_class in frames]) for row_class in {**told, **coins}}


def _changed(found: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """A row that says what it said would make all positions in it look new."""
    said = [name for name in known.columns if name != "updated_at"]
    return found.join(known, on=said, how="anti", nulls_equal=True, maintain_order="left")


@step
def keep_instruments(rows: Mapping[type, pl.DataFrame], settings: Settings) -> None:
    """Into ClickHouse."""
    for row_class, frame in rows.items():
        open_history(settings).append(frame, row_class)


@step
def close_positions(settings: Settings, found: Look, part: Part) -> pl.DataFrame:
    """ClosedPosition rows of a part of the wallets, as far as something of them changed, unchecked."""
    history = open_history(settings)
    totals = history.touched_totals(found.since, part)
    activities = history.touched_activities(found.since, part)
    outcomes = history.outcomes(activities["market_id"].unique().to_list())
    return profiling.closed_of_totals(totals, found.markets, found.since.until, activities, outcomes)


@step
def keep_positions(closed: pl.DataFrame, settings: Settings, found: Look, part: Part) -> None:
    """Into ClickHouse. What was over and is not any more, because its wallet bought again, is taken away."""
    history = open_history(settings)
    before = history.touched_keys(ClosedPosition, found.since, part)
    gone = before.join(closed, on=["wallet", "token_id"], how="anti")
    history.remove(gone, ClosedPosition)
    history.append(closed, ClosedPosition)
    log.info("%d closed positions, %d open again", closed.height, gone.height)


@step
def end_look(found: Look, settings: Settings) -> None:
    """All parts are kept: the next look goes on from here."""
    if found.mark_at is not None:
        remember(found.step, found.mark_at, found.counted_at, found.since.until, open_history(settings))


@step
def due_wallets(settings: Settings, as_of: datetime, patience: Patience = OF_PROFILES) -> list[list[str]]:
    """The wallets to profile, in parts of about as many rows."""
    history = open_history(settings)
    wallets = due(history.activity_of_wallets(as_of), history.profiled_wallets(), as_of, patience)
    part = pl.col("rows").cum_sum() // TRADES_A_PART + pl.int_range(pl.len()) // WALLETS_A_PART
    parts = wallets.with_columns(part.alias("part")).group_by("part", maintain_order=True).agg("wallet")["wallet"].to_list()
    log.info("%d wallets are due, in %d parts", wallets.height, len(parts))
    return parts


@step
def profile_wallets(wallets: Sequence[str], settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Their WalletProfile rows, unchecked. All trades of a transaction tell who was its maker, so those of others are read as well."""
    history = open_history(settings)
    trades = history.matched_trades(wallets, as_of, TRADED)
    closed = history.closed_positions(wallets, only=records.NEEDED)
    return profiling.profiles(trades, history.markets(), closed, as_of, wallets)


@step
def keep_profiles(profiles: pl.DataFrame, wallets: Sequence[str], settings: Settings) -> None:
    """Into ClickHouse. A category or window a wallet has no row in any more is taken away."""
    history = open_history(settings)
    _remove_left(history, profiles, wallets)
    history.append(profiles, WalletProfile)
    log.info("%d wallets profiled", profiles["wallet"].n_unique())


def _remove_left(history: History, profiles: pl.DataFrame, wallets: Sequence[str]) -> None:
    before = history.profile_keys(wallets)
    history.remove(before.join(profiles, on=contract_of(WalletProfile).key, how="anti"), WalletProfile)


@step
def read_profiles(settings: Settings, only: Sequence[str]) -> pl.DataFrame:
    """All lifetime profiles, in these columns, with the wallet's grade: null where it made no bet whose end is known."""
    history = open_history(settings)
    return history.profiles(only=only).join(history.skills().select("wallet", *GRADE), on="wallet", how="left", maintain_order="left")


@step
def read_positions(settings: Settings) -> pl.DataFrame:
    """All ClosedPosition rows."""
    return open_history(settings).closed_positions()
